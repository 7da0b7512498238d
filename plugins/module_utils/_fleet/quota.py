# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Whether the calls that a run needs are left in the organisation's quota.

The quota (8,000 requests in 60 minutes, shared by all API clients of the organisation, grade A) is what the newest answer of
the reading before everything says; where that says nothing, or was an hour ago, nothing can be compared.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from .model import DevicesReading, Goal, Quota, Wanted
from .problems import Kind, Problem

FIXED_CALLS = 10
READINGS = 3
"""How often one run lists the devices at most, beside polling."""
LARGEST_PAGE = 1000
WINDOW = timedelta(hours=1)


def quota_problems(
    wanted: Mapping[str, Wanted],
    devices: Mapping[str, DevicesReading],
    goal: Goal,
    wait_timeout: float = 300.0,
    wait_interval: float = 5.0,
    now: datetime | None = None,
) -> list[Problem]:
    """Return per region whose quota is too small how many calls the run needs at most, and how many are left."""
    hosts = Counter(one.region for one in wanted.values())
    problems = []
    for region, count in hosts.items():
        reading = devices.get(region, DevicesReading())
        left = _left(reading.quota, now or datetime.now(timezone.utc))
        if left is None:
            continue
        # To remove one that is not registered may take calls as well: its record is still there.
        new = count if goal is Goal.ABSENT else count - _registered(wanted, reading, region)
        needed = calls_needed(new, len(reading.devices), wait_timeout, wait_interval)
        if needed > left:
            problems.append(
                Problem(
                    Kind.QUOTA,
                    f"{region}:",
                    f"this run needs up to {needed} API calls, and {left} are left in the organisation's quota of 60 minutes, "
                    "which all its API clients share",
                    "run it later, or for fewer appliances at a time (--limit).",
                )
            )
    return problems


def _left(quota: Quota, now: datetime) -> int | None:
    """The requests that are left; None where that is not known, or was said so long ago that all of it is over."""
    try:
        said_at = datetime.fromisoformat(str(quota.said_at).replace("Z", "+00:00"))
    except ValueError:
        return None
    return quota.remaining if now - said_at < WINDOW else None


def calls_needed(new: int, devices: int, wait_timeout: float, wait_interval: float) -> int:
    """The most calls of a run that onboards (or removes) ``new`` appliances in a region of ``devices`` devices.

    Two for each of these (token and module, or module and record); one list per poll for the whole region, and pages of
    lists.
    """
    pages = pages_of(devices + new)
    polls = math.ceil(float(wait_timeout) / max(float(wait_interval), 0.1)) if new else 0
    return FIXED_CALLS + 2 * new + READINGS * (pages - 1) + polls * pages


def pages_of(devices: int) -> int:
    """Pages of a list of so many: each one after the first begins with the last record of the one before it."""
    return 1 + math.ceil(max(0, devices - LARGEST_PAGE) / (LARGEST_PAGE - 1))


def _registered(wanted: Mapping[str, Wanted], reading: DevicesReading, region: str) -> int:
    """How many hosts of the region SSE shows as registered under their name in the inventory."""
    shown = (reading.book.alike(host) for host, one in wanted.items() if one.region == region)
    return sum(any(device.registered for device in found) for found in shown)
