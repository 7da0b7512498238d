# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Damaged screens in dialogues of onboarding and removal: no false success, and no write after an unknown answer."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from tests.unit.plugins.module_utils.asyncos import mutations

CASES = 1_000


@pytest.mark.parametrize("share", range(5))
def test_a_damaged_screen_never_counts_as_success(share: int, rng: random.Random, tally: Any) -> None:
    first = rng.randrange(10**9)
    ends, wrong = mutations.tally(first, CASES)
    tally.cases(CASES)
    tally.figure(f"damaged dialogues, part {share + 1}", f"{ends['stopped']} stopped, {ends['done']} done")
    assert not wrong, "\n".join(f"dialogue {number}: {end}" for number, end in wrong.items())
    assert Counter(ends)["stopped"], "some damage must be noticed"
