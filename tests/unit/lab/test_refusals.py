# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Appliances that refuse a session, disconnect it, or ask unexpected questions."""

from __future__ import annotations

from typing import Any

import asyncssh
import pytest

from tests.lab.lab import Lab
from tests.unit.lab.clients import Person, caller_of, connection, person_at, prompt_of, until, with_lab, writes

NAME = "esa1.example.com"
ENABLED = {"enabled": True, "region": "europe"}


def box(refusal: str, initial: Any = None, **dialect: Any) -> dict[str, Any]:
    """Return the fields of an appliance with this refusal."""
    return {"name": NAME, "initial": initial, "dialect": {"refusal": refusal, **dialect}}


async def person_of(conn: asyncssh.SSHClientConnection) -> Person:
    """Yield a user who has not read any output yet."""
    return Person(await conn.create_process(term_type="vt100", term_size=(80, 200)))


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        ("no_cli_rights", "You are not in the correct access group to use "),
        ("session_limit", "maximum number of concurrent CLI sessions"),
        ("maintenance", "maintenance mode"),
    ],
)
def test_a_session_is_refused(refusal: str, text: str) -> None:
    async def story(lab: Lab) -> None:
        for _attempt in range(2):
            async with connection(lab, NAME) as conn:
                assert text in await (await person_of(conn)).is_cut_off()
                await conn.wait_closed()
        async with connection(lab, NAME) as conn:
            result = await conn.run("version")
            assert text in str(result.stdout)
            assert "Serial #" not in str(result.stdout)
        state = lab.state()["appliances"][NAME]
        assert (state["logins"], state["refusals"]) == (3, 3)
        assert lab.recorder.calls == []

    with_lab(story, box(refusal))


def test_refusals_may_end() -> None:
    async def story(lab: Lab) -> None:
        for _attempt in range(2):
            async with connection(lab, NAME) as conn:
                assert "maintenance" in await (await person_of(conn)).is_cut_off()
        async with person_at(lab, NAME) as person:
            await person.says("version", prompt_of(lab, NAME))
        lab.reset()
        async with connection(lab, NAME) as conn:
            assert "maintenance" in await (await person_of(conn)).is_cut_off()

    with_lab(story, box("maintenance", refusal_times=2))


@pytest.mark.parametrize(
    ("refusal", "questions"),
    [("expired_password", ["Old passphrase: ", "New passphrase: "]), ("two_factor", ["Passcode: "])],
)
def test_questions_at_login(refusal: str, questions: list[str]) -> None:
    async def story(lab: Lab) -> None:
        async with connection(lab, NAME) as conn:
            person = await person_of(conn)
            for number, question in enumerate(questions):
                await person.sees(question)
                person.types(f"answer {number}\n")
            assert prompt_of(lab, NAME) not in await person.is_cut_off()
        assert [(call.command, call.line) for call in lab.recorder.calls] == [
            ("login", f"answer {number}") for number in range(len(questions))
        ]
        async with connection(lab, NAME) as conn:
            person = await person_of(conn)
            await person.sees(questions[0])
            person.types("\x03")
            await person.is_cut_off()

    with_lab(story, box(refusal, two_factor_at="login"))


def test_keyboard_interactive_asks_a_second_question() -> None:
    class Client(asyncssh.SSHClient):
        password = ""
        prompts: list[str] = []
        attempts = 0

        def kbdint_auth_requested(self) -> str | None:
            Client.attempts += 1
            return "" if Client.attempts <= 2 else None

        def kbdint_challenge_received(self, name: str, instructions: str, lang: str, prompts: Any) -> list[str]:
            Client.prompts += [prompt for prompt, _echo in prompts]
            return [Client.password if prompts[0][0] == "Password:" else "123456"]

    async def story(lab: Lab) -> None:
        Client.password = lab.password
        with pytest.raises(asyncssh.PermissionDenied):
            async with connection(lab, NAME, client_factory=Client, password=None):
                pass
        assert Client.prompts == ["Password:", "Passcode:", "Password:"]
        assert [(call.command, call.line) for call in lab.recorder.calls] == [("login", "123456")]
        state = lab.state()["appliances"][NAME]
        assert state["logins"] == 0
        assert state["refusals"] == 1
        async with connection(lab, NAME) as conn:
            assert "Model" in str((await conn.run("version")).stdout)

    with_lab(story, box("two_factor", refusal_times=1))


def test_a_password_without_a_passcode_is_refused() -> None:
    async def story(lab: Lab) -> None:
        with pytest.raises(asyncssh.PermissionDenied):
            async with connection(lab, NAME):
                pass

    with_lab(story, box("two_factor", auth=["password"]))


def test_a_session_is_disconnected_after_some_lines() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            await person.says("version", prompt_of(lab, NAME))
            person.types("cloudserviceconfig\n")
            rest = await person.is_cut_off()
            assert "[]> \r\nYour session has timed out" in rest
        assert [call.line for call in lab.recorder.calls] == ["version", "cloudserviceconfig"]

    with_lab(story, box("idle_timeout"))


def test_a_locked_configuration_is_not_committed() -> None:
    async def story(lab: Lab) -> None:
        prompt = prompt_of(lab, NAME)
        async with person_at(lab, NAME) as person:
            assert "There is no data" in await person.says("commit", prompt)
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("disable", "[]> ")
            await person.says("", prompt)
            assert "The configuration is locked by another user" in await person.says("commit", prompt)
            assert lab.state()["appliances"][NAME]["enabled"]
            await person.says("commit", "[]> ")
            await person.says("", "[Y]> ")
            assert "Changes committed" in await person.says("", prompt)
        assert not lab.state()["appliances"][NAME]["enabled"]

    with_lab(story, box("configuration_lock", ENABLED, refusal_times=1))


@pytest.mark.parametrize("place", ["version", "cloudserviceconfig", "commit", "clearchanges", "showchanges"])
def test_an_unknown_screen_before_a_command(place: str) -> None:
    async def story(lab: Lab) -> None:
        prompt = prompt_of(lab, NAME)
        async with person_at(lab, NAME) as person:
            await person.says(place, "[Y]> ")
            person.types("\x03")
            await person.sees(prompt)
            await person.says(place, "[Y]> ")
            await person.says("n", prompt)
            assert writes(lab) == []
            await person.says(place, "[Y]> ")
            await person.says("")
            assert writes(lab) == [(place, "")]

    with_lab(story, box("unknown_screen", unknown_screen_at=place))


@pytest.mark.parametrize(
    ("place", "initial"),
    [
        ("ENABLE", None),
        ("DISABLE", ENABLED),
        ("SETTRS", ENABLED),
        ("REGISTER", ENABLED),
        ("DEREGISTER", {**ENABLED, "registered": True}),
    ],
)
def test_an_unknown_screen_before_an_operation(place: str, initial: Any) -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            await person.says("cloudserviceconfig", "[]> ")
            await person.says(place, "[Y]> ")
            await person.says("no", prompt_of(lab, NAME))
            assert writes(lab) == []

    with_lab(story, box("unknown_screen", initial, unknown_screen_at=place))


def test_an_unknown_screen_after_the_token() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud, person_at(lab, NAME) as person:
            device = await cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "new"})
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("register", "[]> ")
            await person.says(device["token"], "[Y]> ")
            await person.says("n", prompt_of(lab, NAME))
            box = lab.appliances[NAME].appliance
            assert not box.registering
            assert len(writes(lab)) == 1
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("register", "[]> ")
            await person.says(device["token"], "[Y]> ")
            assert "is initiated" in await person.says("y", prompt_of(lab, NAME))
            await until(lambda: box.registered)

    with_lab(story, box("unknown_screen", ENABLED, unknown_screen_at="token"))


def test_an_unknown_screen_at_login() -> None:
    async def story(lab: Lab) -> None:
        async with connection(lab, NAME) as conn:
            person = await person_of(conn)
            await person.sees("[Y]> ")
            person.types("n\n")
            await person.is_cut_off()
        async with connection(lab, NAME) as conn:
            person = await person_of(conn)
            await person.sees("[Y]> ")
            await person.says("", prompt_of(lab, NAME))

    with_lab(story, box("unknown_screen", unknown_screen_at="login"))
