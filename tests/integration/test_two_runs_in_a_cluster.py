# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs in one cluster: a run neither commits nor drops the uncommitted changes of the other, and says so; reruns converge."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.support.lab import Lab
from tests.integration.support.two_runs import FRESH, LINES, NEW, WAITING, Pair, cluster_fleet, rows_of

FLEET = cluster_fleet(shared=True)
SAYS = ("another administrator's uncommitted changes or those of another run", "wait for the end of other runs")


def box(lab: Lab, name: str) -> tuple[bool, bool, bool]:
    """Return whether the appliance is registered, and whether another session committed or dropped its changes."""
    found = lab.appliance(name)
    return found["registered"], found["foreign_committed"], found["foreign_dropped"]


@pytest.mark.parametrize(("second", "member"), [("onboard new", NEW), ("onboard fresh", FRESH)])
@pytest.mark.parametrize("hold", ["before a commit", "before the comment of a commit"])
def test_uncommitted_changes_of_another_run_stop_a_run(
    lab: Lab, tmp_path: Path, second: str, member: str, hold: str
) -> None:
    pair = Pair(lab, tmp_path, "onboard new", second)
    first, other = pair.run(**LINES[hold])
    assert pair.held
    assert (first.rc, first.bad_hosts()) == (0, set()), first.output
    assert other.bad_hosts() == {member}
    assert all(text in other.output for text in SAYS), other.output
    assert not {"commit", "clearchanges"} & set(lab.typed(FRESH))
    assert lab.typed(NEW).count("commit") == 1
    assert box(lab, NEW) == (True, False, False)
    assert pair.false_messages() == []
    again = pair.rerun(1)
    assert (again.rc, lab.is_onboarded(member, "europe"), pair.left_over(WAITING)) == (0, True, []), again.output


def test_a_run_that_another_one_overtakes_continues_from_the_new_state(lab: Lab, tmp_path: Path) -> None:
    pair = Pair(lab, tmp_path, "onboard new", "onboard new")
    first, second = pair.run(**LINES["before the service is enabled"])
    assert pair.held
    assert [run.rc for run in (first, second)] == [0, 0], first.output
    assert "changed by another run meanwhile" in rows_of(first)[NEW]["detail"]
    assert (lab.is_onboarded(NEW, "europe"), pair.false_messages()) == (True, [])
    again = pair.rerun()
    assert (again.rc, again.changes(), pair.left_over(WAITING)) == (0, set(), [])


@pytest.mark.parametrize("second", ["diagnose", "verify"])
def test_a_run_that_only_reads_leaves_the_changes(lab: Lab, tmp_path: Path, second: str) -> None:
    pair = Pair(lab, tmp_path, "onboard new", second)
    first, _reads = pair.run(**LINES["before a commit"])
    assert pair.held
    assert (first.rc, box(lab, NEW)) == (0, (True, False, False)), first.output
    assert pair.false_messages() == []
