# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Damaged screens in dialogues of onboarding and removal: no false success, no write after an unknown answer, bounded memory."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import Any

import pytest

from tests.integration.support.lab import ROOT

CASES = 1_000
GROWTH = 50_000
"""Kilobytes by which the process of 1,000 dialogues may grow."""
SECONDS = 300


@pytest.mark.parametrize("share", range(5))
def test_a_damaged_screen_never_counts_as_success(share: int, rng: random.Random, tally: Any) -> None:
    first = rng.randrange(10**9)
    command = [sys.executable, "-m", "tests.torture.support.dialogue_memory", str(first), str(CASES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=SECONDS)
    found = json.loads(done.stdout)
    ends, wrong = found["ends"], found["wrong"]
    tally.cases(CASES)
    tally.figure(
        f"damaged dialogues, part {share + 1}",
        f"{ends['stopped']} stopped, {ends['done']} done, {found['kilobytes'] / 1024:.1f} MB",
    )
    assert not wrong, "\n".join(f"dialogue {number}: {end}" for number, end in wrong.items())
    assert ends["stopped"], "some damage must be noticed"
    assert found["kilobytes"] < GROWTH
