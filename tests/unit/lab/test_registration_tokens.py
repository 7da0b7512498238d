# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registration token works once, before it expires, and in its own region."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from tests.lab.lab import Lab
from tests.unit.lab.clients import caller_of, person_at, prompt_of, until, with_lab, writes
from tests.unit.lab.test_services import control

ONE = "esa1.example.com"
TWO = "esa2.example.com"
EUROPEANS = [{"name": name, "initial": {"enabled": True, "region": "europe"}} for name in (ONE, TWO)]
DEVICE = "/iroh/iroh-sse/device"


async def register(lab: Lab, name: str, token: str) -> str:
    """Enter this token on this appliance; return the output."""
    async with person_at(lab, name) as person:
        await person.says("cloudserviceconfig", "[]> ")
        await person.says("REGISTER", "[]> ")
        return await person.says(token, prompt_of(lab, name))


def test_a_token_works_once() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            device = await cloud.expect(201, "POST", DEVICE, {"name": ONE})
            assert "is initiated" in await register(lab, ONE, device["token"])
            assert "invalid or expired token" in await register(lab, TWO, device["token"])
            await until(lambda: lab.appliances[ONE].appliance.registered)
            devices = await cloud.expect(200, "GET", DEVICE)
            assert [(found["name"], found["status"]) for found in devices] == [(ONE, "Registered")]
        lines = [(call.line, call.write) for call in lab.recorder.calls if call.line == device["token"]]
        assert lines == [(device["token"], True)] * 2

    with_lab(story, *EUROPEANS)


def test_a_token_of_another_region_fails() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "americas") as cloud:
            device = await cloud.expect(201, "POST", DEVICE, {"name": ONE})
        assert "invalid or expired token" in await register(lab, ONE, device["token"])
        assert "invalid or expired token" in await register(lab, ONE, "0" * 32)

    with_lab(story, *EUROPEANS)


def test_an_expired_token_fails() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            device = await cloud.expect(201, "POST", DEVICE, {"name": ONE})
            await asyncio.sleep(0.02)
            assert "invalid or expired token" in await register(lab, ONE, device["token"])

    with_lab(story, *EUROPEANS, token_seconds=0.01)


@pytest.mark.parametrize(("switch_name", "hours"), [("clock_ahead", 1), ("clock_behind", -1)])
def test_a_region_whose_clock_is_off_uses_it_everywhere(switch_name: str, hours: int) -> None:
    async def story(lab: Lab) -> None:
        await control(lab, "/switch", {"region": "europe", "set": {switch_name: 3600}})
        late = {"kind": "error", "status": 429, "retry_after": 2, "retry_after_form": "date", "method": "DELETE"}
        await control(lab, "/faults", late, 201)
        async with caller_of(lab, "europe") as cloud:
            _status, device, headers = await cloud.call("POST", DEVICE, {"name": ONE})
            _status, _answer, refused = await cloud.call("DELETE", f"{DEVICE}/{device['id']}")
        now = datetime.now(UTC) + timedelta(hours=hours)
        there = parsedate_to_datetime(headers["Date"])
        assert abs(there - now) < timedelta(seconds=10)
        again = parsedate_to_datetime(refused["Retry-After"]) - parsedate_to_datetime(refused["Date"])
        assert timedelta(seconds=1) <= again <= timedelta(seconds=2)
        expires = datetime.fromisoformat(device["expiresAt"].replace("Z", "+00:00"))
        assert timedelta() < expires - now < timedelta(hours=25)
        assert "is initiated" in await register(lab, ONE, device["token"]), "the region compares with its own clock"

    with_lab(story, *EUROPEANS)


def test_a_new_token_replaces_the_previous_one() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            device = await cloud.expect(201, "POST", DEVICE, {"name": ONE})
            fresh = await cloud.expect(200, "POST", f"{DEVICE}/{device['id']}/token", {"tokenExpiry": 7200})
            assert "invalid or expired token" in await register(lab, ONE, device["token"])
            assert "is initiated" in await register(lab, ONE, fresh["token"])

    with_lab(story, *EUROPEANS)


def test_an_empty_token_registers_nothing() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, ONE) as person:
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("REGISTER", "[]> ")
            await person.says("", "[]> ")
        assert writes(lab) == []

    with_lab(story, *EUROPEANS)


def test_a_device_deleted_while_it_registers_leaves_the_appliance_unregistered() -> None:
    async def story(lab: Lab) -> None:
        box = lab.appliances[ONE].appliance
        async with caller_of(lab, "europe") as cloud:
            device = await cloud.expect(201, "POST", DEVICE, {"name": ONE})
            await register(lab, ONE, device["token"])
            await cloud.expect(204, "DELETE", f"{DEVICE}/{device['id']}")
        await until(lambda: not box.registering)
        assert not box.registered

    with_lab(story, *EUROPEANS, registration_seconds=0.3)


def test_only_one_of_two_sessions_registers() -> None:
    async def story(lab: Lab) -> None:
        store = lab.stores["europe"]
        tokens = [store.issue_registration_token(store.add_device(name)["id"], 3600)["token"] for name in (ONE, TWO)]
        async with person_at(lab, ONE) as person, person_at(lab, ONE) as other:
            for anybody in (person, other):
                await anybody.says("cloudserviceconfig", "[]> ")
                await anybody.says("REGISTER", "[]> ")
            assert "is initiated" in await person.says(tokens[0], prompt_of(lab, ONE))
            assert "registration is in progress" in await other.says(tokens[1], prompt_of(lab, ONE))
        assert list(store.registration_tokens) == [tokens[1]]

    box = {**EUROPEANS[0], "dialect": {"registering_text": "progress"}}
    with_lab(story, box, registration_seconds=600)
