# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A held line, and uncommitted changes that all sessions of an appliance or a cluster share."""

from __future__ import annotations

import asyncio

import pytest

from tests.lab.lab import Lab
from tests.unit.lab.clients import Person, person_at, prompt_of, until, with_lab
from tests.unit.lab.test_services import control

ONE, TWO = "esa1.example.com", "esa2.example.com"
BOTH = [{"name": name, "region": "europe"} for name in (ONE, TWO)]
CLUSTER = [{"name": "Lab", "members": [ONE, TWO]}]


async def enable(person: Person, prompt: str) -> None:
    await person.says("cloudserviceconfig", "[]> ")
    await person.says("enable", "[]> ")
    await person.says("1", "[]> ")
    await person.says("", prompt)


def box(lab: Lab, name: str) -> dict[str, object]:
    return lab.state()["appliances"][name]


def test_a_held_line_is_carried_out_after_the_release() -> None:
    async def story(lab: Lab) -> None:
        prompt = prompt_of(lab, ONE)
        await control(lab, "/lines", {"line": "commit", "appliance": ONE})
        async with person_at(lab, ONE) as person:
            await enable(person, prompt)
            person.types("commit\n")
            await until(lambda: lab.recorder.lines.held == ONE)
            assert (box(lab, ONE)["uncommitted"], box(lab, ONE)["enabled"]) == (["enabled", "server"], False)
            lab.recorder.lines.release()
            await person.sees("[]> ")
            await person.says("mine", "[Y]> ")
            await person.says("", prompt)
        await until(lambda: box(lab, ONE)["uncommitted"] == [] and box(lab, ONE)["enabled"])

    with_lab(story, *BOTH)


def test_a_hold_skips_lines_and_other_appliances() -> None:
    async def story(lab: Lab) -> None:
        await control(lab, "/lines", {"line": "version", "appliance": TWO, "skip": 1})
        for name, held in ((ONE, None), (ONE, None), (TWO, None), (TWO, TWO)):
            async with person_at(lab, name) as person:
                person.types("version\n")
                if held is None:
                    await person.sees(prompt_of(lab, name))
                else:
                    await until(lambda: lab.recorder.lines.held == TWO)
        await control(lab, "/lines", {"line": "("}, 400)
        await control(lab, "/lines", {}, 400)

    with_lab(story, *BOTH)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("other", [ONE, TWO])
def test_uncommitted_changes_can_be_shared_by_the_sessions_of_a_cluster(shared: bool, other: str) -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, ONE) as first, person_at(lab, other) as second:
            await enable(first, prompt_of(lab, ONE))
            shown = await second.says("showchanges", prompt_of(lab, other))
            assert ("esa1.example.com: enabled: True" in shown) is shared
            if not shared:
                return
            await second.says("commit", "[]> ")
            await second.says("also of the first", "[Y]> ")
            await second.says("", prompt_of(lab, other))
            assert (box(lab, ONE)["enabled"], box(lab, ONE)["foreign_committed"]) == (True, True)
            assert "no data to commit" in await first.says("commit", prompt_of(lab, ONE))

    with_lab(story, *BOTH, clusters=CLUSTER, changes_are_shared=shared)


def test_shared_changes_are_cleared_by_any_session_and_end_with_their_own() -> None:
    async def story(lab: Lab) -> None:
        prompt = prompt_of(lab, ONE)
        async with person_at(lab, ONE) as second:
            async with person_at(lab, ONE) as first:
                await enable(first, prompt)
                await second.says("clearchanges", "[Y]> ")
                await second.says("", prompt)
                assert (box(lab, ONE)["uncommitted"], box(lab, ONE)["foreign_dropped"]) == ([], True)
                await enable(first, prompt)
                assert box(lab, ONE)["uncommitted"] == ["enabled", "server"]
            await until(lambda: box(lab, ONE)["uncommitted"] == [])
            await asyncio.sleep(0)
            assert "no uncommitted changes" in await second.says("showchanges", prompt)

    with_lab(story, *BOTH, changes_are_shared=True)
