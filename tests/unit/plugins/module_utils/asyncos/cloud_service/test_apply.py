# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task does on an appliance that shows little, or something else than the usual."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import state as cs
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.apply import Outcome
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import (
    Refusal,
    TokenRefused,
    UnexpectedScreen,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._change import Meanwhile
from tests.lab.appliance.commands import texts
from tests.lab.regions import SERVERS
from tests.unit.plugins.module_utils.asyncos.inprocess import Box, BoxChannel, at_once, ensure_on

EUROPE = SERVERS["europe"]
ON = {"enabled": True, "region": "europe"}


def task(
    box: Box, state: str, check: bool = False, change: Callable[[str], str] | None = None
) -> tuple[Outcome, list[str]]:
    async def story() -> tuple[Outcome, list[str]]:
        channel = BoxChannel(box, (lambda text: [change(text)]) if change else None)
        wanted = (EUROPE if state in ("enabled", "registered") else None, None)
        if state == "registered":
            wanted = (EUROPE, box.new_token())
        return await ensure_on(channel, state, *wanted, check=check), channel.typed

    return at_once(story())


@pytest.mark.parametrize("generation", [1, 2, 3, 4])
@pytest.mark.parametrize("region", ["europe", "americas"])
def test_enabled_does_not_set_a_hidden_server_again(generation: int, region: str) -> None:
    """It is set before a registration, and only then, since whether it is another one is unknown."""
    hidden = {"current_server_line": False, "server_default": "none"}
    box = Box(generation=generation, initial={**ON, "region": region}, dialect=hidden)
    for check in (True, False, False):
        outcome, typed = task(box, "enabled", check)
        assert (outcome.error, outcome.steps, outcome.after.server) == (None, [], None)
        assert outcome.after.registration == cs.UNREGISTERED
        assert "commit\n" not in typed and box.writes == []
    predicted, _typed = task(box, "registered", check=True)
    outcome, _typed = task(box, "registered")
    assert outcome.error is None and outcome.steps == predicted.steps
    assert [step.kind for step in outcome.steps] == ["set_server", "commit", "register"]
    assert (box.state["server"], box.state["registered"]) == (EUROPE, True)


@pytest.mark.parametrize("generation", [1, 2, 3, 4])
def test_enabled_converges_with_a_hidden_server(generation: int) -> None:
    box = Box(generation=generation, dialect={"current_server_line": False, "server_default": "none"})
    first, _typed = task(box, "enabled")
    assert first.error is None and [step.kind for step in first.steps] == ["enable", "commit"]
    again, _typed = task(box, "enabled")
    assert (again.error, again.steps) == (None, [])


def autoregister(text: str) -> str:
    return text.replace("- REGISTER - ", "- AUTOREGISTER - ")


@pytest.mark.parametrize("generation", [1, 2, 3, 4])
def test_a_menu_with_autoregister_only_means_smart_licensing(generation: int) -> None:
    box = Box(generation=generation, initial=ON)
    for state in ("registered", "unregistered"):
        for check in (True, False):
            outcome, _typed = task(box, state, check, autoregister)
            assert isinstance(outcome.error, Refusal)
            assert outcome.before.registration == cs.SMART_LICENSING
            assert "AUTOREGISTER but not REGISTER" in outcome.error.problem
            assert "smart licensing" in outcome.error.problem and "not committed" not in str(outcome.error)
    outcome, _typed = task(box, "enabled", change=autoregister)
    assert (outcome.error, outcome.steps) == (None, [])
    assert box.writes == []


def test_a_registered_appliance_is_recognized_with_any_menu() -> None:
    box = Box(initial={**ON, "registered": True})
    change = lambda text: text.replace("- DEREGISTER - ", "- AUTOREGISTER - ")  # noqa: E731
    outcome, _typed = task(box, "registered", change=change)
    assert (outcome.error, outcome.steps, outcome.after.registration) == (None, [], cs.REGISTERED)


@pytest.mark.parametrize("state", ["enabled", "registered", "unregistered", "disabled"])
@pytest.mark.parametrize(
    ("initial", "old", "new"),
    [
        ({}, texts.DISABLED, texts.ENABLED),
        ({}, texts.DISABLED, texts.DISABLED.replace("disabled", "disabIed")),
        ({}, "- ENABLE - ", "- DISABLE - "),
        (ON, texts.ENABLED, texts.DISABLED),
        ({**ON, "registered": True}, texts.REGISTERED, texts.REGISTERED.replace("registered", "registred")),
        ({**ON, "registered": True}, texts.REGISTERED, texts.ENABLED),
        ({**ON, "registered": True}, "- DEREGISTER - ", "- REGISTER - "),
        ({**ON, "registered": True}, "- DEREGISTER - ", "- DEREG1STER - "),
    ],
)
@pytest.mark.parametrize("generation", [3, 4])
def test_contradicting_text_and_menu_are_reread_and_then_unknown(
    generation: int, initial: dict[str, Any], old: str, new: str, state: str
) -> None:
    box = Box(generation=generation, initial=initial)
    outcome, typed = task(box, state, change=lambda text: text.replace(old, new))
    assert isinstance(outcome.error, UnexpectedScreen) and outcome.error.screen
    assert typed.count("cloudserviceconfig\n") == cs.READS
    assert box.writes == []


@pytest.mark.parametrize("state", ["enabled", "registered", "unregistered", "disabled"])
def test_a_temporarily_damaged_screen_is_reread(state: str) -> None:
    box = Box(generation=3, initial={**ON, "registered": True})
    damaged = iter([True])

    def once(text: str) -> str:
        return text.replace("successfully", "", 1) if "successfully" in text and next(damaged, False) else text

    outcome, _typed = task(box, state, change=once)
    assert outcome.error is None and next(damaged, None) is None
    wanted = {"enabled": (True, True), "registered": (True, True), "unregistered": (True, False)}
    assert (box.state["enabled"], box.state["registered"]) == wanted.get(state, (False, False))


@pytest.mark.parametrize("state", ["enabled", "registered", "disabled"])
def test_a_numbered_menu_is_left_with_ctrl_c(state: str) -> None:
    """It looks like a choice, whose default an empty line would take."""
    box = Box(generation=3, initial=ON, dialect={"menu_style": "numbered"})
    outcome, typed = task(box, state)
    assert isinstance(outcome.error, UnexpectedScreen)
    assert typed[-3:] == ["cloudserviceconfig\n", "\x03", "exit\n"] and box.writes == []


@pytest.mark.parametrize("initial", [{}, {**ON, "region": "americas"}])
def test_a_list_of_servers_that_differs_from_the_one_read_before_is_not_answered(initial: dict[str, Any]) -> None:
    """Its numbers may belong to other servers."""
    box = Box(generation=3, initial=initial)
    lists = iter(range(100))

    def torn(text: str) -> str:
        if "1. AMERICAS" not in text or next(lists) == 0:
            return text
        return text.replace("2. EUROPE", "2. APJC").replace("3. APJC", "3. EUROPE").replace(".apj.", ".x.")

    outcome, typed = task(box, "registered", change=torn)
    assert isinstance(outcome.error, UnexpectedScreen)
    assert not {"1\n", "2\n", "3\n", "commit\n"} & set(typed)
    assert box.writes == []


@pytest.mark.parametrize("generation", [3, 4])
def test_a_step_that_another_session_takes_first_is_named_and_not_counted(generation: int) -> None:
    box = Box(generation=generation, initial={**ON, "registered": True})

    def other_session(text: str) -> str:
        if "- DEREGISTER - " in text and box.appliance.registered:
            box.appliance.deregister()
        return text

    outcome, _typed = task(box, "unregistered", change=other_session)
    assert (outcome.error, outcome.steps, outcome.meanwhile) == (None, [], Meanwhile.DEREGISTERED)
    assert outcome.after.registration == cs.UNREGISTERED


def test_a_refused_token_without_another_session_is_no_change_of_others() -> None:
    async def story() -> Outcome:
        channel = BoxChannel(Box(initial=ON))
        return await ensure_on(channel, "registered", EUROPE, "0" * 32)

    outcome = at_once(story())
    assert isinstance(outcome.error, TokenRefused) and outcome.meanwhile is None
