# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switches of the dialect for prompts, the terminal and SSH."""

from __future__ import annotations

import asyncio

import asyncssh
import pytest

from tests.lab.appliance.output import Output
from tests.lab.lab import Lab
from tests.unit.lab.clients import Person, connection, person_at, prompt_of, with_lab
from tests.unit.plugins.module_utils.asyncos.clock import run_virtually

NAME = "esa1.example.com"
MORE = "-Press Any Key For More-"


@pytest.mark.parametrize(
    ("form", "prompt"),
    [
        ("standalone", f"\n{NAME}> "),
        ("machine", f"\n(Machine {NAME})> "),
        ("group", "\n(Group Main_Group)> "),
        ("cluster", "\n(Cluster Lab)> "),
        ("disconnected", f"\n(Machine {NAME}) [Disconnected]> "),
    ],
)
def test_the_prompt_of_each_mode(form: str, prompt: str) -> None:
    async def story(lab: Lab) -> None:
        async with connection(lab, NAME) as conn, conn.create_process(term_type="vt100", term_size=(80, 24)) as process:
            person = Person(process)
            await person.sees(prompt)
            assert "Model: C100V" in await person.says("version", prompt)

    with_lab(story, {"name": NAME, "dialect": {"prompt": form}})


def test_pages_of_a_fixed_height() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME, height=5000) as person:
            person.types("version\n")
            for _page in range(5):
                await person.sees(MORE)
                person.types(" ")
            await person.sees(prompt_of(lab, NAME))
        async with connection(lab, NAME) as conn:
            assert MORE not in str((await conn.run("version")).stdout)

    with_lab(story, {"name": NAME, "dialect": {"pager_lines": 4}})


def test_echo_can_be_switched_off() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            person.types("version\n")
            assert "version" not in await person.sees(prompt_of(lab, NAME))

    with_lab(story, {"name": NAME, "dialect": {"echo": False}})


def test_output_can_come_in_pieces() -> None:
    pieces: list[str] = []

    class Watcher(asyncssh.SSHClientSession[str]):
        def data_received(self, data: str, datatype: int | None) -> None:
            pieces.append(data)

    async def story(lab: Lab) -> None:
        async with connection(lab, NAME) as conn:
            channel, _ = await conn.create_session(Watcher, "version")
            await channel.wait_closed()
        assert max(map(len, pieces)) <= 7
        assert "".join(pieces).startswith("Current Version")
        assert "".join(pieces).endswith("BMC: NA\r\n\r\n")
        async with person_at(lab, NAME) as person:
            assert "Serial #: " in await person.says("version", prompt_of(lab, NAME))

    with_lab(story, {"name": NAME, "dialect": {"slow_output": 7}})


@pytest.mark.parametrize("size", [0, 1, 7])
def test_output_pauses_after_a_text_each_time(size: int) -> None:
    pieces: list[str] = []

    async def send() -> float:
        output = Output(pieces.append, size, (("RAID:", 20.0), (">", 3.0)))
        for text in ("BIOS: 6.00\nRA", "ID: NA\nRAID: ok", "\nesa1> "):
            output.write(text)
        began = asyncio.get_running_loop().time()
        await output.sent()
        return asyncio.get_running_loop().time() - began

    seconds, _passed = run_virtually(send())
    assert "".join(pieces) == "BIOS: 6.00\nRAID: NA\nRAID: ok\nesa1> "
    assert 43 <= seconds < 44
    if not size:
        assert pieces == ["BIOS: 6.00\nRAID:", " NA\nRAID:", " ok\nesa1>", " "]


def test_control_sequences_can_surround_lines_and_prompts() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            seen = await person.says("version", prompt_of(lab, NAME))
            assert "\x1b[0;39mModel: C100V\x1b[K\r\n" in seen
            assert "\x1b[?2004h" in seen
            assert "\x1b[0m" in await person.says("cloudserviceconfig", "[]> \x1b[0m\x1b[K")

    with_lab(story, {"name": NAME, "dialect": {"control_sequences": True}})


@pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")
def test_an_appliance_can_offer_only_legacy_algorithms() -> None:
    async def story(lab: Lab) -> None:
        with pytest.raises(asyncssh.KeyExchangeFailed):
            async with connection(lab, NAME):
                pass
        everything = dict.fromkeys(("kex_algs", "encryption_algs", "mac_algs", "server_host_key_algs"), "*")
        for options in (everything, {**everything, "server_host_key_algs": ["ssh-rsa"]}):
            async with connection(lab, NAME, **options) as conn:
                assert conn.get_extra_info("send_cipher") == "aes128-cbc"
                assert "Model: C100V" in str((await conn.run("version")).stdout)
        with pytest.raises(asyncssh.KeyExchangeFailed):
            async with connection(lab, NAME, **{**everything, "server_host_key_algs": ["rsa-sha2-256"]}):
                pass

    with_lab(story, {"name": NAME, "dialect": {"legacy_ssh": True}})
