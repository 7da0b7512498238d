# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Another administrator's uncommitted changes, which every session finds."""

from __future__ import annotations

import pytest

from tests.lab.lab import Lab
from tests.unit.lab.clients import person_at, prompt_of, with_lab, writes

NAME = "esa1.example.com"
FOUND = {"name": NAME, "initial": {"pending": True}}


def outcome(lab: Lab) -> tuple[bool, bool, bool]:
    """Return whether the changes are pending, committed and dropped."""
    state = lab.state()["appliances"][NAME]
    return state["pending"], state["foreign_committed"], state["foreign_dropped"]


def test_every_session_finds_the_changes_and_does_not_drop_them() -> None:
    async def story(lab: Lab) -> None:
        prompt = prompt_of(lab, NAME)
        for _session in range(2):
            async with person_at(lab, NAME) as person:
                assert "smtproutes" in await person.says("showchanges", prompt)
                await person.says("commit", "[]> ")
                person.types("\x03")
                await person.sees(prompt)
                await person.says("exit", "Are you sure you wish to exit? [N]> ")
                person.types("y\n")
                await person.is_cut_off()
        assert outcome(lab) == (True, False, False)
        assert writes(lab) == []

    with_lab(story, FOUND)


def test_commit_includes_foreign_changes() -> None:
    async def story(lab: Lab) -> None:
        prompt = prompt_of(lab, NAME)
        async with person_at(lab, NAME) as person:
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("enable", "[]> ")
            await person.says("1", "[]> ")
            await person.says("", prompt)
            shown = await person.says("showchanges", prompt)
            assert "smtproutes" in shown and "enabled: True" in shown
            await person.says("commit", "[]> ")
            await person.says("mine", "[Y]> ")
            assert "Changes committed" in await person.says("", prompt)
            assert "There are no uncommitted changes." in await person.says("showchanges", prompt)
        assert outcome(lab) == (False, True, False)
        assert ("commit", "") in writes(lab)
        lab.reset()
        assert outcome(lab) == (True, False, False)

    with_lab(story, FOUND)


@pytest.mark.parametrize("discard", [False, True])
def test_clearchanges_and_discard_drop_foreign_changes(discard: bool) -> None:
    async def story(lab: Lab) -> None:
        prompt = prompt_of(lab, NAME)
        command = "commit" if discard else "clearchanges"
        async with person_at(lab, NAME) as person:
            await person.says(command, "]> ")
            await person.says("y", prompt)
            assert "There is no data to commit." in await person.says("commit", prompt)
        assert outcome(lab) == (False, False, True)
        assert writes(lab) == [(command, "y")]

    with_lab(story, {**FOUND, "dialect": {"discard_question": discard}})


def test_there_are_no_foreign_changes_by_default() -> None:
    async def story(lab: Lab) -> None:
        assert outcome(lab) == (False, False, False)

    with_lab(story, {"name": NAME})
