# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The terminal of a CLI session: reads typed lines, and writes text and pages."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

MORE = "-Press Any Key For More-"
"""The pager (C); its erasure after the key is I."""
CTRL_C = "\x03"
CTRL_D = "\x04"
BACKSPACES = ("\x08", "\x7f")
LINE_START, LINE_END = "\x1b[0;39m", "\x1b[K"
PROMPT_START, PROMPT_END = "\x1b]0;AsyncOS\x07\x1b[?2004h\x1b[1m", "\x1b[0m\x1b[K"
"""Colours, erasure to the end of the line, window title, bracketed paste: none of them moves the cursor (I)."""


class Interrupted(Exception):
    """Raised when Ctrl-C is typed."""


class Disconnected(Exception):
    """Raised when the client has disconnected."""


class CutOff(Disconnected):
    """Raised when the appliance ends session and connection."""


class Terminal:
    """Reads typed lines and writes output. `height` is in lines; 0 means no paging.

    With `decorated`, lines and prompts are surrounded by invisible terminal control sequences.
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
        """Add typed characters."""
        self._typed.extend(text)
        self._arrived.set()

    def close(self) -> None:
        """Accept no more input; earlier input is still read."""
        self._closed = True
        self._arrived.set()

    def hang_up(self) -> None:
        """Disconnect the client, and drop input that was not read."""
        self._typed.clear()
        self.close()

    def write(self, text: str) -> None:
        """Write text without paging; `\\n` becomes the line end of this appliance."""
        self._output.append(text.replace("\n", self.line_end))

    def prompt(self, text: str) -> None:
        """Write a prompt."""
        self.write(f"{PROMPT_START}{text}{PROMPT_END}" if self.decorated else text)

    def flush(self) -> None:
        """Send the written text."""
        if self._output:
            self._write("".join(self._output))
            self._output.clear()

    async def show(self, *lines: str) -> None:
        """Write whole lines; wait for a key whenever the screen is full."""
        for line in lines:
            if self.height and self._lines_shown >= self.height - 1:
                self.write(MORE)
                await self._key()
                self.write("\r" + " " * len(MORE) + "\r")
                self._lines_shown = 0
            self.write((f"{LINE_START}{line}{LINE_END}" if self.decorated else line) + "\n")
            self._lines_shown += 1

    async def pause(self, seconds: float) -> None:
        """Pause the output."""
        self.flush()
        await asyncio.sleep(seconds)

    async def line(self) -> str:
        """Return the next typed line without its Enter; raise Interrupted on Ctrl-C."""
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
        """Return the next typed character, which is not echoed; raise Interrupted on Ctrl-C."""
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
