# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control interface: state, calls, reset."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from tests.lab.lab import Lab
from tests.unit.lab.clients import Person, caller_of, connection, until, with_lab

NAME = "esa1.example.com"
ONBOARDED = {
    "name": NAME,
    "region": "europe",
    "initial": {"enabled": True, "region": "europe", "registered": True, "module": True},
}


async def control(lab: Lab, method: str, path: str, body: Any = None) -> Any:
    """Return the JSON answer of the control interface."""
    async with aiohttp.request(method, lab.control.url + path, json=body) as response:
        assert response.status == 200
        return await response.json()


def test_the_state_of_an_onboarded_appliance_is_returned() -> None:
    async def story(lab: Lab) -> None:
        state = await control(lab, "GET", "/state")
        box = state["appliances"][NAME]
        assert box["registered"] and box["enabled"]
        assert box["server"] == "api.eu.sse.itd.cisco.com"
        assert box["region"] == box["wanted_region"] == "europe"
        assert set(state["regions"]) == {"americas", "europe", "apjc"}
        [device] = state["regions"]["europe"]["devices"]
        [module] = state["regions"]["europe"]["module_instances"]
        assert device["id"] == box["device_id"]
        assert device["name"] == module["name"] == NAME
        assert device["id"] in module["settings"].values()
        assert state["regions"]["apjc"] == {"devices": [], "module_instances": []}

    with_lab(story, ONBOARDED)


def test_calls_are_recorded_in_order_and_a_reset_clears_them() -> None:
    async def story(lab: Lab) -> None:
        before = await control(lab, "GET", "/state")
        async with caller_of(lab, "europe") as cloud, connection(lab, NAME) as conn:
            person = Person(await conn.create_process(term_type="vt100", term_size=(80, 24)))
            await person.sees("> ")
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("deregister", "[N]> ")
            await person.says("y", "> ")
            await cloud.expect(200, "GET", "/iroh/iroh-sse/device?limit=1")
            await cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "new"})
            await cloud.expect(404, "DELETE", "/iroh/iroh-int/module-instance/none")
            calls = await control(lab, "GET", "/calls")
            client = lab.stores["europe"].client_id
            for call in calls:
                assert datetime.fromisoformat(call.pop("at")).tzinfo == UTC
                assert call.pop("region") == "europe"
            assert calls == [
                http(client, "POST", "/iroh/oauth2/token", 200, False),
                line("cloudserviceconfig", False),
                line("deregister", False),
                line("y", True),
                http(client, "GET", "/iroh/iroh-sse/device?limit=1", 200, False),
                http(client, "POST", "/iroh/iroh-sse/device", 201, True),
                http(client, "DELETE", "/iroh/iroh-int/module-instance/none", 404, True),
            ]

            await control(lab, "POST", "/reset")
            await person.is_cut_off()
            assert await control(lab, "GET", "/calls") == []
            after = await control(lab, "GET", "/state")
            assert forget_ids(after) == forget_ids(before)
            await cloud.refused(401, "invalid_request", "GET", "/iroh/iroh-sse/device")
            await cloud.log_in()
            await cloud.expect(200, "GET", "/iroh/iroh-sse/device")

    def http(who: str, method: str, path: str, status: int, write: bool) -> dict[str, Any]:
        return {"kind": "http", "who": who, "method": method, "path": path, "status": status, "write": write}

    def line(text: str, write: bool) -> dict[str, Any]:
        return {"kind": "cli", "who": NAME, "line": text, "command": "cloudserviceconfig", "write": write}

    def forget_ids(state: dict[str, Any]) -> dict[str, Any]:
        state["appliances"][NAME].pop("device_id")
        for region in state["regions"].values():
            region["devices"] = [(device["name"], device["status"]) for device in region["devices"]]
            region["module_instances"] = [instance["name"] for instance in region["module_instances"]]
        return state

    with_lab(story, ONBOARDED)


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_lab_is_held_at_a_chosen_request_and_released(when: str) -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await control(lab, "POST", "/halt", {"at": 2, "when": when})
            await cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "first"})
            assert await control(lab, "GET", "/halt") == {"reached": False}
            second = asyncio.create_task(cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "second"}))
            await until(lambda: lab.recorder.halt.reached)
            third = asyncio.create_task(cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "third"}))
            await until(lambda: [call.path for call in lab.recorder.calls].count("/iroh/iroh-sse/device") == 3)
            await asyncio.sleep(0.05)
            assert not second.done() and not third.done()
            assert await control(lab, "DELETE", "/halt") == {"reached": False}
            with pytest.raises(aiohttp.ClientError):
                await third
            names = {device["name"] for device in lab.stores["europe"].devices.values()} - {NAME}
            if when == "before":
                with pytest.raises(aiohttp.ClientError):
                    await second
                assert names == {"first"}
            else:
                await second
                assert names == {"first", "second"}

    with_lab(story, ONBOARDED)


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_lab_is_held_at_a_chosen_line_and_released(when: str) -> None:
    async def story(lab: Lab) -> None:
        async with connection(lab, NAME) as conn:
            person = Person(await conn.create_process(term_type="vt100", term_size=(80, 24)))
            await person.sees("> ")
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("deregister", "[N]> ")
            await control(lab, "POST", "/halt", {"at": 1, "when": when})
            person.types("y\n")
            await until(lambda: lab.recorder.halt.reached)
            assert lab.appliances[NAME].appliance.registered is (when == "before")
            await control(lab, "DELETE", "/halt")
            shown = await person.is_cut_off() if when == "before" else await person.sees("> ")
            assert ("deregistered" in shown) is (when == "after"), shown
            assert lab.appliances[NAME].appliance.registered is (when == "before")

    with_lab(story, ONBOARDED)


def test_the_lab_is_held_before_a_chosen_answer_of_a_region() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as europe, caller_of(lab, "americas") as americas:
            await control(lab, "POST", "/halt", {"of": "answers", "at": 2, "who": "europe"})
            await europe.expect(200, "GET", "/iroh/iroh-sse/device")
            await americas.expect(200, "GET", "/iroh/iroh-sse/device")
            held = asyncio.create_task(europe.expect(200, "GET", "/iroh/iroh-int/module-type"))
            await until(lambda: lab.recorder.halt.reached)
            write = asyncio.create_task(americas.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "new"}))
            await until(lambda: lab.recorder.calls[-1].write)
            assert not held.done()
            await control(lab, "DELETE", "/halt")
            await held
            with pytest.raises(aiohttp.ClientError):
                await write
            assert not lab.stores["americas"].devices

    with_lab(story, ONBOARDED)


def test_the_lab_is_held_before_the_answer_to_a_chosen_line() -> None:
    async def story(lab: Lab) -> None:
        async with connection(lab, NAME) as conn:
            await control(lab, "POST", "/halt", {"of": "answers", "at": 2, "who": NAME})
            person = Person(await conn.create_process(term_type="vt100", term_size=(80, 24)))
            await person.sees("> ")
            person.types("version\n")
            await until(lambda: lab.recorder.halt.reached)
            assert (await control(lab, "GET", "/state"))["appliances"][NAME]["connections"] == 1
            await control(lab, "DELETE", "/halt")
            await person.sees("> ")
        await until(lambda: not lab.appliances[NAME].connections)

    with_lab(story, ONBOARDED)


def test_tokens_are_counted_by_name() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            first = await cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "new"})
            second = await cloud.expect(200, "POST", f"/iroh/iroh-sse/device/{first['id']}/token", {})
            assert lab.stores["europe"].redeem(first["token"]) is None
            assert lab.stores["europe"].redeem(second["token"])
        assert (await control(lab, "GET", "/state"))["tokens"] == {"issued": {"new": 2}, "used": {"new": 1}}

    with_lab(story, ONBOARDED)


@pytest.mark.parametrize("body", [{"at": 0}, {"when": "between"}, {"of": "reads"}, {"who": 1}, {"every": 2}, []])
def test_a_halt_that_is_invalid_is_refused(body: Any) -> None:
    async def story(lab: Lab) -> None:
        async with aiohttp.request("POST", lab.control.url + "/halt", json=body) as response:
            assert response.status == 400

    with_lab(story, ONBOARDED)
