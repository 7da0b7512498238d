# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries characters to the SSH channel: at once, or in small pieces with tiny pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PAUSE = 0.001
"""Seconds between two pieces: enough for a packet of its own each."""


class Output:
    """Write to it; `size` is the length of a piece, 0 for no pieces."""

    def __init__(self, write: Callable[[str], None], size: int) -> None:
        self._write = write
        self._size = size
        self._waiting = ""
        self._task: asyncio.Task[None] | None = None

    def write(self, text: str) -> None:
        """Send this text, after everything written before it."""
        if not self._size:
            self._write(text)
            return
        self._waiting += text
        if self._task is None:
            self._task = asyncio.create_task(self._send())

    async def sent(self) -> None:
        """Wait until everything was sent."""
        if self._task:
            await self._task

    async def _send(self) -> None:
        while self._waiting:
            piece, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
            self._write(piece)
            await asyncio.sleep(PAUSE)
        self._task = None
