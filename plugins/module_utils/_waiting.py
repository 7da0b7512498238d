# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The time of a module that looks again and again, also over the repetitions of its action plugin."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

SHORTEST_INTERVAL = 0.05
PROGRESS_OPTION: dict[str, Any] = {
    "type": "dict",
    "options": {"seen": {"type": "int"}, "elapsed": {"type": "float", "default": 0.0}},
}
"""The option C(wait_progress), which the action plugin gives."""


class Wait:
    """Begins with a pause in a repetition, which follows a look right away.

    ``options`` are those of the module: C(wait_timeout) and C(wait_interval) in seconds, and C(wait_progress). ``elapsed``
    is how long was waited before, in seconds.
    """

    def __init__(
        self,
        options: dict[str, Any],
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        progress = options["wait_progress"]
        self.elapsed: float = progress["elapsed"] if progress else 0.0
        self._shows: bool = progress is not None
        self._seen: int | None = progress["seen"] if progress else None
        self._interval: float = options["wait_interval"]
        self._sleep, self._clock = sleep, clock
        self._ends: float = clock() + options["wait_timeout"] - self.elapsed
        if self._seen is not None:
            self.pause()

    def is_over(self) -> bool:
        """Whether time is up."""
        return self._clock() >= self._ends

    def should_report(self, number: int) -> bool:
        """Whether the action plugin is to show this number, and to go on afterwards."""
        return self._shows and number != self._seen and not self.is_over()

    def pause(self) -> None:
        """Sleep for the interval, but not beyond the end."""
        self._sleep(max(0.0, min(max(self._interval, SHORTEST_INTERVAL), self._ends - self._clock())))
