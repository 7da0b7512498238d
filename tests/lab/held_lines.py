# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hold of a typed line: its appliance carries it out only after the release, so that another session can come in between."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from tests.lab.fleet_fields import Fields

LONGEST_HOLD = 100.0
"""Seconds; a client waits longer for the answer to a commit or a token."""


class HeldLines:
    """The hold of a lab run: the first line, after ``skip`` others, that matches on this appliance, or on any."""

    def __init__(self) -> None:
        self._appliance: str | None = None
        self._line: re.Pattern[str] | None = None
        self._skip = 0
        self.held: str | None = None
        """The appliance on which a line is or was held."""
        self._released = asyncio.Event()

    def arm(self, body: object) -> None:
        """Choose a line from POST /lines. Raise FleetError if it is invalid."""
        fields = Fields("", "lines", body, {"appliance", "line", "skip"})
        pattern = fields.text("line", None)
        if pattern is None:
            fields.fail("line", "is required: a regular expression for the whole line")
        try:
            line = re.compile(pattern)
        except re.error as error:
            fields.fail("line", f"is not a regular expression: {error}")
        appliance, skip = fields.text("appliance", None), fields.whole("skip", 0, 0, 1_000_000)
        self.release()
        self._appliance, self._line, self._skip, self.held = appliance, line, skip, None

    def release(self) -> None:
        """Carry out the line that is held, and hold no other."""
        self._released.set()
        self._released = asyncio.Event()
        self._line = None

    def as_json(self) -> dict[str, Any]:
        return {"held": self.held}

    async def hold(self, appliance: str, line: str) -> None:
        """Hold this line if it is the chosen one."""
        if self._line is None or self._appliance not in (None, appliance) or not self._line.fullmatch(line):
            return
        if self._skip:
            self._skip -= 1
            return
        self._line, self.held = None, appliance
        ends, released = time.monotonic() + LONGEST_HOLD, self._released
        while not released.is_set() and time.monotonic() < ends:
            await asyncio.sleep(0.02)
