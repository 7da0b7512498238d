# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mutated answers of every endpoint through the real client: a result or an error of the collection, in bounded memory."""

from __future__ import annotations

import random
import resource
import time
from collections import Counter
from typing import Any

import pytest

from tests.unit.plugins.module_utils.cloud.fixtures import ca, ca_path, environment, iroh, options
from tests.unit.plugins.module_utils.http import test_hostile_answers as hostile

__all__ = ["ca", "ca_path", "environment", "iroh", "options"]
CASES = 500
SECONDS = 10.0
"""For one case, on a loaded machine."""
GROWTH = 400_000
"""Kilobytes by which the process may grow."""


def tried(seeds: range, iroh: Any, options: dict[str, Any]) -> tuple[Counter[str], list[str]]:
    """Return how many cases had each outcome, and what is wrong."""
    outcomes: Counter[str] = Counter()
    wrong = []
    for seed in seeds:
        began = time.monotonic()
        outcome = hostile.run_one(seed, iroh, options)
        outcomes[outcome.partition(":")[0]] += 1
        if outcome.startswith("foreign") or time.monotonic() - began > SECONDS:
            wrong.append(f"seed {seed}: {outcome}, {time.monotonic() - began:.1f} s")
    return outcomes, wrong


@pytest.mark.parametrize("share", range(4))
def test_every_mutated_body_gives_a_result_or_an_error_of_the_collection(
    share: int, rng: random.Random, tally: Any, iroh: Any, options: dict[str, Any]
) -> None:
    first = rng.randrange(10**9)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes, wrong = tried(range(first, first + CASES), iroh, options)
    tally.cases(CASES)
    understood = outcomes["result"]
    tally.figure(
        f"mutated bodies, part {share + 1}", f"{understood} results, {CASES - understood} errors of the collection"
    )
    assert wrong == []
    assert outcomes["result"] > CASES / 20, "not every answer is refused"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH


def test_a_few_mutated_bodies(rng: random.Random, tally: Any, iroh: Any, options: dict[str, Any]) -> None:
    first = rng.randrange(10**9)
    outcomes, wrong = tried(range(first, first + 60), iroh, options)
    tally.cases(outcomes.total())
    assert wrong == []
