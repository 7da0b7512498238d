# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A limit to the time of a whole request, whatever it waits for.

The time-outs of sockets begin anew with each byte, so that a server that drips holds a request for ever. Here a timer
shuts the connection down, which wakes whoever reads from it: in the middle of TLS, of a proxy's CONNECT, of a header.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any


class Deadline:
    """The end of one request. ``passed`` says whether it came before the answer was complete."""

    def __init__(self) -> None:
        self.passed = False


class Deadlines:
    """The connections of one session, one request at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: Deadline | None = None
        # A second descriptor of each connection: TLS takes the first one over, and a response may keep it.
        self._open: list[tuple[Any, socket.socket]] = []

    @contextlib.contextmanager
    def within(self, seconds: float, deadline: Deadline) -> Iterator[None]:
        """Let what is done inside take so many seconds at most; then all connections are shut down."""
        self._now = deadline
        timer = threading.Timer(seconds, self._strike, [deadline])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with self._lock:
                self._now = None
            self._forget(lambda connection: connection.sock is None)

    def watch(self, connection: Any, connected: socket.socket) -> None:
        """Take a new connection of http.client under guard. Raises TimeoutError where the time is up already."""
        with self._lock:
            if self._now is not None and self._now.passed:
                connected.close()
                raise TimeoutError("the time of the request is up")
            self._open.append((connection, connected.dup()))

    def close(self) -> None:
        """Let go of all connections."""
        self._forget(lambda connection: True)

    def _strike(self, deadline: Deadline) -> None:
        with self._lock:
            if self._now is not deadline:
                return
            deadline.passed = True
            for _connection, guard in self._open:
                with contextlib.suppress(OSError):
                    guard.shutdown(socket.SHUT_RDWR)

    def _forget(self, which: Any) -> None:
        with self._lock:
            for _connection, guard in [one for one in self._open if which(one[0])]:
                guard.close()
            self._open = [one for one in self._open if not which(one[0])]
