# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The cases of each story: kills, signals and losses of the network at its steps, and chains of kills. One run finishes the work."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.failures import row_and_note
from tests.integration.support.lab import Lab
from tests.torture.support.cut_plays import SECONDS, Cut, proxies
from tests.torture.support.cut_proxy import WAYS
from tests.torture.support.kills import (
    Outcome,
    Story,
    assert_no_session_is_open,
    assert_reports_are_whole,
    files_of,
    lost_tokens,
    stop_at_halt,
)

AGAIN = 0.2
"""The share of the cases in which a further run must change nothing."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_is_killed_at_any_write_is_finished_by_the_next(
    lab: Lab, ansible: Ansible, story: Story, undisturbed: Any, rng: random.Random, at: int, when: str
) -> None:
    lab.halt(at, when)
    assert stopped(lab, ansible, story, "KILL")
    assert_one_run_converges(lab, ansible, story, undisturbed, again=rng.random() < AGAIN)


@pytest.mark.parametrize("how", ["TERM", "INT"])
def test_a_run_that_is_ended_or_interrupted_at_any_write_is_finished_by_the_next(
    lab: Lab, ansible: Ansible, story: Story, undisturbed: Any, rng: random.Random, at: int, how: str
) -> None:
    lab.halt(at, rng.choice(["before", "after"]))
    assert stopped(lab, ansible, story, how)
    assert_one_run_converges(lab, ansible, story, undisturbed, again=rng.random() < AGAIN)


def test_a_run_that_is_killed_before_the_answer_of_a_read_is_finished_by_the_next(
    lab: Lab,
    story: Story,
    undisturbed: Any,
    rng: random.Random,
    tally: Any,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    reads = undisturbed.reads
    reached = 0
    for number, read in enumerate(reads):
        with named(f"case {number}: {read}"):
            lab.reset()
            ansible = Ansible(tmp_path / f"ansible{number}", lab)
            lab.halt_before_answer(read.at, read.who)
            reached += stopped(lab, ansible, story, "KILL")
            assert_one_run_converges(lab, ansible, story, undisturbed, again=rng.random() < AGAIN)
    tally.cases(reached)
    tally.figure(
        f"kills before the answer of a read, {request.path.stem.removeprefix('test_')}",
        f"{reached} of {len(reads)} reads",
    )


def test_a_chain_of_kills_is_finished_by_the_next_run(
    lab: Lab, ansible: Ansible, story: Story, undisturbed: Any, rng: random.Random, tally: Any
) -> None:
    kills = 0
    for _link in range(rng.randint(4, 7)):
        lab.halt(rng.randint(1, 4), rng.choice(["before", "after"]))
        kills += stopped(lab, ansible, story, "KILL")
    tally.cases(kills)
    assert_one_run_converges(lab, ansible, story, undisturbed, again=True, kills=kills)


@pytest.fixture(scope="module")
def pieces(story: Story, lab_of_file: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Return the number of pieces of the traffic of an undisturbed run, by region and appliance."""
    folder = tmp_path_factory.mktemp("pieces")
    lab_of_file.reset()
    with proxies(lab_of_file, folder) as through:
        run = story.run(Ansible(folder / "ansible", lab_of_file), hosts=through.hosts, esa_ctr_regions=through.regions)
        assert run.rc == 0, run.output
        return through.pieces()


@pytest.mark.parametrize("to", ["a region", "an appliance"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("retries", [False, True], ids=["no retry", "retries"])
def test_a_run_that_loses_the_network_names_host_problem_and_fix_and_is_finished_by_the_next(
    lab: Lab,
    ansible: Ansible,
    story: Story,
    undisturbed: Any,
    pieces: dict[str, int],
    rng: random.Random,
    tmp_path: Path,
    way: str,
    to: str,
    retries: bool,
) -> None:
    appliances = set(lab.state()["appliances"])
    names = [name for name in pieces if (name in appliances) == (to == "an appliance")]
    (who,) = rng.choices(names, [pieces[name] for name in names])
    cut = Cut(who, rng.randint(1, pieces[who] * 9 // 10), way, rng.random() < 0.5)
    with named(str(cut)), proxies(lab, tmp_path, cut, retry_budget=10.0 * retries) as through:
        variables = {"hosts": through.hosts, "esa_ctr_regions": through.regions}
        run = story.run(ansible, seconds=SECONDS, **variables)
        assert through.proxies[who].cut or run.rc == 0, run.output
        assert_failures_have_a_fix(run)
        if who in appliances:
            assert run.bad_hosts() <= {who}, run.output
        assert (run.rc != 0) == bool(run.bad_hosts()), run.output
        assert_one_run_converges(lab, ansible, story, undisturbed, again=rng.random() < AGAIN, **variables)
    assert_no_session_is_open(lab)


def assert_failures_have_a_fix(run: Run) -> None:
    """Assert that a run names each bad host or its region, the problem and the fix."""
    assert "Traceback" not in run.output, run.output
    for host in run.bad_hosts():
        row = row_and_note(run, host)
        assert "Fix: " in row, (row, run.output)


def stopped(lab: Lab, ansible: Ansible, story: Story, how: str) -> bool:
    """Start the story, and stop it when the lab is halted; return whether it came that far."""
    run = story.run(ansible, watch=stop_at_halt(lab, how))
    assert "Traceback" not in run.output, run.output
    assert_no_session_is_open(lab)
    return run.rc != 0


def assert_one_run_converges(
    lab: Lab, ansible: Ansible, story: Story, undisturbed: Any, *, again: bool, kills: int = 1, **variables: Any
) -> None:
    """Assert that the next run leaves what an undisturbed run leaves, and that each kill cost an appliance one token at most."""
    run = story.run(ansible, **variables)
    assert run.rc == 0, run.output
    assert "Traceback" not in run.output, run.output
    assert Outcome.of(lab) == undisturbed.outcome
    assert files_of(ansible.folder) - undisturbed.files == set()
    assert {name: lost for name, lost in lost_tokens(lab).items() if lost > kills} == {}
    assert_reports_are_whole(ansible.folder)
    if again:
        begin = len(lab.writes())
        run = story.run(ansible, **variables)
        assert (run.rc, len(lab.writes())) == (0, begin), run.output


@contextlib.contextmanager
def named(case: str) -> Iterator[None]:
    """Add the name of the case to the error."""
    try:
        yield
    except BaseException as error:
        error.add_note(case)
        raise
