# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The undisturbed run of a story, and the numbers of its writes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import Lab
from tests.torture.support.kills import Outcome, Read, Story, files_of, lost_tokens, reads_of


@dataclass(frozen=True)
class Undisturbed:
    """What a run leaves that nobody stops."""

    outcome: Outcome
    files: set[str]
    reads: list[Read]


@pytest.fixture(scope="module")
def story(request: pytest.FixtureRequest) -> Story:
    """Return the STORY of the test file."""
    told: Story = request.module.STORY
    return told


@pytest.fixture(scope="module")
def undisturbed(story: Story, lab_of_file: Lab, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """Make the story once, and a second time without a write."""
    ansible = Ansible(tmp_path_factory.mktemp("undisturbed") / "ansible", lab_of_file)
    lab_of_file.reset()
    run = story.run(ansible)
    assert run.rc == 0, run.output
    assert len(lab_of_file.writes()) == story.writes, lab_of_file.writes()
    left = Undisturbed(Outcome.of(lab_of_file), files_of(ansible.folder), reads_of(lab_of_file.calls()))
    assert lost_tokens(lab_of_file) == {}
    again = story.run(ansible)
    assert (again.rc, len(lab_of_file.writes())) == (0, story.writes), again.output
    lab_of_file.reset()
    return left


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a case of each write of a story."""
    if "at" in metafunc.fixturenames:
        metafunc.parametrize("at", range(1, metafunc.module.STORY.writes + 1))
