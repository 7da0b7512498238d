# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Time range of a message tracking search, in whole minutes of UTC.

Source: ``startDate`` and ``endDate`` must have seconds of 00 (grade A).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._times import time_of

UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
LAST = re.compile(r"(\d{1,5})\s*(m|h|d|w|minutes?|hours?|days?|weeks?)")
SHOWN = "%Y-%m-%dT%H:%M:00.000Z"
MINUTE = timedelta(minutes=1)
FIRST_YEAR = 1970


@dataclass(frozen=True)
class Window:
    """Time range from ``start`` (inclusive) to ``end`` (exclusive), in UTC."""

    start: datetime
    end: datetime

    def as_query(self) -> dict[str, str]:
        """Return the query parameters."""
        return {"startDate": self.start.strftime(SHOWN), "endDate": self.end.strftime(SHOWN)}

    def as_result(self) -> dict[str, str]:
        """Return the times in the format of results."""
        return {"start": self.start.strftime("%Y-%m-%dT%H:%M:%SZ"), "end": self.end.strftime("%Y-%m-%dT%H:%M:%SZ")}


def window_of(start: str | None, end: str | None, last: str | None, now: datetime) -> Window:
    """Return the time range of the options, extended to whole minutes. Raise OptionRefused.

    ``last`` counts back from ``end``; ``end`` defaults to ``now``.
    """
    until = read_time("end", end) if end else now
    try:
        since = read_time("start", start) if start else until - read_last(last or "1d")
    except OverflowError:
        since = datetime.min.replace(tzinfo=timezone.utc)
    if since.year < FIRST_YEAR:
        raise OptionRefused(f"the search would begin before {FIRST_YEAR}", fix="set a later start or a shorter last.")
    whole = Window(_whole_minute(since), _whole_minute(until + MINUTE - timedelta(microseconds=1)))
    if whole.end <= whole.start:
        raise OptionRefused(
            f"end ({whole.as_result()['end']}) is not later than start ({whole.as_result()['start']})",
            fix="correct start or end; times without an offset are in UTC.",
        )
    return whole


def read_time(option: str, text: str) -> datetime:
    """Return a time written in ISO 8601, in UTC if it has no offset. Raise OptionRefused."""
    when = time_of(text)
    if when is None:
        raise OptionRefused(f"{option} is not a valid time: {text!r}", fix="write it like 2026-01-12T09:30:00Z.")
    try:
        return when.astimezone(timezone.utc)
    except OverflowError:
        raise OptionRefused(f"{option} is outside the supported range: {text!r}") from None


def read_last(text: str) -> timedelta:
    """Return a duration such as 15m, 2h, 30 days or 1w. Raise OptionRefused."""
    match = LAST.fullmatch(text.strip().lower())
    if not match or not int(match[1]):
        raise OptionRefused(
            f"last is not a valid duration: {text!r}",
            fix="write it like 15m, 2h, 30d or 1w (minutes, hours, days, weeks).",
        )
    return int(match[1]) * UNITS[match[2][0]]


def _whole_minute(when: datetime) -> datetime:
    return when.replace(second=0, microsecond=0)
