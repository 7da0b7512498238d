# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A TLS server on loopback that sends any bytes that a test needs, at any speed."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator

import trustme

Behaviour = Callable[[], Iterable[bytes]]
DRIP = 0.05
"""Seconds between two drops: far less than any time-out, so that none of them ends it."""


class HostileServer:
    """``behaviour`` gives what is sent after each request; where it ends, the connection is closed."""

    def __init__(self, ca: trustme.CA, *, tls: bool = True) -> None:
        self.behaviour: Behaviour = lambda: [ok(b"[]")]
        self.connections = 0
        self.requests = 0
        self.sent = 0
        self.open = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if self._context:
            ca.issue_cert("localhost").configure_cert(self._context)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self._listener.getsockname()[1]
        self.url = f"https://localhost:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        # Closing alone does not end the thread that accepts.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        self.connections += 1
        self.open += 1
        try:
            if self._context:
                near = self._context.wrap_socket(near, server_side=True)
            while self._request(near):
                self.requests += 1
                closes = True
                for piece in self.behaviour():
                    near.sendall(piece)
                    self.sent += len(piece)
                    closes = b"Content-Length" not in piece
                if closes:
                    return
        except OSError:
            pass
        finally:
            near.close()
            self.open -= 1

    def _request(self, near: socket.socket) -> bool:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = near.recv(65536)
            if not piece:
                return False
            head += piece
        head, _end, body = head.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
                while len(body) < length:
                    body += near.recv(65536)
        return True


def ok(body: bytes, *headers: str) -> bytes:
    """A whole answer."""
    return head(f"Content-Length: {len(body)}", *headers) + body


def head(*headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def dripping(start: bytes, drop: bytes = b" ") -> Iterator[bytes]:
    """Send the start at once, then one byte at a time without end."""
    if start:
        yield start
    while True:
        time.sleep(DRIP)
        yield drop


def endless(start: bytes, piece: bytes) -> Iterator[bytes]:
    """Send the start, then the piece repeatedly without end."""
    yield start
    while True:
        yield piece
