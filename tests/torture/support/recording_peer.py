# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Peers that a client must not trust. Each keeps every byte that it can read, in clear or decrypted."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

HOST = "127.0.0.1"
SECONDS = 5.0
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]"


class Peer:
    """What a peer has received, and the number of its connections."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connections = 0
        self.received = b""

    def read(self, connection: socket.socket, until: bytes) -> bytes:
        """Read at least once, until this text, and keep it. Raise OSError at the end of the connection."""
        text = b""
        while piece := connection.recv(65536):
            self.received += piece
            text += piece
            if until in text:
                return text
        raise ConnectionError


Opening = Callable[[Peer, socket.socket], None]
"""What is said before TLS."""


def nothing(peer: Peer, connection: socket.socket) -> None:
    """Begin with TLS, or with HTTP if the peer has no TLS."""


def as_proxy(status: str = "200 OK") -> Opening:
    """Answer CONNECT, and go on as if the peer were its target."""

    def opening(peer: Peer, connection: socket.socket) -> None:
        peer.read(connection, b"\r\n\r\n")
        length = "" if status.startswith("200") else "Content-Length: 0\r\n"
        connection.sendall(f"HTTP/1.1 {status}\r\n{length}\r\n".encode())

    return opening


def as_smtp(starttls: bool) -> Opening:
    """Speak SMTP up to STARTTLS; without it, until the client leaves."""

    def opening(peer: Peer, connection: socket.socket) -> None:
        connection.sendall(b"220 mail.example.com ESMTP\r\n")
        while not (line := peer.read(connection, b"\n").upper()).startswith(b"STARTTLS"):
            offer = b"250-STARTTLS\r\n" if starttls else b""
            connection.sendall(
                b"250-mail\r\n" + offer + b"250 AUTH PLAIN LOGIN\r\n" if b"EHLO" in line else b"250 ok\r\n"
            )
        connection.sendall(b"220 go ahead\r\n")

    return opening


@contextlib.contextmanager
def recording(context: ssl.SSLContext | None, opening: Opening = nothing, answer: bytes = OK) -> Iterator[Peer]:
    """Yield a peer with this TLS context, or in clear."""
    with socket.create_server((HOST, 0)) as server:
        peer = Peer(server.getsockname()[1])
        thread = threading.Thread(target=_accept, args=[server, peer, context, opening, answer], daemon=True)
        thread.start()
        try:
            yield peer
        finally:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _accept(server: socket.socket, peer: Peer, context: ssl.SSLContext | None, opening: Opening, answer: bytes) -> None:
    while True:
        try:
            connection, _address = server.accept()
        except OSError:
            return
        peer.connections += 1
        connection.settimeout(SECONDS)
        with contextlib.suppress(OSError), connection:
            opening(peer, connection)
            near = context.wrap_socket(connection, server_side=True) if context else connection
            with near:
                while True:
                    peer.read(near, b"\r\n\r\n" if context else b"")
                    near.sendall(answer)


def forms_of(secret: str, user: str) -> list[bytes]:
    """Return a secret as it could be sent: in clear, and in the forms of HTTP Basic, AsyncOS and SMTP."""
    plain = [secret, f"{user}:{secret}", f"\0{user}\0{secret}"]
    return [secret.encode(), *(base64.b64encode(one.encode()) for one in plain)]
