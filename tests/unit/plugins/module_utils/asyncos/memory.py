# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line of a lab's appliance without SSH: quick, and it can pause after any character."""

from __future__ import annotations

import asyncio

from tests.lab.appliance import session as lab_session
from tests.lab.appliance.commands.table import commands_of
from tests.lab.appliance.terminal import Terminal
from tests.lab.dialect import LINE_ENDS
from tests.lab.fleet import read_fleet
from tests.lab.lab import Lab

QUICK = {"registration_seconds": 0.0, "busy_seconds": 0.0, "handshake_seconds": 0}


def lab_of(**appliance: object) -> Lab:
    """A lab with one appliance that is never started."""
    return Lab(read_fleet("test.yml", {"settings": QUICK, "appliances": [{"name": "esa1.example.com", **appliance}]}))


class MemoryChannel:
    """One session on the appliance. Output stops for ``seconds`` after the character number ``place``.

    ``shown`` is everything that was put out so far.
    """

    def __init__(self, lab: Lab, place: int | None = None, seconds: float = 0.0) -> None:
        server = next(iter(lab.appliances.values()))
        dialect = server.appliance.spec.dialect
        self.shown = ""
        self._place = place
        self._seconds = seconds
        self._written: asyncio.Queue[str] = asyncio.Queue()
        self._output: asyncio.Queue[str] = asyncio.Queue()
        self._terminal = Terminal(
            self._written.put_nowait, LINE_ENDS[dialect.line_end], dialect.echo, 0, dialect.control_sequences
        )
        self._session = lab_session.Session(
            server.appliance, commands_of(server.appliance), self._terminal, lab.recorder
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def _serve(self) -> None:
        await self._session.run()
        self._written.put_nowait("")

    async def _send(self) -> None:
        while True:
            text = await self._written.get()
            cut = None if self._place is None else self._place - len(self.shown)
            self.shown += text
            if cut is not None and 0 < cut <= len(text):
                self._output.put_nowait(text[:cut])
                await asyncio.sleep(self._seconds)
                text = text[cut:]
                if not text:
                    continue
            self._output.put_nowait(text)

    def write(self, text: str) -> None:
        self._terminal.feed(text)

    async def read(self) -> str:
        if not self._tasks:
            self._tasks = [asyncio.ensure_future(self._serve()), asyncio.ensure_future(self._send())]
        return await self._output.get()

    async def close(self) -> None:
        self._terminal.hang_up()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
