# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read the times of APIs, files and options, and compare clocks."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

CLOCKS_DIFFER = timedelta(minutes=1)


def time_of(text: object) -> datetime | None:
    """Return a time written in ISO 8601, in UTC if it has no offset; None if it cannot be read. Drop fractions of seconds."""
    plain = text.strip() if isinstance(text, str) else ""
    if plain[-1:] in ("Z", "z"):
        plain = plain[:-1] + "+00:00"
    # Python 3.10 reads neither Z nor fractions of one or two digits.
    plain = re.sub(r"(:\d{2})[.,]\d+", r"\1", plain)
    try:
        when = datetime.fromisoformat(plain)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=timezone.utc)


def clock_difference(shown: datetime) -> timedelta:
    """Return the time by which a clock that shows this time is ahead of this machine; 0 for less than a minute."""
    difference = shown - datetime.now(timezone.utc)
    return difference if abs(difference) >= CLOCKS_DIFFER else timedelta()
