# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SSH server of one appliance, with a port and an ed25519 host key of its own."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

import asyncssh

from tests.lab.appliance.commands.table import commands_of
from tests.lab.appliance.model import Appliance
from tests.lab.appliance.session import Session
from tests.lab.appliance.terminal import CTRL_C, Terminal
from tests.lab.dialect import LINE_ENDS
from tests.lab.recorder import Recorder

USER = "admin"


class ApplianceServer:
    """Listens on loopback for one appliance."""

    def __init__(self, appliance: Appliance, recorder: Recorder, password: str) -> None:
        self.appliance = appliance
        self.recorder = recorder
        self.password = password
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.port = 0
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None

    async def start(self) -> None:
        """Listen on a free port; port is known afterwards."""
        self._acceptor = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: _Login(self),
            server_host_keys=[self.host_key],
            line_editor=False,
            encoding="utf-8",
            errors="replace",
            gss_host=None,
        )
        self.port = self._acceptor.get_port()

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._acceptor:
            self._acceptor.close()
        connections = list(self.connections)
        self.drop_connections()
        for connection in connections:
            await connection.wait_closed()

    def drop_connections(self) -> None:
        """Cut off everybody who is logged in."""
        for connection in list(self.connections):
            connection.abort()

    def known_hosts_line(self) -> str:
        """The line of a known_hosts file for this appliance."""
        return f"[127.0.0.1]:{self.port} {self.host_key.export_public_key().decode().strip()}"


class _Login(asyncssh.SSHServer):
    """One connection: password and keyboard-interactive login (C), then sessions."""

    def __init__(self, server: ApplianceServer) -> None:
        self.server = server
        self.dialect = server.appliance.spec.dialect
        self.connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn
        self.server.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.connection:
            self.server.connections.discard(self.connection)

    def begin_auth(self, username: str) -> bool:
        if self.dialect.banner and self.connection:
            self.connection.send_auth_banner(self.dialect.banner.rstrip("\n") + "\n")
        return True

    def password_auth_supported(self) -> bool:
        return "password" in self.dialect.auth

    def validate_password(self, username: str, password: str) -> bool:
        good = hmac.compare_digest(password.encode(), self.server.password.encode())
        return username == USER and good

    def kbdint_auth_supported(self) -> bool:
        return "keyboard-interactive" in self.dialect.auth

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> asyncssh.KbdIntChallenge:
        return "", "", lang, [("Password:", False)]

    def validate_kbdint_response(self, username: str, responses: asyncssh.KbdIntResponse) -> bool:
        return len(responses) == 1 and self.validate_password(username, responses[0])

    def auth_completed(self) -> None:
        self.server.appliance.logins += 1

    def session_requested(self) -> asyncssh.SSHServerSession:
        return _SshSession(self.server)


class _SshSession(asyncssh.SSHServerSession):
    """Carries characters between an SSH channel and the terminal of a CLI session."""

    def __init__(self, server: ApplianceServer) -> None:
        self.server = server
        self.dialect = server.appliance.spec.dialect
        self.command: str | None = None
        self.has_pty = False
        self.height = 0
        self.terminal: Terminal | None = None
        self.task: asyncio.Task[None] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[str]) -> None:
        self.channel = chan

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: Any) -> bool:
        self.has_pty = True
        self.height = term_size[1]
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        self.command = command
        return True

    def session_started(self) -> None:
        height = self.height if self.dialect.pager else 0
        self.terminal = Terminal(self._write, LINE_ENDS[self.dialect.line_end], self.has_pty, height)
        appliance = self.server.appliance
        commands = commands_of(appliance.spec.generation)
        session = Session(appliance, commands, self.terminal, self.server.recorder)
        self.task = asyncio.create_task(self._serve(session))

    def data_received(self, data: str, datatype: int | None) -> None:
        if self.terminal:
            self.terminal.feed(data)

    def break_received(self, msec: int) -> bool:
        self.data_received(CTRL_C, None)
        return True

    def signal_received(self, signal: str) -> None:
        if signal == "INT":
            self.data_received(CTRL_C, None)

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        if self.terminal and self.dialect.pager:
            self.terminal.height = height

    def eof_received(self) -> bool:
        if self.terminal:
            self.terminal.close()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self.terminal:
            self.terminal.hang_up()

    def _write(self, text: str) -> None:
        if not self.channel.is_closing():
            self.channel.write(text)

    async def _serve(self, session: Session) -> None:
        try:
            if self.command is None:
                await session.run()
            else:
                await session.run_one(self.command)
        finally:
            if not self.channel.is_closing():
                self.channel.exit(0)
