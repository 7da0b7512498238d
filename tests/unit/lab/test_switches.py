# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switches that break and repair appliances and regions, in a running lab and in the fleet file."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lab.lab import Lab
from tests.unit.lab.clients import caller_of, person_at, with_lab
from tests.unit.lab.test_investigations import NAME, onboarded, switch
from tests.unit.lab.test_services import control

ENABLED = {"name": NAME, "region": "europe", "initial": {"enabled": True, "region": "europe"}}


async def entry(lab: Lab) -> str:
    """Return the status that `cloudserviceconfig` shows first."""
    async with person_at(lab, NAME) as person:
        return await person.says("cloudserviceconfig", "[]> ")


def test_each_state_of_the_cloud_service_can_be_set() -> None:
    async def story(lab: Lab) -> None:
        assert "- REGISTER" in await entry(lab)
        await switch(lab, appliance=NAME, set={"asks_for_token": False})
        assert "- REGISTER" not in await entry(lab)
        await switch(lab, appliance=NAME, set={"asks_for_token": True, "registration_failed": True})
        screen = await entry(lab)
        assert "invalid or expired token key" in screen and "- REGISTER" in screen
        await switch(lab, appliance=NAME, set={"busy": True})
        assert "is busy" in await entry(lab)
        await switch(lab, appliance=NAME, set={"busy": False, "enabled": False})
        assert "currently disabled" in await entry(lab)
        await control(lab, "/reset", None)
        screen = await entry(lab)
        assert "- REGISTER" in screen and "failed" not in screen

    with_lab(story, ENABLED)


def test_a_new_registration_clears_a_failed_one() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            device = await cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": NAME})
        async with person_at(lab, NAME) as person:
            assert "failed" in await person.says("cloudserviceconfig", "[]> ")
            await person.says("register", "[]> ")
            await person.says(device["token"], "initiated")
        assert not lab.appliances[NAME].appliance.registration_failed

    with_lab(story, {**ENABLED, "initial": {**ENABLED["initial"], "registration_failed": True}})


def test_the_release_can_be_changed_and_restored() -> None:
    async def story(lab: Lab) -> None:
        await switch(lab, appliance=NAME, set={"version": "12.0.0-419"})
        async with person_at(lab, NAME) as person:
            assert "Version: 12.0.0-419" in await person.says("version", "> ")
        await control(lab, "/reset", None)
        async with person_at(lab, NAME) as person:
            assert "Version: 14.0.0-698" in await person.says("version", "> ")

    with_lab(story, ENABLED)


def test_registration_tokens_can_expire_at_once() -> None:
    async def story(lab: Lab) -> None:
        await switch(lab, region="europe", set={"token_seconds": 0})
        async with caller_of(lab, "europe") as cloud:
            device = await cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": NAME})
        async with person_at(lab, NAME) as person:
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("register", "[]> ")
            await person.says(device["token"], "invalid or expired token key")

    with_lab(story, ENABLED)


def test_the_fleet_file_can_set_switches() -> None:
    async def story(lab: Lab) -> None:
        state = lab.state()
        assert state["appliances"][NAME]["registered"]
        assert state["regions"]["europe"]["devices"] == []
        [module] = state["regions"]["europe"]["module_instances"]
        async with caller_of(lab, "europe") as cloud:
            answer = await cloud.expect(200, "POST", f"/iroh/iroh-enrich/health/{module['id']}")
            assert answer["data"]["data"]["status"] == "unknown"
            [other] = lab.stores["americas"].listed_devices()
            assert other["id"] == state["appliances"][NAME]["device_id"]

    with_lab(story, onboarded(device="americas", module_health="unknown"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "appliance"),
        ([], "mapping"),
        ({"appliance": "none", "set": {}}, "appliance: must be one of"),
        ({"region": "mars", "set": {}}, "region: must be one of"),
        ({"appliance": NAME, "set": {"colour": "blue"}}, "set.colour"),
        ({"appliance": NAME, "set": {"enabled": False, "message_tracking": False, "busy": "yes"}}, "set.busy"),
        ({"appliance": NAME, "set": {"rest_api": True}}, "set.rest_api"),
        ({"appliance": NAME, "set": {"version": "13"}}, "set.version"),
        ({"appliance": NAME, "set": {"device": "moon"}}, "set.device"),
        ({"region": "europe", "set": {"scopes": "sse"}}, "set.scopes"),
        ({"region": "europe", "module": "none", "set": {"health": "ok"}}, "module"),
    ],
)
def test_invalid_switches_are_refused(body: Any, words: str) -> None:
    async def story(lab: Lab) -> None:
        before = lab.state()
        assert words in (await control(lab, "/switch", body, 400))["error"]
        assert lab.state() == before

    with_lab(story, ENABLED)
