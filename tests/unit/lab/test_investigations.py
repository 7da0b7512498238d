# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inspect, observe and health: messages that the appliances of a region tracked, and broken links."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lab.cloud.inspect import observables_in
from tests.lab.lab import Lab
from tests.unit.lab.clients import Caller, caller_of, with_lab, writes
from tests.unit.lab.test_services import control

NAME = "esa1.example.com"
SHA256 = "ab" * 32
OBSERVE = "/iroh/iroh-enrich/observe/observables"
INSPECT = "/iroh/iroh-inspect/inspect"
SUBJECT = {"type": "email_subject", "value": "Invoice Due"}
MESSAGE = {
    "subject": "Invoice Due",
    "sender": "a@example.com",
    "recipients": ["b@example.net"],
    "message_id": "<123-abc@example.com>",
    "attachments": [{"name": "invoice.pdf", "sha256": SHA256}],
}


def onboarded(name: str = NAME, region: str = "europe", **initial: Any) -> dict[str, Any]:
    state = {"enabled": True, "region": region, "registered": True, "module": True}
    return {"name": name, "region": region, "initial": {**state, **initial}}


async def track(lab: Lab, name: str = NAME, **more: Any) -> None:
    await control(lab, "/messages", {"appliance": name, "messages": [{**MESSAGE, **more}]})


async def switch(lab: Lab, status: int = 200, **body: Any) -> Any:
    return await control(lab, "/switch", body, status)


async def observe(cloud: Caller, observable: dict[str, str] = SUBJECT, query: str = "") -> dict[str, Any]:
    return await cloud.expect(200, "POST", OBSERVE + query, [observable])


def sightings(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [doc for entry in answer["data"] for doc in entry["data"].get("sightings", {}).get("docs", [])]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('email_subject:"Invoice Due" ip:"192.0.2.7"', [("email_subject", "Invoice Due"), ("ip", "192.0.2.7")]),
        ("from 192.0.2.7, by a@example.com", [("email", "a@example.com"), ("ip", "192.0.2.7")]),
        (
            "<123-abc@example.com> and www.example.com",
            [("email_messageid", "123-abc@example.com"), ("domain", "www.example.com")],
        ),
        (f"x {SHA256} 999.1.1.1", [("sha256", SHA256)]),
        ("nothing to see", []),
    ],
)
def test_observables_in_a_text_are_found(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one["type"], one["value"]) for one in observables_in(text)] == found


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("ip", "192.0.2.254"),
        ("domain", "example.com"),
        ("email", "a@example.com"),
        ("email_messageid", "123-abc@example.com"),
        ("email_subject", "Invoice Due"),
        ("cisco_mid", "1001"),
        ("sha256", SHA256),
        ("file_name", "invoice.pdf"),
    ],
)
def test_a_tracked_message_is_sighted(kind: str, value: str) -> None:
    async def story(lab: Lab) -> None:
        await track(lab)
        observable = {"type": kind, "value": value}
        async with caller_of(lab, "europe") as cloud:
            [doc] = sightings(await observe(cloud, observable))
            assert doc["observables"] == [observable]
            assert doc["type"] == "sighting" and doc["count"] == 1
            assert doc["source"] == NAME
            assert {"schema_version", "confidence", "id", "observed_time"} <= set(doc)
            assert [relation["related"]["value"] for relation in doc["relations"]] == ["Invoice Due", "b@example.net"]
            assert sightings(await observe(cloud, {"type": kind, "value": "other"})) == []
        async with caller_of(lab, "apjc") as cloud:
            assert await observe(cloud, observable) == {"data": []}
        assert writes(lab) == []

    with_lab(story, onboarded())


def test_modules_are_selected_by_id_and_unknown_ids_are_ignored() -> None:
    async def story(lab: Lab) -> None:
        await track(lab)
        await track(lab, "esa2.example.com")
        first, second = lab.stores["europe"].instances
        async with caller_of(lab, "europe") as cloud:
            assert len(sightings(await observe(cloud))) == 2
            answer = await observe(cloud, query=f"?mids={first}&mids=none")
            assert [entry["module_instance_id"] for entry in answer["data"]] == [first]
            assert [doc["source"] for doc in sightings(answer)] == [NAME]
            assert await observe(cloud, query="?mids=none") == {"data": []}
            assert len(sightings(await observe(cloud, query=f"?mids={first}&mids={second}"))) == 2

    with_lab(story, onboarded(), onboarded("esa2.example.com"))


def test_only_the_timeframe_of_the_module_is_searched() -> None:
    async def story(lab: Lab) -> None:
        await track(lab, age=29 * 24 * 3600)
        async with caller_of(lab, "europe") as cloud:
            assert len(sightings(await observe(cloud))) == 1
            await switch(lab, appliance=NAME, set={"older_by_days": 2})
            answer = await observe(cloud)
            assert [entry["data"] for entry in answer["data"]] == [{}]

    with_lab(story, onboarded())


BROKEN: list[tuple[dict[str, Any], str, bool]] = [
    ({"appliance": NAME, "set": {"device": "absent"}}, "error", True),
    ({"appliance": NAME, "set": {"device": "unregistered"}}, "error", True),
    ({"appliance": NAME, "set": {"device": "americas"}}, "error", True),
    ({"appliance": NAME, "set": {"registered": False}}, "ok", False),
    ({"appliance": NAME, "set": {"region": "americas"}}, "ok", False),
    ({"appliance": NAME, "set": {"message_tracking": False}}, "ok", False),
    ({"region": "europe", "set": {"ctr_enabled": False}}, "error", True),
    ({"region": "europe", "module": NAME, "set": {"health": "error"}}, "error", True),
    ({"region": "europe", "module": NAME, "set": {"device": "gone"}}, "error", True),
    ({"region": "europe", "module": NAME, "set": {"enabled": False}}, "unknown", False),
]


@pytest.mark.parametrize(("body", "health", "errors"), BROKEN)
def test_each_broken_link_gives_no_sighting(body: dict[str, Any], health: str, errors: bool) -> None:
    async def story(lab: Lab) -> None:
        await track(lab)
        [module] = lab.stores["europe"].instances
        async with caller_of(lab, "europe") as cloud:
            assert len(sightings(await observe(cloud))) == 1
            await switch(lab, **body)
            answer = await observe(cloud)
            assert sightings(answer) == []
            assert bool(answer.get("errors")) is errors
            for error in answer.get("errors", []):
                assert (error["module"], error["module_instance_id"]) == (NAME, module)
                assert error["code"] and error["message"] and error["type"] == "fatal"
            told = await cloud.expect(200, "POST", f"/iroh/iroh-enrich/health/{module}")
            assert told["data"]["data"]["status"] == health
        await control(lab, "/reset", None)
        await track(lab)
        async with caller_of(lab, "europe") as cloud:
            assert len(sightings(await observe(cloud))) == 1

    with_lab(story, onboarded())


def test_a_device_can_be_restored() -> None:
    async def story(lab: Lab) -> None:
        await track(lab)
        async with caller_of(lab, "europe") as cloud, caller_of(lab, "americas") as other:
            await switch(lab, appliance=NAME, set={"device": "americas"})
            assert await cloud.expect(200, "GET", "/iroh/iroh-sse/device") == []
            [device] = await other.expect(200, "GET", "/iroh/iroh-sse/device")
            assert device["name"] == NAME and device["status"] == "Registered"
            await switch(lab, appliance=NAME, set={"device": "registered"})
            assert await cloud.expect(200, "GET", "/iroh/iroh-sse/device") == [{**device, "created": ANY}]
            assert len(sightings(await observe(cloud))) == 1

    with_lab(story, onboarded())


class _Any:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)


ANY = _Any()


@pytest.mark.parametrize(
    ("scopes", "path", "missing"),
    [
        (["sse", "integration", "inspect:read"], OBSERVE, "enrich:read"),
        (["sse", "integration", "enrich:read"], INSPECT, "inspect:read"),
        ([], "/iroh/iroh-enrich/health", "integration"),
    ],
)
def test_scopes_can_be_removed_and_restored(scopes: list[str], path: str, missing: str) -> None:
    async def story(lab: Lab) -> None:
        body = {"content": "text"} if path == INSPECT else [SUBJECT]
        async with caller_of(lab, "europe") as cloud:
            await cloud.expect(200, "POST", path, body)
            await switch(lab, region="europe", set={"scopes": scopes})
            assert missing in await cloud.refused(403, "missing_scope", "POST", path, body)
        async with caller_of(lab, "americas") as cloud:
            await cloud.expect(200, "POST", path, body)
        await control(lab, "/reset", None)
        async with caller_of(lab, "europe") as cloud:
            await cloud.expect(200, "POST", path, body)

    with_lab(story, onboarded(), wrong_requests=True)


def test_the_quota_can_be_exhausted_and_restored() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await switch(lab, region="europe", set={"quota_used_up": True})
            status, answer, headers = await cloud.call("GET", "/iroh/iroh-sse/device")
            assert (status, answer["error"], headers["Retry-After"]) == (429, "too_many_requests", "3172s")
            await switch(lab, region="europe", set={"quota_used_up": False})
            await cloud.expect(200, "GET", "/iroh/iroh-sse/device")

    with_lab(story, onboarded())


def test_no_device_can_be_selected_while_ctr_is_disabled() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            [old] = await cloud.expect(200, "GET", "/iroh/iroh-int/module-instance")
            body = {key: old[key] for key in ("module_type_id", "visibility", "settings")}
            path = f"/iroh/iroh-int/module-type/{old['module_type_id']}"
            shown = await cloud.expect(200, "GET", path)
            await switch(lab, region="europe", set={"ctr_enabled": False})
            await cloud.refused(422, "invalid_request", "POST", "/iroh/iroh-int/module-instance", {**body, "name": "b"})
            [field] = [
                one for one in (await cloud.expect(200, "GET", path))["configuration_spec"] if one["type"] == "device"
            ]
            assert field["options"] == []
            await switch(lab, region="europe", set={"ctr_enabled": True})
            assert await cloud.expect(200, "GET", path) == shown
            await cloud.expect(201, "POST", "/iroh/iroh-int/module-instance", {**body, "name": "b"})

    with_lab(story, onboarded())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"type": "ip", "value": "192.0.2.1"}, 400),
        ([{"type": "ip"}], 400),
        ([{"type": "colour", "value": "blue"}], 400),
        ([{"type": "ip", "value": "192.0.2.1", "more": 1}], 400),
    ],
)
def test_invalid_bodies_are_refused(body: Any, status: int) -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await cloud.refused(status, "invalid_request", "POST", OBSERVE, body)
            assert await cloud.expect(400, "POST", INSPECT, {"text": "x"}) == {"content": "missing-required-key"}

    with_lab(story, onboarded(), wrong_requests=True)
