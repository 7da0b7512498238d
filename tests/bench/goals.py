# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The goals of the collection, with the figures of this run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.rows import Row


@dataclass(frozen=True)
class Goal:
    """``figure`` is to be at most ``limit``, or at least if ``at_least`` is set."""

    text: str
    figure: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit

    def line(self) -> str:
        which = "at least" if self.at_least else "at most"
        return f"{'met   ' if self.met else 'MISSED'}  {self.text}: {self.figure:.2f} ({which} {self.limit:g})"

    def as_json(self) -> dict[str, Any]:
        return {
            "goal": self.text,
            "figure": round(self.figure, 2),
            "limit": self.limit,
            "at_least": self.at_least,
            "met": self.met,
        }


def goals(rows: Sequence[Row], sizes: Sequence[int], wait_of_lab: float) -> list[Goal]:
    """Return the goals for which there are figures."""
    return list(_goals({(row.group, row.name, row.appliances): row for row in rows}, sorted(sizes), wait_of_lab))


def _goals(rows: dict[tuple[str, str, int], Row], sizes: Sequence[int], wait_of_lab: float) -> Iterator[Goal]:
    def seconds(name: str, size: int, group: str = "reading") -> float:
        return rows[group, name, size].seconds

    def reading(size: int) -> float:
        return seconds("drift report", size) - seconds("empty play", size)

    most = sizes[-1]
    bare = seconds("asyncssh alone", most)
    yield Goal(f"drift report of {most:,} without an empty play, to asyncssh alone", reading(most) / bare, 1.3)
    yield Goal(f"drift report of {most:,} with everything, to asyncssh alone", seconds("drift report", most) / bare, 2)
    lives = [size for size in sizes if ("life", "second onboard", size) in rows]
    for size in lives:
        ratio = seconds("second onboard", size, "life") / seconds("drift report, converged", size, "life")
        yield Goal(f"second onboard of {size:,}, to their drift report", ratio, 1.3)
    for size in sizes:
        if ("reading", "network_cli", size) in rows:
            faster = seconds("network_cli", size) / seconds("drift report", size)
            yield Goal(f"drift report of {size:,}, times faster than network_cli", faster, 15, at_least=True)
    if 200 in lives:
        onboard = seconds("onboard", 200, "life") - wait_of_lab
        yield Goal("onboard of 200 without the wait, to their drift report", onboard / seconds("drift report", 200), 3)
    many = max((size for group, _name, size in rows if group == "verify"), default=0)
    if many > 1:
        ratio = seconds("verify", many, "verify") / seconds("verify", 1, "verify")
        yield Goal(f"verify of {many}, to verify of one", ratio, 3)
    if len(sizes) > 1:
        growth = math.log(reading(most) / reading(sizes[0])) / math.log(most / sizes[0])
        yield Goal(f"exponent of the drift report, {sizes[0]} to {most:,}, without an empty play", growth, 1.05)
    yield Goal(f"peak MB of all processes, drift report of {most:,}", rows["reading", "drift report", most].memory, 250)
    for size in lives[-1:]:
        yield Goal(f"peak MB of all processes, onboard of {size:,}", rows["life", "onboard", size].memory, 250)
