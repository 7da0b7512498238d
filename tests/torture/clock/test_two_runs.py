# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs at once, of any kinds and held at any request: their messages are true, and a rerun of the first converges."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.integration.support import two_runs
from tests.integration.support.lab import Lab
from tests.integration.support.two_runs import HOLDS, Pair
from tests.torture.conftest import Tally

FLEET = two_runs.FLEET
PAIRS = (
    ("onboard", "onboard"),
    ("onboard", "remove"),
    ("prune", "prune"),
    ("prune", "onboard"),
    ("move", "onboard"),
    ("verify", "remove"),
    ("verify", "onboard"),
    ("diagnose", "onboard"),
    ("rollout", "rollout"),
    ("remove", "remove"),
)
WRITES = ("onboard", "prune", "move", "remove", "rollout")


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=map("+".join, PAIRS))
def test_what_two_runs_tell_is_true(
    lab: Lab, tmp_path: Path, rng: random.Random, tally: Tally, first: str, second: str
) -> None:
    drawn = rng.sample(sorted(HOLDS), 2) if first in WRITES else []
    holds = [HOLDS[name] for name in drawn] or [{"method": "GET", "path_regex": ".*", "skip": rng.randrange(4)}]
    for place, hold in enumerate([*holds, {}]):
        lab.reset()
        pair = Pair(lab, tmp_path / str(place), first, second)
        pair.run(**hold)
        assert pair.false_messages() == [], (hold, [run.output for run in pair.runs])
        if first in WRITES:
            again = pair.rerun()
            assert (again.rc, pair.left_over()) == (0, []), (hold, again.output)
    tally.cases(len(holds) + 1)
