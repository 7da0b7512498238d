# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of the table: medians over the rounds, and ratios of runs that were next to each other."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.measure import Figures

HEAD = ("", "appliances", "seconds", "least-most", "ratio", "CPU s", "lab CPU s", "peak MB", "calls")
WIDTHS = (34, 11, 9, 16, 7, 8, 11, 9, 8)
TO = {
    "reading": "asyncssh alone, the same lines",
    "life": "the drift report of the converged fleet",
    "onboarding": "onboard",
    "verify": "verify of one appliance",
}


@dataclass(frozen=True)
class Row:
    """One kind of run. ``group`` says what it is compared with; times are seconds, ``memory`` MB, all of them medians."""

    group: str
    name: str
    appliances: int
    rounds: int
    seconds: float
    least: float
    most: float
    ratio: float
    cpu: float
    lab_cpu: float
    memory: float
    calls: int

    def as_json(self) -> dict[str, Any]:
        return {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(self).items()}


def row_of(group: str, name: str, appliances: int, figures: Sequence[Figures], base: Sequence[Figures]) -> Row:
    times = [one.seconds for one in figures]
    ratios = [one.seconds / other.seconds for one, other in zip(figures, base, strict=False)]
    return Row(
        group=group,
        name=name,
        appliances=appliances,
        rounds=len(figures),
        seconds=statistics.median(times),
        least=min(times),
        most=max(times),
        ratio=statistics.median(ratios),
        cpu=statistics.median(one.cpu for one in figures),
        lab_cpu=statistics.median(one.lab_cpu for one in figures),
        memory=statistics.median(one.memory for one in figures),
        calls=round(statistics.median(one.calls for one in figures)),
    )


def table(rows: Sequence[Row]) -> str:
    lines = []
    for group in TO:
        of_group = [row for row in rows if row.group == group]
        if not of_group:
            continue
        lines += ["", f"{group}; ratio to {TO[group]}", _line(HEAD)]
        for row in of_group:
            spread = f"{row.least:.1f}-{row.most:.1f}" if row.rounds > 1 else ""
            cells = (f"{row.seconds:.1f}", spread, f"{row.ratio:.2f}", f"{row.cpu:.1f}", f"{row.lab_cpu:.1f}")
            lines.append(_line((row.name, f"{row.appliances:,}", *cells, f"{row.memory:.0f}", f"{row.calls:,}")))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    first, *rest = cells
    return f"{first:<{WIDTHS[0]}}" + "".join(f"{cell:>{width}}" for cell, width in zip(rest, WIDTHS[1:], strict=True))
