# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Time the polling of a module, also across repeated runs by its action plugin."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

SHORTEST_INTERVAL = 0.05
PROGRESS_OPTION: dict[str, Any] = {
    "type": "dict",
    "options": {"seen": {"type": "int"}, "elapsed": {"type": "float", "default": 0.0}},
}
"""The option C(wait_progress), which the action plugin sets."""


class Wait:
    """The time-out and polling interval of a module. In a repeated run, begin with a pause, because a read preceded it.

    ``options``: the options of the module, with C(wait_timeout) and C(wait_interval) in seconds, and C(wait_progress).
    ``elapsed``: seconds waited in earlier runs.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
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
        """Return whether the time-out has passed."""
        return self._clock() >= self._ends

    def should_report(self, number: int) -> bool:
        """Return whether the module must return so that the action plugin shows this number and repeats the module."""
        return self._shows and number != self._seen and not self.is_over()

    @property
    def seconds_to_next(self) -> float:
        """Return the polling interval, but not beyond the time-out."""
        return max(0.0, min(max(self._interval, SHORTEST_INTERVAL), self._ends - self._clock()))

    def pause(self) -> None:
        """Sleep for the polling interval, but not beyond the time-out."""
        self._sleep(self.seconds_to_next)
