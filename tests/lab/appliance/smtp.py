# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SMTP listener of an appliance: its message tracking finds the accepted messages.

The acknowledgement `ok:  Message <MID> accepted` is C (logs of other mail servers).
"""

from __future__ import annotations

import asyncio
import hmac
import ssl
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.lab.appliance.model import Appliance
from tests.lab.appliance.tracking import content_of
from tests.lab.listener import HOST
from tests.lab.recorder import Recorder

USER = "sender"


class SmtpServer:
    """Listens on loopback for one appliance; port is known once it listens."""

    def __init__(self, appliance: Appliance, recorder: Recorder, password: str) -> None:
        self.appliance = appliance
        self.recorder = recorder
        self.password = password
        self.port = 0
        self._server: asyncio.Server | None = None
        self._transports: set[asyncio.BaseTransport] = set()

    async def start(self, tls: ssl.SSLContext) -> None:
        """Listen on a free port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self._protocol(tls), HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server:
            self._server.close()
        self.drop_connections()

    def drop_connections(self) -> None:
        """Close every connection."""
        for transport in list(self._transports):
            transport.close()

    def _protocol(self, tls: ssl.SSLContext) -> SMTP:
        services = self.appliance.services
        return _Connection(
            self,
            _Handler(self),
            hostname=self.appliance.spec.hostname,
            ident="ESMTP",
            tls_context=tls if services.smtp_starttls else None,
            authenticator=self._authenticate if services.smtp_auth != "none" else None,
            auth_required=services.smtp_auth == "required",
            auth_require_tls=services.smtp_starttls,
            enable_SMTPUTF8=True,
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        good = (
            isinstance(data, LoginPassword)
            and data.login == USER.encode()
            and hmac.compare_digest(data.password, self.password.encode())
        )
        return AuthResult(success=good, auth_data=USER if good else None, handled=False)


class _Connection(SMTP):
    """A connection that its server can close."""

    def __init__(self, owner: SmtpServer, handler: Any, **options: Any) -> None:
        super().__init__(handler, **options)
        self._owner = owner
        self._seen: set[asyncio.BaseTransport] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._owner._transports.add(transport)
        self._seen.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._owner._transports -= self._seen
        super().connection_lost(error)


class _Handler:
    """The hooks that aiosmtpd calls, which defines their names."""

    def __init__(self, server: SmtpServer) -> None:
        self.appliance = server.appliance
        self.recorder = server.recorder
        self.icid: int | None = None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.appliance.services.smtp_refuses:
            self._record(session, envelope.mail_from, [address], None, 550)
            return "550 #5.1.0 Address rejected."
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        content = content_of(raw)
        if self.icid is None:
            self.icid = self.appliance.counter.next_icid()
        mid = self.appliance.accept_message(
            icid=self.icid,
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            sender_ip=session.peer[0] if session.peer else HOST,
            subject=content.subject,
            message_id=content.message_id,
            reply_to=content.reply_to,
            attachments=content.attachments,
        )
        self._record(session, envelope.mail_from, envelope.rcpt_tos, content.subject, 250)
        return f"250 ok:  Message {mid} accepted"

    def _record(
        self, session: Session, sender: str | None, recipients: list[str], subject: str | None, status: int
    ) -> None:
        spec = self.appliance.spec
        self.recorder.smtp(
            spec.name,
            spec.region,
            user=str(session.auth_data) if session.authenticated else None,
            tls=session.ssl is not None,
            sender=sender or "",
            recipients=tuple(recipients),
            subject=subject,
            status=status,
        )
