# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The four verdicts of the drift report, and the words for what was not read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

OK, DRIFT, REFUSED, UNKNOWN = "ok", "drift", "refused", "unknown"
WORST_FIRST = (UNKNOWN, REFUSED, DRIFT, OK)
"""What could not be read may hide anything, so it comes first."""

NOT_READ = "not read"


def worst(verdicts: Iterable[str], otherwise: str = UNKNOWN) -> str:
    """The worst of the verdicts; ``otherwise`` where there are none."""
    return min(verdicts, key=WORST_FIRST.index, default=otherwise)


def count(verdicts: Iterable[str]) -> dict[str, int]:
    """How often each verdict occurs, with a zero where it does not, the worst first."""
    counts = dict.fromkeys(WORST_FIRST, 0)
    for verdict in verdicts:
        counts[verdict] += 1
    return counts


def not_ok(counts: Mapping[str, int]) -> int:
    """How many of the counted are anything but ok."""
    return sum(counts.values()) - counts[OK]
