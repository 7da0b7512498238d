# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Output to the SSH channel: at once, in small pieces with short pauses, or with long pauses after some texts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PAUSE = 0.001
"""Seconds between two pieces: enough to send each in its own packet."""


class Output:
    """`size` is the length of a piece, 0 for no pieces; `pauses` are texts and the seconds after each."""

    def __init__(self, write: Callable[[str], None], size: int, pauses: tuple[tuple[str, float], ...] = ()) -> None:
        self._write = write
        self._size = size
        self._pauses = pauses
        self._waiting = ""
        self._sent = ""
        self._task: asyncio.Task[None] | None = None

    def write(self, text: str) -> None:
        """Send this text after all earlier text."""
        if not self._size and not self._pauses:
            self._write(text)
            return
        self._waiting += text
        if self._task is None:
            self._task = asyncio.create_task(self._send())

    async def sent(self) -> None:
        """Wait until everything has been sent."""
        if self._task:
            await self._task

    async def _send(self) -> None:
        while self._waiting:
            length, seconds = self._next_pause()
            if self._size and self._size < length:
                length, seconds = self._size, PAUSE
            piece, self._waiting = self._waiting[:length], self._waiting[length:]
            self._write(piece)
            longest = max((len(text) for text, _seconds in self._pauses), default=0)
            self._sent = (self._sent + piece)[-longest:] if longest else ""
            await asyncio.sleep(seconds)
        self._task = None

    def _next_pause(self) -> tuple[int, float]:
        """Return the length of the text before the next pause, and the pause. A text may have been sent in part."""
        found = [(len(self._waiting), PAUSE if self._size else 0.0)]
        for text, seconds in self._pauses:
            before = self._sent[1 - len(text) :] if len(text) > 1 else ""
            place = (before + self._waiting).find(text)
            if place >= 0:
                found.append((place + len(text) - len(before), seconds))
        return min(found)
