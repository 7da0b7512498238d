# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Check that the remaining quota of the organisation is enough for a run.

The quota (8,000 requests in 60 minutes, shared by all API clients of the organisation, grade A) comes from the latest answer of
the reading. Without quota in that answer, or if it is older than an hour, nothing is compared.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from ansible_collections.emailsec.ctr.plugins.module_utils._times import time_of

from .model import DevicesReading, Goal, Quota, Wanted
from .problems import Kind, Problem

FIXED_CALLS = 10
READINGS = 3
"""Maximum number of times that a run lists the devices, without polling."""
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
    """Return a problem for each region whose quota is too small, with the required and remaining calls."""
    hosts = Counter(one.region for one in wanted.values())
    problems = []
    for region, count in hosts.items():
        reading = devices.get(region, DevicesReading())
        left = _left(reading.quota, now or datetime.now(timezone.utc))
        if left is None:
            continue
        # Removing an unregistered appliance may need calls too, for its record.
        new = count if goal is Goal.ABSENT else count - _registered(wanted, reading, region)
        needed = calls_needed(new, len(reading.devices), wait_timeout, wait_interval)
        if needed > left:
            problems.append(
                Problem(
                    Kind.QUOTA,
                    region,
                    f"this run needs up to {needed} API calls, but {left} are left in the 60-minute quota of the organisation, "
                    "which all its API clients share",
                    "rerun later, or for fewer appliances at a time (--limit).",
                )
            )
    return problems


def _left(quota: Quota, now: datetime) -> int | None:
    """Return the remaining requests, or None if they are unknown or older than the quota window."""
    said_at = time_of(quota.said_at)
    return quota.remaining if said_at is not None and now - said_at < WINDOW else None


def calls_needed(new: int, devices: int, wait_timeout: float, wait_interval: float) -> int:
    """Return the maximum number of calls to onboard or remove ``new`` appliances in a region with ``devices`` devices.

    Each appliance needs two calls (token and module, or module and record). Each poll lists the whole region, page by page.
    """
    pages = pages_of(devices + new)
    polls = math.ceil(float(wait_timeout) / max(float(wait_interval), 0.1)) if new else 0
    return FIXED_CALLS + 2 * new + READINGS * (pages - 1) + polls * pages


def pages_of(devices: int) -> int:
    """Return the number of pages of a list. Each later page starts with the last record of the page before it."""
    return 1 + math.ceil(max(0, devices - LARGEST_PAGE) / (LARGEST_PAGE - 1))


def _registered(wanted: Mapping[str, Wanted], reading: DevicesReading, region: str) -> int:
    """Return the number of hosts of the region that SSE shows as registered under their inventory name."""
    shown = (reading.book.alike(host) for host, one in wanted.items() if one.region == region)
    return sum(any(device.registered for device in found) for found in shown)
