# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark, which no check runs: its modules can be imported, and its goals follow from its rows."""

from __future__ import annotations

import importlib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.bench.goals import goals
from tests.bench.measure import Figures
from tests.bench.picture import picture
from tests.bench.rows import Row, row_of, table
from tests.unit.consistency.support import ROOT

# netmiko is installed by the benchmark itself.
MODULES = sorted(path for path in (ROOT / "tests" / "bench").glob("*.py") if path.name != "netmiko_reader.py")
SECONDS = {
    ("reading", "asyncssh alone"): (1, 20),
    ("reading", "drift report"): (3, 42),
    ("reading", "empty play"): (2, 10),
    ("reading", "network_cli"): (60, 620),
    ("life", "onboard"): (9, 200),
    ("life", "second onboard"): (4, 44),
    ("life", "drift report, converged"): (3, 40),
}


def rows() -> list[Row]:
    found = []
    for (group, name), times in SECONDS.items():
        for size, seconds in zip((50, 1000), times, strict=True):
            figures = [Figures(seconds, 1.0, 1.0, 100.0 if size == 50 else 260.0, 3)]
            found.append(row_of(group, name, size, figures, figures))
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_benchmark_can_be_imported(path: Path) -> None:
    importlib.import_module(f"tests.bench.{path.stem}")


def test_goals_are_ratios_of_the_rows() -> None:
    reached = {goal.text: (goal.figure, goal.met) for goal in goals(rows(), [50, 1000], 1.0)}
    assert reached["drift report of 1,000 without an empty play, to asyncssh alone"] == (1.6, False)
    assert reached["drift report of 1,000 with everything, to asyncssh alone"] == (2.1, False)
    assert reached["drift report of 50, times faster than network_cli"] == (20.0, True)
    assert reached["second onboard of 1,000, to their drift report"] == (1.1, True)
    assert reached["peak MB of all processes, drift report of 1,000"] == (260.0, False)


def test_the_ratio_is_of_runs_next_to_each_other() -> None:
    slow, fast = Figures(10, 1, 1, 1, 1), Figures(1, 1, 1, 1, 1)
    row = row_of("reading", "ours", 50, [slow, fast, fast], [slow, fast, fast])
    assert (row.ratio, row.seconds, row.least, row.most) == (1, 1, 1, 10)


def test_table_and_picture_show_every_method() -> None:
    assert "1,000" in table(rows())
    assert "260" in table(rows())
    drawn = ElementTree.fromstring(picture(rows()))
    texts = "".join(drawn.itertext())
    assert "620.0 s" in texts
    assert "network_cli" in texts
