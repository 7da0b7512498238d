# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user onboards an appliance of each generation manually, and removes it."""

from __future__ import annotations

import pytest

from tests.lab.lab import Lab
from tests.unit.lab.clients import caller_of, person_at, prompt_of, until, with_lab, writes

NAME = "esa1.example.com"
SERVER_OF_EUROPE = "api.eu.sse.itd.cisco.com"


@pytest.mark.parametrize("generation", [1, 2, 3, 4])
@pytest.mark.parametrize("product", ["ESA", "SMA"])
def test_an_appliance_is_onboarded_and_removed(generation: int, product: str) -> None:
    async def story(lab: Lab) -> None:
        prompt = prompt_of(lab, NAME)
        box = lab.appliances[NAME].appliance
        async with caller_of(lab, "europe") as cloud, person_at(lab, NAME) as person:
            menu = await person.says("cloudserviceconfig", "[]> ")
            assert "- REGISTER" not in menu
            assert "- DEREGISTER" not in menu
            if generation <= 2:
                assert "currently" not in menu
                assert "- ENABLE" not in menu
                server = await choose_europe(person, "SETTRS")
                assert "Currently configured" not in server
                await person.sees("[]> ")
                await person.says("", prompt)
                assert "currently disabled" in await person.says("threatresponseconfig", "[]> ")
                assert "currently enabled" in await person.says("ENABLE", "[]> ")
                await person.says("", prompt)
            else:
                assert "The Cisco Cloud Service is currently disabled on your appliance." in menu
                assert "- SETTRS" not in menu
                await choose_europe(person, "1")
                if generation == 3:
                    assert "currently enabled" in await person.sees("[]> ")
                    await person.says("", prompt)
                else:
                    await person.sees(prompt)
            assert not box.committed["enabled"]
            await commit(person, prompt, generation)
            assert box.committed["enabled"]
            assert box.committed["server"] == SERVER_OF_EUROPE
            await until(lambda: not box.busy)

            device = await cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "waiting"})
            assert "- REGISTER - To register" in await person.says("cloudserviceconfig", "[]> ")
            assert "Enter a registration token key" in await person.says("register", "[]> ")
            assert "is initiated" in await person.says(device["token"], prompt)
            await until(lambda: box.registered)

            menu = await person.says("cloudserviceconfig", "[]> ")
            assert "appliance is successfully registered" in menu
            assert "- REGISTER" not in menu
            shown = await cloud.expect(200, "GET", f"/iroh/iroh-sse/device/{device['id']}")
            assert shown["name"] == NAME
            assert shown["type"] == product
            assert shown["status"] == "Registered"
            assert shown["version"] == "14.0.0"
            assert shown["ipAddress"].startswith("192.0.2.")
            assert shown["connectorVersion"] == "1.3.34"

            assert SERVER_OF_EUROPE in await person.says("SETTRS", "portal:")
            assert "must deregister" in await person.says("1", "- DEREGISTER")
            await person.sees("[]> ")
            await person.says("Deregister", "[N]> ")
            await person.says("", "[]> ")
            assert box.registered
            await person.says("DEREGISTER", "[N]> ")
            await person.says("y", prompt)
            assert not box.registered
            shown = await cloud.expect(200, "GET", f"/iroh/iroh-sse/device/{device['id']}")
            assert shown["status"] == "Unregistered"

        commands = [command for command, _ in writes(lab)]
        switches = ["cloudserviceconfig", "threatresponseconfig"] if generation <= 2 else ["cloudserviceconfig"]
        after = ["commit", "POST", "cloudserviceconfig", "cloudserviceconfig"]
        assert commands == switches + after

    async def choose_europe(person, operation: str) -> str:
        seen = await person.says(operation, "portal:")
        await person.sees("[]> ")
        number = next(line.split(".")[0] for line in seen.splitlines() if SERVER_OF_EUROPE in line)
        await person.says(number, "active.")
        return seen

    async def commit(person, prompt: str, generation: int) -> None:
        assert "Please enter some comments describing your changes:" in await person.says("commit", "[]> ")
        if generation >= 3:
            await person.says("Enabling CTR", "rollback? [Y]> ")
            assert "Changes committed: " in await person.says("", prompt)
        else:
            assert "Changes committed: " in await person.says("Enabling CTR", prompt)

    with_lab(story, {"name": NAME, "product": product, "generation": generation, "region": "europe"})


def test_generation_4_shows_busy_and_returns_to_the_prompt() -> None:
    async def story(lab: Lab) -> None:
        prompt = prompt_of(lab, NAME)
        async with person_at(lab, NAME) as person:
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("enable", "[]> ")
            await person.says("europe", prompt)
            await person.says("commit", "[]> ")
            await person.says("", "[Y]> ")
            await person.says("n", prompt)
            seen = await person.says("cloudserviceconfig", prompt)
            assert "Cisco Cloud Service is busy" in seen
            assert "Choose" not in seen

    with_lab(story, {"name": NAME, "generation": 4}, busy_seconds=600)


def test_generation_3_shows_busy_and_a_menu_without_register() -> None:
    async def story(lab: Lab) -> None:
        lab.appliances[NAME].appliance.commit({"enabled": True, "server": SERVER_OF_EUROPE})
        async with person_at(lab, NAME) as person:
            seen = await person.says("cloudserviceconfig", "[]> ")
            assert "Cisco Cloud Service is busy" in seen
            assert "- SETTRS" in seen
            assert "REGISTER" not in seen

    with_lab(story, {"name": NAME}, busy_seconds=600)


def test_the_configured_server_is_shown_and_is_the_default() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            await person.says("cloudserviceconfig", "[]> ")
            seen = await person.says("settrs", "[2]> ")
            assert "Currently configured Cisco Secure Cloud Server is: api.eu.sse.itd.cisco.com" in seen
            assert "not valid" in await person.says("7", "[2]> ")
            await person.says("", "[]> ")
        assert writes(lab) == []

    with_lab(story, {"name": NAME, "initial": {"enabled": True, "region": "europe"}})


def test_the_dialect_changes_line_ends_servers_and_messages() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            await person.says("cloudserviceconfig", "[]> ")
            seen = await person.says("enable", "[]> ")
            assert "1. PRIVATE (sse.example.com)\r\r\n2. EUROPE (api.eu.sse.itd.cisco.com)\r\r\n" in seen
            await person.says("EUROPE (API.EU.sse.itd.cisco.com)", prompt_of(lab, NAME))
            await person.says("commit", "[]> ")
            assert "Changes committed" in await person.says("", prompt_of(lab, NAME))
            seen = await person.says("nonsense", prompt_of(lab, NAME))
            assert "Unknown command: nonsense" in seen

    dialect = {
        "servers": ["PRIVATE (sse.example.com)", "EUROPE (api.eu.sse.itd.cisco.com)"],
        "after_choice": "prompt",
        "rollback_question": False,
        "unknown_command": "short",
        "line_end": "crcrlf",
    }
    with_lab(story, {"name": NAME, "dialect": dialect})
