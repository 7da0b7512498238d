# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switches of the dialect for menus, questions and sentences."""

from __future__ import annotations

import pytest

from tests.lab.lab import Lab
from tests.unit.lab.clients import person_at, prompt_of, with_lab, writes

NAME = "esa1.example.com"
REGISTERED = {"enabled": True, "region": "europe", "registered": True}


def menu_lines(seen: str) -> list[str]:
    """Return the lines between the introduction of the last menu and its prompt."""
    lines = seen.replace("\r", "").split("\n")
    start = max(number for number, line in enumerate(lines) if line.endswith(":"))
    return lines[start + 1 : -1]


def menu_of(**dialect: object) -> tuple[str, list[str]]:
    """Return the output of `cloudserviceconfig` on a registered appliance of generation 4, and the lines of its menu."""
    shown = []

    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            shown.append(await person.says("cloudserviceconfig", "[]> "))

    with_lab(story, {"name": NAME, "generation": 4, "initial": REGISTERED, "dialect": dialect})
    return shown[0], menu_lines(shown[0])


def test_order_style_and_case_of_menus() -> None:
    _, normal = menu_of()
    assert len(normal) == 6
    assert all(line.startswith("- ") for line in normal)
    assert menu_of(menu_order="reversed")[1] == normal[::-1]
    shuffled = [menu_of(menu_order="shuffled", menu_seed=seed)[1] for seed in (1, 1, 2)]
    assert sorted(shuffled[0]) == sorted(normal)
    assert shuffled[0] == shuffled[1] != shuffled[2]
    _, numbered = menu_of(menu_style="numbered", keyword_case="lower")
    assert numbered[0].startswith("1. disable - To disable")
    assert [line.split(". ")[0] for line in numbered] == list("123456")


def test_wording_of_menus_and_lines_before_them() -> None:
    seen, other = menu_of(menu_wording="other", lines_before_menu=["[notice] one", "[]"])
    assert "Choose the operation" not in seen
    assert "press Enter to go back:" in seen
    assert "\r\n[notice] one\r\n[]\r\n\r\n" in seen
    assert "- DEREGISTER - Leave the portal" in seen
    assert len(other) == 6


def test_long_sentences_are_wrapped_but_not_lists() -> None:
    seen, menu = menu_of(status_wrap=24)
    assert "The Content Security\r\nappliance is\r\nsuccessfully registered" in seen
    assert max(map(len, menu)) > 24

    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            await person.says("cloudserviceconfig", "[]> ")
            seen = await person.says("deregister", "[N]> ")
            assert "Are you sure you want to\r\nderegister your" in seen
            assert seen.replace("\r\n", " ").count("from the Cisco Cloud Service portal? [N]> ") == 1

    with_lab(story, {"name": NAME, "initial": REGISTERED, "dialect": {"status_wrap": 24}})


@pytest.mark.parametrize("generation", [1, 3])
def test_a_lower_case_numbered_menu_accepts_the_shown_number(generation: int) -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            command = "threatresponseconfig" if generation == 1 else "cloudserviceconfig"
            seen = await person.says(command, "[]> ")
            number = next(line[0] for line in seen.splitlines() if "enable -" in line and "portal" not in line)
            await person.says(number, "[]> ")
            if generation == 3:
                await person.says("1", "[]> ")
            await person.says("", prompt_of(lab, NAME))
            assert "enabled" in await person.says("showchanges", prompt_of(lab, NAME))

    dialect = {"menu_style": "numbered", "menu_order": "reversed", "keyword_case": "lower"}
    with_lab(story, {"name": NAME, "generation": generation, "dialect": dialect})


@pytest.mark.parametrize(
    ("server_default", "configured", "brackets"),
    [
        ("current", True, "[2]> "),
        ("current", False, "[]> "),
        ("none", True, "[]> "),
        ("first", True, "[2]> "),
        ("first", False, "[1]> "),
    ],
)
def test_default_of_the_server_question(server_default: str, configured: bool, brackets: str) -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            await person.says("cloudserviceconfig", "[]> ")
            seen = await person.says("SETTRS" if configured else "ENABLE", "portal:")
            assert (await person.sees("]> ")).strip() == brackets.strip()
            assert "1. AMERICAS" in seen
            if brackets == "[]> ":
                assert "not valid" in await person.says("", "]> ")

    initial = {"enabled": True, "region": "europe"} if configured else {}
    with_lab(story, {"name": NAME, "initial": initial, "dialect": {"server_default": server_default}})


def test_defaults_of_the_other_questions() -> None:
    async def story(lab: Lab) -> None:
        prompt = prompt_of(lab, NAME)
        async with person_at(lab, NAME) as person:
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("deregister", "[No]> ")
            await person.says("", "[]> ")
            await person.says("enablecsn", "[]> ")
            await person.says("", prompt)
            await person.says("commit", "[none]> ")
            await person.says("", "rollback? [N]> ")
            assert "Changes committed" in await person.says("", prompt)
        assert lab.appliances[NAME].appliance.registered

    dialect = {"deregister_default": "No", "comment_default": "none", "rollback_default": "N"}
    with_lab(story, {"name": NAME, "generation": 4, "initial": REGISTERED, "dialect": dialect})


def test_commit_may_offer_to_discard() -> None:
    async def story(lab: Lab) -> None:
        prompt = prompt_of(lab, NAME)
        box = lab.appliances[NAME].appliance
        async with person_at(lab, NAME) as person:
            assert "no data to commit" in await person.says("commit", prompt)
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("settrs", "[2]> ")
            await person.says("1", "[]> ")
            await person.says("", prompt)
            await person.says("commit", "Are you ready to discard all of your changes? [N]> ")
            await person.says("", prompt)
            assert "server" in await person.says("showchanges", prompt)
            await person.says("commit", "[N]> ")
            await person.says("y", prompt)
            assert "no data to commit" in await person.says("commit", prompt)
        assert box.as_json()["region"] == "europe"
        assert writes(lab) == [("cloudserviceconfig", "1"), ("commit", "y")]

    initial = {"enabled": True, "region": "europe"}
    with_lab(story, {"name": NAME, "initial": initial, "dialect": {"discard_question": True}})
