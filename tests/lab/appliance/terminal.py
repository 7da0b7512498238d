# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The terminal of one CLI session: typed lines in, text and pages out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

MORE = "-Press Any Key For More-"
"""The pager (C); how it is wiped after the key is I."""
CTRL_C = "\x03"
CTRL_D = "\x04"
BACKSPACES = ("\x08", "\x7f")
LINE_START, LINE_END = "\x1b[0;39m", "\x1b[K"
PROMPT_START, PROMPT_END = "\x1b]0;AsyncOS\x07\x1b[?2004h\x1b[1m", "\x1b[0m\x1b[K"
"""Colours, erasure to the end of the line, a window title, bracketed paste: none moves the cursor (I)."""


class Interrupted(Exception):
    """Ctrl-C was typed."""


class Disconnected(Exception):
    """The client is gone."""


class CutOff(Disconnected):
    """The appliance ends the session and the connection with it."""


class Terminal:
    """Reads what is typed and writes what is said. `height` is in lines; 0 means no paging.

    With `decorated`, lines and prompts are wrapped in terminal control that a person would not see.
    """

    def __init__(
        self, write: Callable[[str], None], line_end: str, echo: bool, height: int, decorated: bool = False
    ) -> None:
        self.line_end = line_end
        self.echo = echo
        self.height = height
        self.decorated = decorated
        self._write = write
        self._typed: deque[str] = deque()
        self._arrived = asyncio.Event()
        self._closed = False
        self._output: list[str] = []
        self._lines_shown = 0
        self._after_carriage_return = False

    def feed(self, text: str) -> None:
        """Typed characters have arrived."""
        self._typed.extend(text)
        self._arrived.set()

    def close(self) -> None:
        """Nothing more will be typed; what was typed before is still read."""
        self._closed = True
        self._arrived.set()

    def hang_up(self) -> None:
        """The client is gone; what it typed and nobody has read is lost."""
        self._typed.clear()
        self.close()

    def write(self, text: str) -> None:
        """Put text out as it is, without paging; `\\n` becomes the line end of this appliance."""
        self._output.append(text.replace("\n", self.line_end))

    def prompt(self, text: str) -> None:
        """Put out what a typed line is to follow."""
        self.write(f"{PROMPT_START}{text}{PROMPT_END}" if self.decorated else text)

    def flush(self) -> None:
        """Send what was written."""
        if self._output:
            self._write("".join(self._output))
            self._output.clear()

    async def show(self, *lines: str) -> None:
        """Put out whole lines, stopping for a key whenever the screen is full."""
        for line in lines:
            if self.height and self._lines_shown >= self.height - 1:
                self.write(MORE)
                await self._key()
                self.write("\r" + " " * len(MORE) + "\r")
                self._lines_shown = 0
            self.write((f"{LINE_START}{line}{LINE_END}" if self.decorated else line) + "\n")
            self._lines_shown += 1

    async def pause(self, seconds: float) -> None:
        """Say nothing for a while."""
        self.flush()
        await asyncio.sleep(seconds)

    async def line(self) -> str:
        """The next typed line without its Enter; raises Interrupted on Ctrl-C."""
        self._lines_shown = 0
        typed: list[str] = []
        while True:
            key = await self._key()
            if key in "\r\n":
                if self.echo:
                    self.write("\n")
                return "".join(typed)
            if key == CTRL_D and not typed:
                raise Disconnected
            if key in BACKSPACES:
                if typed:
                    typed.pop()
                    self._echo("\b \b")
            else:
                typed.append(key)
                self._echo(key)

    async def key(self) -> str:
        """The next typed character, which is not echoed; raises Interrupted on Ctrl-C."""
        return await self._key()

    def _echo(self, text: str) -> None:
        if self.echo:
            self._output.append(text)

    async def _key(self) -> str:
        while True:
            key = await self._character()
            second_half_of_enter = key == "\n" and self._after_carriage_return
            self._after_carriage_return = key == "\r"
            if key == CTRL_C:
                raise Interrupted
            if not second_half_of_enter:
                return key

    async def _character(self) -> str:
        while not self._typed:
            if self._closed:
                raise Disconnected
            self.flush()
            self._arrived.clear()
            await self._arrived.wait()
        return self._typed.popleft()
