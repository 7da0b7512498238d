# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Wait before retries, up to a budget."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from ansible_collections.emailsec.ctr.plugins.module_utils._http.body import whole_number

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


def seconds_of_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for, 0 or more; None if the header cannot be read.

    ``now`` is the time of the answer by the clock of the server; without it, a date is compared with the clock of this machine.

    Accept whole seconds, seconds with the letter s (``3172s``, the example in the API documentation, grade A), and an
    HTTP date (RFC 9110, 10.2.3).
    """
    text = (value or "").strip()
    number = text[:-1].strip() if text[-1:] in ("s", "S") else text
    seconds = whole_number(number)
    if seconds is not None:
        return float(seconds)
    try:
        when = parsedate_to_datetime(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=timezone.utc)
        return max(0.0, (when - (now or datetime.now(timezone.utc))).total_seconds())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


class RetryBudget:
    """The seconds that all requests of one task together may wait before retries."""

    def __init__(self, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
        self.seconds = seconds
        self.waited = 0.0
        self._sleep = sleep

    def wait(self, asked: float | None, attempt: int) -> bool:
        """Wait the seconds that the API asked for, or a pause that doubles each attempt. Return False if over budget."""
        pause = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE) if asked is None else max(asked, 0.1)
        if self.waited + pause > self.seconds:
            return False
        self.waited += pause
        self._sleep(pause)
        return True
