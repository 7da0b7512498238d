# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A damaged screen never ends in a false success, in a wrong server, or in changes of others that are committed.

C(DIALOGUES) in the environment says how many damaged dialogues are tried, with a random seed where it is given, and
C(SEED) which is the first; with C(DIALOGUES=1) and the number from a failure as C(SEED), it is repeated.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.unit.plugins.module_utils.asyncos.mutations import Dialogue, tally

USUAL = 600
SHARES = 4
DIALOGUES = int(os.environ.get("DIALOGUES", USUAL))
SEED = int(os.environ.get("SEED", random.randrange(10**9) if "DIALOGUES" in os.environ else 0))


@pytest.mark.parametrize("share", range(min(SHARES, DIALOGUES)))
def test_a_damaged_screen_never_counts_as_success(share: int) -> None:
    first = SEED + share * 10**9
    ends, wrong = tally(first, -(-DIALOGUES // SHARES))
    print(f"\nfrom dialogue {first}: {dict(ends.most_common())}")
    repeat = [f"DIALOGUES=1 SEED={number}: {end}" for number, end in wrong.items()]
    assert not wrong, "\n".join(["make unit ARGS='-k damaged_screen' with", *repeat])
    assert DIALOGUES < USUAL or (ends["done"] and ends["stopped"])


def test_a_dialogue_is_repeated_by_its_number() -> None:
    assert [Dialogue(number).run() for number in range(20)] == [Dialogue(number).run() for number in range(20)]
