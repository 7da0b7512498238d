# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""A halt at a chosen write or answer: from then on the lab neither carries out nor answers anything, until it is released."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.lab.fleet_fields import Fields

OF = ("writes", "answers")
WHEN = ("before", "after")


class Halt:
    """The halt of a lab run. Before the chosen write takes effect, after it and before its answer, or before the chosen answer."""

    def __init__(self) -> None:
        self._writes_left = self._answers_left = 0
        self._before = False
        self._who: str | None = None
        self.reached = False
        self._released = asyncio.Event()

    def arm(self, body: object) -> None:
        """Choose a write, or an answer of a region or an appliance, from POST /halt. Raise FleetError if it is invalid."""
        fields = Fields("", "halt", body, {"at", "of", "when", "who"})
        at, when = fields.whole("at", 1, 1, 1_000_000), fields.choice("when", "before", WHEN)
        of, who = fields.choice("of", "writes", OF), fields.text("who", None)
        self.release()
        self._before, self._who = when == "before", who
        self._writes_left, self._answers_left = (at, 0) if of == "writes" else (0, at)

    def release(self) -> None:
        """Continue. The writes that were held never take effect."""
        self._released.set()
        self._released = asyncio.Event()
        self._writes_left = self._answers_left = 0
        self.reached = False

    def as_json(self) -> dict[str, Any]:
        return {"reached": self.reached}

    async def lets_write(self) -> bool:
        """Count a write; return whether it takes effect."""
        if self._writes_left:
            self._writes_left -= 1
            self.reached = self._writes_left == 0
            if not self.reached or not self._before:
                return True
        if not self.reached:
            return True
        await self._released.wait()
        return False

    async def answer(self, who: str) -> None:
        """Count an answer of this region, or of this appliance to a line; hold it after the halt."""
        if self._answers_left and self._who in (None, who):
            self._answers_left -= 1
            self.reached = self._answers_left == 0
        if self.reached:
            await self._released.wait()
