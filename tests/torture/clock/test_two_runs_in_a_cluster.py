# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs in one cluster, in two worlds: sessions find only their own uncommitted changes, or those of all members."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.support.lab import Lab, running_lab
from tests.integration.support.two_runs import FRESH, HOLDS, LINES, MEMBERS, NEW, Pair, cluster_fleet
from tests.torture.conftest import Tally

PAIRS = (
    ("onboard new", "onboard fresh"),
    ("onboard new", "onboard new"),
    ("onboard", "onboard fresh"),
    ("onboard", "remove and disable"),
    ("remove and disable", "onboard"),
    ("onboard new", "drift report"),
)
FINDS_ALL = ("own changes", "shared changes")
RERUNS = len(MEMBERS)
"""With shared changes, the members of one run stop each other too. Each rerun finishes at least one of them."""


@pytest.fixture(scope="module", params=FINDS_ALL)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, bool]]:
    shared = request.param == FINDS_ALL[1]
    with running_lab(cluster_fleet(shared), tmp_path_factory.mktemp("lab") / "lab") as lab:
        yield lab, shared


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=map("+".join, PAIRS))
def test_no_run_drops_a_change_or_claims_what_is_not_true(
    world: tuple[Lab, bool], tmp_path: Path, rng: random.Random, tally: Tally, first: str, second: str
) -> None:
    lab, shared = world
    lines = {**LINES} if first.startswith("onboard") else {}
    held = rng.choice([*lines.values(), *HOLDS.values()])
    for place, hold in enumerate([held, {}]):
        lab.reset()
        pair = Pair(lab, tmp_path / str(place), first, second)
        pair.run(**hold)
        outputs = [run.output for run in pair.runs]
        assert pair.false_messages() == [], (hold, outputs)
        boxes = lab.state()["appliances"]
        assert not [name for name, box in boxes.items() if box["foreign_dropped"]], (hold, outputs)
        if not shared:
            assert not [name for name, box in boxes.items() if box["foreign_committed"]]
        reruns = (pair.rerun() for _try in range(RERUNS if shared else 1))
        again = next((run for run in reruns if run.rc == 0), None)
        assert again is not None, (hold, pair.runs[0].output)
        limited = [name for name in MEMBERS if "new" in first.split() and name != NEW]
        assert pair.left_over(*limited) == [], (hold, again.output)
        if first == "onboard new":
            assert lab.is_onboarded(NEW, "europe")
        if second == "onboard fresh" and not shared:
            assert lab.is_onboarded(FRESH, "europe")
    tally.cases(2)
