# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""A halt at a chosen write: from then on the lab neither carries out nor answers anything, until it is released."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.lab.fleet_fields import Fields

WHEN = ("before", "after")


class Halt:
    """The halt of a lab run. Before the chosen write takes effect, or after it and before its answer."""

    def __init__(self) -> None:
        self._left = 0
        self._before = False
        self.reached = False
        self._released = asyncio.Event()

    def arm(self, body: object) -> None:
        """Choose a write from POST /halt. Raise FleetError if it is invalid."""
        fields = Fields("", "halt", body, {"at", "when"})
        left, when = fields.whole("at", 1, 1, 1_000_000), fields.choice("when", "before", WHEN)
        self.release()
        self._left, self._before = left, when == "before"

    def release(self) -> None:
        """Continue. The writes that were held never take effect."""
        self._released.set()
        self._released = asyncio.Event()
        self._left, self.reached = 0, False

    def as_json(self) -> dict[str, Any]:
        return {"reached": self.reached}

    async def lets_write(self) -> bool:
        """Count a write; return whether it takes effect."""
        if self._left:
            self._left -= 1
            self.reached = self._left == 0
            if not self.reached or not self._before:
                return True
        if not self.reached:
            return True
        await self._released.wait()
        return False

    async def answer(self) -> None:
        """Hold an answer."""
        if self.reached:
            await self._released.wait()
