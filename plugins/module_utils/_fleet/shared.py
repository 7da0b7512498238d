# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A failure of a whole region, which is told once and not for each of its appliances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

from .rows import Row

Shared: TypeAlias = "dict[tuple[str, str], int]"


def shared_reasons(rows: Iterable[Row]) -> Shared:
    """Return by region and reason how many appliances failed with it; only reasons of a region with several of them."""
    counted = Counter((row["region"], row["reason"]) for row in rows if row["of_region"])
    return {place: count for place, count in counted.items() if count > 1}


def shared_notes(shared: Shared) -> list[str]:
    """Return one sentence for each of these reasons."""
    return [f"{region}: {reason} ({count} appliances)" for (region, reason), count in shared.items()]


def short_reason(row: Row, shared: Shared) -> str:
    """Return why a row failed, or where that is told."""
    return region_failed(row["region"]) if _is_shared(row, shared) else str(row["reason"])


def stop_message(row: Row, shared: Shared) -> str:
    """Return the message of the task that fails for the appliance.

    A shared one names no host: ansible-core shows the host, and from 2.19 on shows an error of the same words once.
    """
    return region_failed(row["region"]) if _is_shared(row, shared) else f"{row['host']}: {row['reason']}"


def region_failed(region: str) -> str:
    """Return what stands for a failure that is told with the region."""
    return f"the region {region} failed (see the message of the region)"


def _is_shared(row: Row, shared: Shared) -> bool:
    return bool(row["of_region"]) and (row["region"], row["reason"]) in shared
