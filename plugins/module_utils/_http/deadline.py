# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Limit the time of a whole request.

A socket time-out restarts with each byte, so a slow server can block a request indefinitely. Here a timer shuts the
connection down, which ends every read: during TLS, a proxy's CONNECT, or a header.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any


class Deadline:
    """The time limit of one request. ``passed``: the limit came before the answer was complete."""

    def __init__(self) -> None:
        self.passed = False


class Deadlines:
    """The connections of one session, one request at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: Deadline | None = None
        # A second descriptor of each connection: TLS takes over the first, and a response may keep it.
        self._open: list[tuple[Any, socket.socket]] = []

    @contextlib.contextmanager
    def within(self, seconds: float, deadline: Deadline) -> Iterator[None]:
        """Limit the time of the block to ``seconds``; then shut all connections down."""
        self._now = deadline
        timer = threading.Timer(seconds, self._shut_down, [deadline])
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
        """Watch a new connection of http.client. Raise TimeoutError if the time limit has passed."""
        with self._lock:
            if self._now is not None and self._now.passed:
                connected.close()
                raise TimeoutError("the time limit of the request has passed")
            self._open.append((connection, connected.dup()))

    def close(self) -> None:
        """Stop watching all connections."""
        self._forget(lambda connection: True)

    def _shut_down(self, deadline: Deadline) -> None:
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
