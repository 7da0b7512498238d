# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs at once: each tells what the other changed, no appliance fails for it if it need not, and a rerun converges."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.support import two_runs
from tests.integration.support.lab import Lab
from tests.integration.support.two_runs import (
    DONE,
    FAR,
    HOLDS,
    MEANWHILE,
    NEW,
    WAITING,
    Pair,
    rows_of,
)

FLEET = two_runs.FLEET


def held(lab: Lab, folder: Path, first: str, second: str, hold: str) -> Pair:
    """Return a pair whose first run was held at this request, and whose messages are true."""
    pair = Pair(lab, folder, first, second)
    pair.run(**HOLDS[hold])
    assert pair.held
    assert pair.false_messages() == [], [run.output for run in pair.runs]
    return pair


def assert_converges(pair: Pair) -> None:
    again = pair.rerun()
    assert again.rc == 0, again.output
    assert pair.left_over() == []


@pytest.mark.parametrize("hold", ["a token is issued", "a record is added"])
def test_a_token_that_another_run_replaced_is_not_blamed(lab: Lab, tmp_path: Path, hold: str) -> None:
    pair = held(lab, tmp_path, "prune", "prune", hold)
    first, second = pair.runs
    assert (first.rc, second.rc) == (0, 0), first.output
    assert MEANWHILE in rows_of(first)[WAITING]["detail"]
    assert all(lab.is_onboarded(name, "europe") for name in (NEW, WAITING, DONE))
    assert_converges(pair)


def test_a_record_that_another_run_removed_is_added_again_with_a_new_token(lab: Lab, tmp_path: Path) -> None:
    pair = held(lab, tmp_path, "onboard", "remove", "a token is issued")
    rows = rows_of(pair.runs[0])
    for name in (NEW, WAITING):
        assert "changed by another run meanwhile: the SSE record was deleted" in rows[name]["detail"]
        assert lab.is_onboarded(name, "europe")
    assert (rows[DONE]["result"], rows[DONE]["registration"]) == ("failed", None)
    assert f"{MEANWHILE}: the SSE record was deleted" in rows[DONE]["detail"]
    assert "Note: europe: another run changed 3 appliances while this run worked" in pair.runs[0].output
    assert_converges(pair)


def test_a_record_that_another_run_added_gets_a_new_token(lab: Lab, tmp_path: Path) -> None:
    pair = held(lab, tmp_path, "onboard", "onboard", "before a record is added")
    assert [run.rc for run in pair.runs] == [0, 0], pair.runs[0].output
    assert f"{MEANWHILE}: the appliance was registered" in rows_of(pair.runs[0])[NEW]["detail"]
    assert_converges(pair)


def test_a_removal_claims_only_its_own_deletions(lab: Lab, tmp_path: Path) -> None:
    pair = held(lab, tmp_path, "remove", "remove", "before a module is deleted")
    first = rows_of(pair.runs[0])[DONE]
    assert "changed by another run meanwhile: the CTR module was deleted" in first["detail"]
    assert "changed by another run meanwhile: the appliance was deregistered" in first["detail"]
    assert first["done"] == []
    assert_converges(pair)


def test_a_module_is_not_created_twice(lab: Lab, tmp_path: Path) -> None:
    pair = held(lab, tmp_path, "onboard", "onboard", "before a module is created")
    assert [run.rc for run in pair.runs] == [0, 0], pair.runs[0].output
    assert_converges(pair)


def test_a_move_beside_an_onboarding_is_complete(lab: Lab, tmp_path: Path) -> None:
    pair = held(lab, tmp_path, "move", "onboard", "a token is issued")
    assert pair.runs[0].rc == 0, pair.runs[0].output
    assert lab.is_onboarded(FAR, "europe") and lab.device("apjc", FAR) is None
    assert_converges(pair)
