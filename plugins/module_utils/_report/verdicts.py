# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The four verdicts of the drift report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

OK, DRIFT, REFUSED, UNKNOWN = "ok", "drift", "refused", "unknown"
WORST_FIRST = (UNKNOWN, REFUSED, DRIFT, OK)
"""Unknown comes first, because it can hide any problem."""

NOT_READ = "not read"


def worst(verdicts: Iterable[str], otherwise: str = UNKNOWN) -> str:
    """Return the worst of the verdicts, or ``otherwise`` without verdicts."""
    return min(verdicts, key=WORST_FIRST.index, default=otherwise)


def count(verdicts: Iterable[str]) -> dict[str, int]:
    """Return the number of each verdict, also zeros, worst first."""
    counts = dict.fromkeys(WORST_FIRST, 0)
    for verdict in verdicts:
        counts[verdict] += 1
    return counts


def not_ok(counts: Mapping[str, int]) -> int:
    """Return the sum of all counts except ok."""
    return sum(counts.values()) - counts[OK]
