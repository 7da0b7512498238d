# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The cases of each story: a kill at every write, other signals at some, and chains of kills. One run finishes the work."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import Lab
from tests.torture.support.kills import Outcome, Story, assert_reports_are_whole, files_of, stop_at_halt


def test_a_run_that_is_killed_at_any_write_is_finished_by_the_next(
    lab: Lab, ansible: Ansible, story: Story, undisturbed: Any, rng: random.Random, at: int
) -> None:
    stop(lab, ansible, story, "KILL", at, "before" if at % 2 else "after")
    assert_one_run_converges(lab, ansible, story, undisturbed, again=rng.random() < 0.2)


@pytest.mark.parametrize("how", ["TERM", "INT"])
def test_a_run_that_is_ended_or_interrupted_is_finished_by_the_next(
    lab: Lab, ansible: Ansible, story: Story, undisturbed: Any, rng: random.Random, how: str
) -> None:
    stop(lab, ansible, story, how, rng.randint(1, story.writes), rng.choice(["before", "after"]))
    assert_one_run_converges(lab, ansible, story, undisturbed, again=True)


def test_a_chain_of_kills_is_finished_by_the_next_run(
    lab: Lab, ansible: Ansible, story: Story, undisturbed: Any, rng: random.Random, tally: Any
) -> None:
    kills = 0
    for _link in range(rng.randint(4, 7)):
        kills += stop(lab, ansible, story, "KILL", rng.randint(1, 4), rng.choice(["before", "after"]))
    tally.cases(kills)
    assert_one_run_converges(lab, ansible, story, undisturbed, again=True)


def stop(lab: Lab, ansible: Ansible, story: Story, how: str, at: int, when: str) -> bool:
    """Start the story, and stop it at its next write number ``at``; return whether it came that far."""
    lab.halt(at, when)
    run = story.run(ansible, watch=stop_at_halt(lab, how))
    assert "Traceback" not in run.output, run.output
    return run.rc != 0


def assert_one_run_converges(lab: Lab, ansible: Ansible, story: Story, undisturbed: Any, *, again: bool) -> None:
    run = story.run(ansible)
    assert run.rc == 0, run.output
    assert "Traceback" not in run.output, run.output
    assert Outcome.of(lab) == undisturbed.outcome
    assert files_of(ansible.folder) - undisturbed.files == set()
    assert_reports_are_whole(ansible.folder)
    if again:
        begin = len(lab.writes())
        run = story.run(ansible)
        assert (run.rc, len(lab.writes())) == (0, begin), run.output
