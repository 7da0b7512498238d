# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pause anywhere changes nothing but the duration. The lab's appliance pauses, in virtual time.

A usual run takes the places after a sign that may end a prompt, and some others, with one of 1 to 20 seconds each;
C(PAUSES=all) in the environment takes every place with every one of them.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.apply import (
    Outcome,
    Waiting,
    ensure,
    read_state,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import DesiredState
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError, UnexpectedScreen
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets
from tests.lab.lab import Lab
from tests.unit.lab.clients import with_lab
from tests.unit.plugins.module_utils.asyncos.clock import run_virtually
from tests.unit.plugins.module_utils.asyncos.memory import MemoryChannel, lab_of
from tests.unit.plugins.module_utils.asyncos.person import NAME, state_of, task

SECONDS = range(1, 21)
ALL = os.environ.get("PAUSES") == "all"
MESSAGE = """###
Updates: 100%
Limit access to authorized users. Too many failed logins are reported.
Log in with two-factor authentication or a passcode where it is offered.
Do you agree? [Y]>
>
Mail gateway of example.com>
esa9.example.com>
Your password must be changed every 90 days:"""
DIALECTS: dict[str, dict[str, Any]] = {
    "usual": {},
    "talkative": {"login_message": MESSAGE, "line_end": "crcrlf"},
    "decorated": {"control_sequences": True, "prompt": "machine"},
    "without echo": {"echo": False, "login_message": "Call 555:"},
}
REGISTERED = {"enabled": True, "region": "europe", "registered": True}


async def converse(
    channel: MemoryChannel, conversation: Callable[[Session], Awaitable[Outcome]]
) -> tuple[Outcome, str]:
    """Return the outcome and the output of the appliance so far."""
    session = Session(channel, NAME, Secrets(), 60.0, NAME, 90.0)
    try:
        await session.learn_prompt()
        return await conversation(session), channel.shown
    finally:
        await session.close()


def places_in(shown: str) -> Iterable[int]:
    """After which characters to pause; not at the end of the last prompt, which is not read."""
    every = range(1, shown.rindex(">"))
    return every if ALL else [place for place in every if shown[place - 1] in ":>#%]\n" or place % 17 == 0]


def try_everywhere(lab: Lab, conversation: Callable[[Session], Awaitable[Outcome]]) -> None:
    """Outcome, typed lines and state of the appliance are those without a pause, wherever the pause is."""

    def run(place: int | None, seconds: float) -> tuple[tuple[Any, ...], str, float]:
        lab.reset()
        (outcome, shown), passed = run_virtually(converse(MemoryChannel(lab, place, seconds), conversation))
        typed = [(call.line, call.write) for call in lab.recorder.calls]
        return (outcome, typed, state_of(lab)), shown, passed

    expected, shown, least = run(None, 0)
    tried = 0
    for place in places_in(shown):
        for seconds in SECONDS if ALL else (SECONDS[tried % len(SECONDS)],):
            found, _shown, passed = run(place, seconds)
            assert found == expected, (place, seconds)
            assert seconds <= passed <= least + seconds + 3, (place, seconds)
            tried += 1
    print(f"\n{tried} pauses tried, in an output of {len(shown)} characters")


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_reading_is_the_same_with_a_pause_at_any_character(dialect: dict[str, Any]) -> None:
    try_everywhere(lab_of(generation=3, initial=REGISTERED, dialect=dialect), read_state)


def test_writing_is_the_same_with_a_pause_at_any_character() -> None:
    async def disable(session: Session) -> Outcome:
        return await ensure(session, DesiredState("disabled", commit_comment="why"), None, Waiting(5, 1), check=False)

    try_everywhere(lab_of(generation=3, initial=REGISTERED), disable)


@pytest.mark.parametrize(
    ("refusal", "problem"),
    [
        ("no_cli_rights", "no rights on the command line"),
        ("maintenance", "the appliance ended the session"),
    ],
)
@pytest.mark.parametrize("place", [10, 200, 600])
def test_a_log_in_that_is_refused_is_reported_when_the_session_ends(refusal: str, problem: str, place: int) -> None:
    lab = lab_of(dialect={"refusal": refusal})

    async def log_in() -> None:
        with pytest.raises(AsyncOSError, match=problem):
            await converse(MemoryChannel(lab, place, 20), read_state)

    _none, passed = run_virtually(log_in())
    assert passed < 21


@pytest.mark.parametrize(("refusal", "problem"), [("expired_password", "has expired"), ("two_factor", "second factor")])
def test_a_question_at_log_in_is_reported_after_the_time_out(refusal: str, problem: str) -> None:
    lab = lab_of(dialect={"refusal": refusal, "two_factor_at": "login"})

    async def log_in() -> None:
        with pytest.raises(UnexpectedScreen, match=problem):
            await converse(MemoryChannel(lab), read_state)

    _none, passed = run_virtually(log_in())
    assert 90 <= passed < 91
    assert [call.line for call in lab.recorder.calls] == [], "nothing was typed"


def test_the_appliance_pauses_over_ssh_too() -> None:
    pauses = ["1.6 after RAID:", "1.2 after [Y]>", "1.2 after perform:"]

    async def story(lab: Lab) -> None:
        outcome = await task(lab, "disabled")
        assert outcome.error is None
        assert outcome.before.identity.serial == lab.appliances[NAME].appliance.serial
        assert outcome.steps == []

    with_lab(story, {"name": NAME, "dialect": {"pauses": pauses, "login_message": MESSAGE}})
