# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Maintenance windows: times of the week, in a time zone, in which a rollout may start a wave."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WINDOW = re.compile(
    r"(?:(?P<days>[A-Za-z]{3}(?:-[A-Za-z]{3})?) )?(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d) (?P<zone>[A-Za-z0-9_+/-]{1,64})"
)
MIDNIGHT = time(0)


@dataclass(frozen=True)
class Window:
    """A time of the day on some days of the week (0 is Monday). It may end on the next day."""

    days: frozenset[int]
    start: time
    end: time
    zone: ZoneInfo

    def is_open(self, now: datetime) -> bool:
        """Return whether ``now``, a time with a time zone, is in the window. The end is not in the window."""
        local = now.astimezone(self.zone)
        clock, today = local.time(), local.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        begun_yesterday = (today - 1) % 7 in self.days and clock < self.end
        return begun_yesterday or (today in self.days and clock >= self.start)


def parse_window(text: str) -> Window:
    """Return the window of a text such as C(22:00-04:00 Europe/Berlin) or C(Sat-Sun 00:00-06:00 America/New_York).

    C(24:00) is midnight at the end of the day. Raise ValueError with the problem.
    """
    found = WINDOW.fullmatch(str(text).strip())
    if not found:
        raise ValueError("is not a window")
    if found["start"] == found["end"]:
        raise ValueError("starts and ends at the same time")
    return Window(_days(found["days"]), _time(found["start"]), _time(found["end"]), _zone(found["zone"]))


def is_window(text: str) -> bool:
    """Return whether C(parse_window) accepts the text."""
    try:
        parse_window(text)
    except ValueError:
        return False
    return True


def is_open(windows: Iterable[str], now: datetime) -> bool:
    """Return whether a window is open at ``now``. Without windows it is always open."""
    texts = list(windows)
    return not texts or any(parse_window(text).is_open(now) for text in texts)


def _time(text: str) -> time:
    if text == "24:00":
        return MIDNIGHT
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"has no time {text}") from None


def _days(text: str | None) -> frozenset[int]:
    if text is None:
        return frozenset(range(7))
    first, _dash, last = text.lower().partition("-")
    if not {first, last or first} <= set(DAYS):
        raise ValueError(f"has no days {text}; days are {', '.join(DAYS).title()}")
    start, end = DAYS.index(first), DAYS.index(last or first)
    return frozenset((start + day) % 7 for day in range((end - start) % 7 + 1))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"has a time zone {name} that is unknown on this controller") from None
