# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an appliance refuses is named with the fix, changes nothing, leaves nothing pending, and is not tried again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lab.lab import Lab
from tests.unit.lab.clients import with_lab
from tests.unit.plugins.module_utils.asyncos.person import NAME, new_token, state_of, task

PLACES = [
    "login",
    "version",
    "showchanges",
    "cloudserviceconfig",
    "ENABLE",
    "SETTRS",
    "commit",
    "REGISTER",
    "token",
    "DEREGISTER",
    "DISABLE",
]


def cli_writes(lab: Lab) -> list[tuple[str | None, str | None]]:
    return [(call.command, call.line) for call in lab.recorder.calls if call.kind == "cli" and call.write]


@pytest.mark.parametrize(
    ("dialect", "named"),
    [
        ({"refusal": "no_cli_rights"}, "no rights on the command line"),
        ({"refusal": "expired_password"}, "password has expired"),
        ({"refusal": "two_factor"}, "asks for more than a password"),
        ({"refusal": "two_factor", "two_factor_at": "login"}, "second factor"),
        ({"refusal": "session_limit"}, "refuses another session"),
        ({"refusal": "maintenance"}, "the appliance ended the session"),
        ({"refusal": "idle_timeout", "idle_after_lines": 3}, "ended the session"),
        ({"refusal": "configuration_lock"}, "another user has locked"),
        ({"discard_question": True}, "discard the changes"),
        ({"prompt": "disconnected"}, "disconnected from its cluster"),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_a_refusal_is_reported_and_changes_nothing(dialect: dict[str, Any], named: str) -> None:
    async def story(lab: Lab) -> None:
        before = state_of(lab)
        outcome = await task(lab, "registered", token=await new_token(lab), command_timeout=2, login_timeout=2)
        assert outcome.error is not None and outcome.steps == []
        assert named in str(outcome.error), outcome.error
        assert NAME in str(outcome.error) and "Fix:" in str(outcome.error)
        assert lab.password not in str(outcome.error)
        assert state_of(lab) == before
        commits = [call for call in lab.recorder.calls if call.line == "commit"]
        assert len(commits) <= 1, "not tried again"

    with_lab(story, {"name": NAME, "generation": 3, "dialect": dialect})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("generation", [1, 2, 3, 4])
def test_an_unknown_question_is_not_answered(place: str, generation: int) -> None:
    """The lab counts every answer but no as a write; what was written is the beginning of what would have been."""
    initial, wished = {}, "registered"
    if place in ("DEREGISTER", "DISABLE"):
        initial, wished = {"enabled": True, "region": "europe", "registered": True}, "disabled"
    elif place == "SETTRS":
        initial = {"enabled": True, "region": "americas"}
    appliance = {"name": NAME, "generation": generation, "initial": initial}
    usual: list[str | None] = []

    async def undisturbed(lab: Lab) -> None:
        outcome = await task(lab, wished, token=await new_token(lab) if wished == "registered" else None)
        assert outcome.error is None
        usual.extend(command for command, _line in cli_writes(lab))

    async def disturbed(lab: Lab) -> None:
        before = state_of(lab)
        token = await new_token(lab) if wished == "registered" else None
        outcome = await task(lab, wished, token=token, command_timeout=2, login_timeout=2)
        box = lab.appliances[NAME].appliance.as_json()
        assert box["refusals"] == 1
        assert outcome.error is not None and NAME in str(outcome.error) and "Fix:" in str(outcome.error)
        assert not token or token not in str(outcome.error)
        written = [command for command, _line in cli_writes(lab)]
        assert len(written) < len(usual) and written == usual[: len(written)]
        if place not in ("REGISTER", "token", "DISABLE"):
            assert state_of(lab) == before

    with_lab(undisturbed, appliance)
    with_lab(disturbed, {**appliance, "dialect": {"refusal": "unknown_screen", "unknown_screen_at": place}})


@pytest.mark.parametrize("wished", ["registered", "disabled"])
def test_changes_of_others_are_reported_and_unchanged(wished: str) -> None:
    registered = {"enabled": True, "region": "europe", "registered": True, "pending": True}
    initial = {"pending": True} if wished == "registered" else registered

    async def story(lab: Lab) -> None:
        before = state_of(lab)
        token = await new_token(lab) if wished == "registered" else None
        outcome = await task(lab, wished, token=token)
        assert outcome.pending_changes is True
        assert outcome.error is not None and "another administrator's uncommitted changes" in str(outcome.error)
        box = lab.appliances[NAME].appliance.as_json()
        assert box["pending"] and not box["foreign_committed"] and not box["foreign_dropped"]
        assert state_of(lab) == before
        assert cli_writes(lab) == []

    with_lab(story, {"name": NAME, "initial": initial})


def test_steps_without_a_commit_run_despite_changes_of_others() -> None:
    async def story(lab: Lab) -> None:
        outcome = await task(lab, "unregistered")
        assert outcome.error is None and outcome.pending_changes is True
        box = lab.appliances[NAME].appliance.as_json()
        assert box["pending"] and not box["foreign_committed"] and not box["foreign_dropped"]
        assert not box["registered"]

    initial = {"enabled": True, "region": "europe", "registered": True, "pending": True}
    with_lab(story, {"name": NAME, "initial": initial})
