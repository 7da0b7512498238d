# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SMTP listeners for tests: real ones, and ones that play a part of a dialogue line by line."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"
USER, PASSWORD = "prober", "correct-horse-9b1d"
SENDER, RECIPIENT = "probe@example.com", "mailbox@example.com"
GREETING, HELLO = "220 esa1.example.com ESMTP", "250-esa1.example.com\r\n250 SIZE 1000"


@dataclass
class Seen:
    """What a real listener has accepted: the envelopes, whether each came encrypted, and who had logged in."""

    envelopes: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[str | None] = field(default_factory=list)
    greeted_as: list[str] = field(default_factory=list)


class _Handler:
    """The hooks of aiosmtpd, whose names are its own; ``replies`` wins over what they would say."""

    def __init__(self, seen: Seen, replies: dict[str, str]) -> None:
        self.seen = seen
        self.replies = replies

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.replies.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        reply = self.replies.get("DATA", "250 ok:  Message 1757 accepted")
        if reply.startswith("2"):
            self.seen.envelopes.append(envelope)
            self.seen.encrypted.append(session.ssl is not None)
            self.seen.users.append(str(session.auth_data) if session.authenticated else None)
            self.seen.greeted_as.append(str(session.host_name))
        return reply


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    given = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=given, auth_data=USER if given else None, handled=False)


@contextlib.contextmanager
def listener(
    ca: trustme.CA | None = None,
    *,
    name: str = HOST,
    auth: bool = False,
    replies: dict[str, str] | None = None,
) -> Iterator[tuple[int, Seen]]:
    """A real one: its port, and what it has accepted. With a CA it offers STARTTLS, with ``auth`` a log-in as well."""
    tls = None
    if ca:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(name).configure_cert(tls)
    seen = Seen()
    loop = asyncio.new_event_loop()
    handler = _Handler(seen, replies or {})

    def connection() -> SMTP:
        return SMTP(
            handler,
            hostname="esa1.example.com",
            loop=loop,
            tls_context=tls,
            authenticator=_authenticate if auth else None,
            auth_required=auth,
            auth_require_tls=True,
        )

    server = loop.run_until_complete(loop.create_server(connection, HOST, 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


class Part:
    """Replies of a scripted listener, and the lines it received."""

    def __init__(self, *says: str | None) -> None:
        self.says = says
        self.told: list[str] = []
        self.connections = 0


@contextlib.contextmanager
def played(*says: str | None) -> Iterator[tuple[int, Part]]:
    """Run a listener that sends its greeting and one reply per received line (and one after the end of a message).

    None is silence; when nothing is left it hangs up. It serves any number of connections, one after the other.
    """
    part = Part(*says)
    with socket.create_server((HOST, 0)) as server:
        thread = threading.Thread(target=_serve, args=[server, part], daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1], part
        finally:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _serve(server: socket.socket, part: Part) -> None:
    while True:
        try:
            connection, _peer = server.accept()
        except OSError:
            return
        part.connections += 1
        with connection, contextlib.suppress(OSError):
            _play(connection, part)


def _play(connection: socket.socket, part: Part) -> None:
    lines = connection.makefile("rb")
    in_message = False
    for number, words in enumerate(part.says):
        if number:
            line = lines.readline().decode().rstrip("\r\n")
            while in_message and line != ".":
                line = lines.readline().decode().rstrip("\r\n")
            part.told.append(line)
            if not line:
                return
        if words is None:
            lines.read()
            return
        connection.sendall(words.encode() + b"\r\n")
        in_message = words.startswith("354")
