# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CLI sessions: login text, Enter, the pager, uncommitted changes, Ctrl-C and exit."""

from __future__ import annotations

import asyncssh
import pytest

from tests.lab.lab import Lab
from tests.unit.lab.clients import Person, connection, person_at, prompt_of, until, with_lab, writes

NAME = "esa1.example.com"
PROMPT = "box.example.com> "
BOX = {"name": NAME, "hostname": "box.example.com"}
MORE = "-Press Any Key For More-"


async def enable(person: Person) -> None:
    """Make an uncommitted change, and stay in the menu."""
    await person.says("cloudserviceconfig", "[]> ")
    await person.says("ENABLE", "[]> ")
    await person.says("2", "currently enabled")
    await person.sees("[]> ")


def test_the_login_text_names_release_and_model() -> None:
    async def story(lab: Lab) -> None:
        async with connection(lab, NAME) as conn, conn.create_process(term_type="vt100", term_size=(80, 24)) as process:
            text = await Person(process).sees(PROMPT)
        lines = text.split("\r\n")
        assert lines[0].startswith("Last login: ")
        assert lines[1] == "AsyncOS 14.0.0 for Cisco C100V Email Security Virtual Appliance build 698"
        assert lines[2] == ""
        assert lines[3] == "Welcome to the Cisco C100V Email Security Virtual Appliance"
        assert lines[4] == ""
        assert lines[5].startswith("NOTE: This session will expire")
        assert "Be careful." in lines
        assert lines[-1] == PROMPT

    with_lab(story, {**BOX, "dialect": {"login_message": "Be careful.", "note_width": 40}})


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
def test_only_the_offered_login_methods_work(method: str) -> None:
    async def story(lab: Lab) -> None:
        async with connection(lab, NAME, preferred_auth=[method]):
            pass
        assert lab.state()["appliances"][NAME]["logins"] == 1
        for wrong in ({"password": "wrong"}, {"username": "root"}):
            with pytest.raises(asyncssh.PermissionDenied):
                async with connection(lab, NAME, preferred_auth=[method], **wrong):
                    pass
        assert lab.state()["appliances"][NAME]["logins"] == 1

    with_lab(story, {**BOX, "dialect": {"auth": [method]}})


def test_the_banner_is_sent_before_the_login() -> None:
    class Client(asyncssh.SSHClient):
        banner = ""

        def auth_banner_received(self, msg: str, lang: str) -> None:
            Client.banner = msg

    async def story(lab: Lab) -> None:
        async with connection(lab, NAME, client_factory=Client):
            assert Client.banner == "No trespassing\n"

    with_lab(story, {**BOX, "dialect": {"banner": "No trespassing"}})


def test_enter_is_cr_lf_or_both_and_an_empty_line_repeats_the_prompt() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            for enter in ("\n", "\r", "\r\n"):
                person.types(enter)
                assert await person.sees(PROMPT) == "\r\n" + PROMPT
            person.types("vex\x7frsion\r")
            assert "Model: C100V" in await person.sees(PROMPT)
        assert [call.line for call in lab.recorder.calls] == ["", "", "", "version"]

    with_lab(story, BOX)


def test_no_echo_without_a_terminal() -> None:
    async def story(lab: Lab) -> None:
        async with connection(lab, NAME) as conn:
            result = await conn.run(input="version\n", term_type=None)
        assert "Version: 14.0.0-698" in result.stdout
        assert PROMPT + "version" not in result.stdout
        assert MORE not in result.stdout

    with_lab(story, BOX)


def test_a_command_can_come_without_a_shell() -> None:
    async def story(lab: Lab) -> None:
        async with connection(lab, NAME) as conn:
            result = await conn.run("version")
        assert result.stdout.startswith("Current Version\r\n===============\r\nProduct: Cisco C100V")
        assert "Serial #: " in result.stdout
        assert PROMPT not in result.stdout

    with_lab(story, BOX)


def test_version_on_an_old_sma_shows_no_product() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            seen = await person.says("version", PROMPT)
        assert "Product:" not in seen
        assert "Model: M600V\r\n" in seen

    with_lab(story, {**BOX, "product": "SMA", "model": "M600V", "generation": 1})


def test_the_pager_stops_at_the_height_and_continues_after_a_space() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME, height=10) as person:
            person.types("help\n")
            stops = 0
            seen = ""
            while True:
                seen += await person.sees("> ") if "> " in person.screen else await next_page(person)
                if seen.endswith(PROMPT):
                    break
                stops += 1
                person.types(" ")
            assert stops == len([line for line in seen.split("\r\n") if MORE in line]) > 3
            for page in seen.split(MORE)[1:-1]:
                assert page.count("\r\n") == 9
            assert [call.line for call in lab.recorder.calls] == ["help"]
            person.types("help\n")
            await person.sees(MORE)
            person.types("\x03")
            assert "^C" in await person.sees(PROMPT)

    async def next_page(person: Person) -> str:
        while MORE not in person.screen and PROMPT not in person.screen:
            person.screen += await person.process.stdout.read(65536)
        return await person.sees(MORE if MORE in person.screen else PROMPT)

    with_lab(story, BOX)


def test_unknown_commands_and_arguments_are_refused() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            seen = await person.says("threatresponseconfig", PROMPT)
            assert "Unknown command or missing feature key: threatresponseconfig" in seen
            assert "Invalid arguments when processing: version" in await person.says("version now", PROMPT)

    with_lab(story, BOX)


def test_changes_belong_to_the_session_until_commit() -> None:
    async def story(lab: Lab) -> None:
        box = lab.appliances[NAME].appliance
        async with person_at(lab, NAME) as other:
            async with person_at(lab, NAME) as person:
                await enable(person)
                await person.says("", PROMPT)
                assert "enabled" in await person.says("showchanges", PROMPT)
                assert "currently disabled" in await other.says("cloudserviceconfig", "[]> ")
                await other.says("", PROMPT)
                assert "There is no data to commit." in await other.says("commit", PROMPT)
            assert "currently disabled" in await other.says("cloudserviceconfig", "[]> ")
            await other.says("", PROMPT)
        async with person_at(lab, NAME) as person:
            assert "There is no data to commit." in await person.says("commit", PROMPT)
        assert not box.committed["enabled"]
        assert writes(lab) == [("cloudserviceconfig", "2")]

    with_lab(story, BOX)


def test_clearchanges_drops_changes_after_a_question() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            await enable(person)
            await person.says("", PROMPT)
            await person.says("clearchanges", "since the last commit? [Y]> ")
            await person.says("n", PROMPT)
            await person.says("clearchanges", "[Y]> ")
            assert "Please answer" in await person.says("maybe", "[Y]> ")
            await person.says("", PROMPT)
            assert "There is no data to commit." in await person.says("commit", PROMPT)

    with_lab(story, BOX)


def test_ctrl_c_cancels_the_command_and_drops_its_changes() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            await enable(person)
            person.types("\x03")
            assert "^C\r\n-- Changes not recorded\r\n" in await person.sees(PROMPT)
            assert "There is no data to commit." in await person.says("commit", PROMPT)

            await enable(person)
            await person.says("", PROMPT)
            await person.says("commit", "[]> ")
            person.types("half a comm\x03")
            await person.sees(PROMPT)
            assert not lab.appliances[NAME].appliance.committed["enabled"]
            assert "currently enabled" in await person.says("cloudserviceconfig", "[]> ")

            await person.says("", PROMPT)
            person.types("reboot\x03")
            assert "Changes not recorded" not in await person.sees(PROMPT)

    with_lab(story, BOX)


def test_exit_asks_if_there_are_uncommitted_changes() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            await enable(person)
            await person.says("", PROMPT)
            await person.says("exit", "Are you sure you wish to exit? [N]> ")
            await person.says("", PROMPT)
            await person.says("quit", "[N]> ")
            person.types("y\n")
            await person.is_cut_off()
        async with person_at(lab, NAME) as person:
            person.types("exit\n")
            await person.is_cut_off()

    with_lab(story, BOX)


def test_a_lost_connection_drops_uncommitted_changes() -> None:
    async def story(lab: Lab) -> None:
        box = lab.appliances[NAME]
        async with person_at(lab, NAME) as person:
            await enable(person)
            await person.says("", PROMPT)
            await person.says("commit", "[]> ")
        await until(lambda: not box.connections)
        assert not box.appliance.committed["enabled"]
        assert prompt_of(lab, NAME) == PROMPT

    with_lab(story, BOX)
