# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One SSH channel to an appliance, between the network and the terminal of a CLI session."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import asyncssh

from tests.lab.appliance.commands.table import commands_of
from tests.lab.appliance.output import Output
from tests.lab.appliance.replay import Replay
from tests.lab.appliance.session import Session
from tests.lab.appliance.terminal import CTRL_C, Terminal
from tests.lab.dialect import LINE_ENDS

if TYPE_CHECKING:
    from tests.lab.appliance.ssh_server import ApplianceServer

LAST_WORDS_SECONDS = 1.0


class SshSession(asyncssh.SSHServerSession):
    """The connection between an SSH channel and the terminal of a CLI session."""

    def __init__(self, server: ApplianceServer) -> None:
        self.server = server
        self.dialect = server.appliance.spec.dialect
        self.command: str | None = None
        self.has_pty = False
        self.height = 0
        self.output = Output(self._write, self.dialect.slow_output, self.dialect.pauses_by_text())
        self.terminal: Terminal | None = None
        self.task: asyncio.Task[None] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[str]) -> None:
        self.channel = chan
        self.connection = chan.get_connection()

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
        dialect = self.dialect
        echo = self.has_pty and dialect.echo
        self.terminal = Terminal(
            self.output.write, LINE_ENDS[dialect.line_end], echo, self._page_height(), dialect.control_sequences
        )
        appliance = self.server.appliance
        recorder = self.server.recorder
        if appliance.spec.transcript:
            session: Session | Replay = Replay(appliance, appliance.next_transcript(), self.terminal, recorder)
        else:
            session = Session(appliance, commands_of(appliance), self.terminal, recorder)
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
        self.height = height
        if self.terminal:
            self.terminal.height = self._page_height()

    def eof_received(self) -> bool:
        if self.terminal:
            self.terminal.close()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self.terminal:
            self.terminal.hang_up()

    def _page_height(self) -> int:
        if not self.dialect.pager or not self.has_pty:
            return 0
        return self.dialect.pager_lines or self.height

    def _write(self, text: str) -> None:
        if not self.channel.is_closing():
            self.channel.write(text)

    async def _serve(self, session: Session | Replay) -> None:
        try:
            if self.command is None:
                await session.run()
            else:
                await session.run_one(self.command)
        finally:
            await self.output.sent()
            if not self.channel.is_closing():
                self.channel.exit(0)
            if session.cut_off:
                await self._disconnect()

    async def _disconnect(self) -> None:
        """Close the connection after the client has read the output, or has stopped reading."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.channel.wait_closed(), LAST_WORDS_SECONDS)
        self.connection.close()
