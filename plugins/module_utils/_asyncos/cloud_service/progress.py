# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Progress lines while a task works on many appliances."""

from __future__ import annotations

from collections.abc import Callable

STEP_PERCENT = 10
STEP_SECONDS = 5.0


class Progress:
    """Count appliances. A line is due at each 10 %, after five seconds without a line, and at the end.

    A single appliance gets no line. ``clock`` returns seconds; ``done`` is the word for a finished appliance.
    """

    def __init__(self, total: int, clock: Callable[[], float], done: str = "read") -> None:
        self._total = total
        self._done = done
        self._clock = clock
        self._counted = self._failed = self._said = 0
        self._said_at = clock()

    def count(self, failed: bool) -> str | None:
        """Count one more appliance, and return the line that is due, if any."""
        self._counted += 1
        self._failed += failed
        tenth = self._counted * 100 // (self._total * STEP_PERCENT) > self._said * 100 // (self._total * STEP_PERCENT)
        late = self._clock() - self._said_at >= STEP_SECONDS
        if self._total == 1 or not (tenth or late):
            return None
        self._said, self._said_at = self._counted, self._clock()
        return f"{self._counted} of {self._total} {self._done}, {self._failed} failed"
