# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module types, module instances and their health."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lab.lab import Lab
from tests.unit.lab.clients import Caller, caller_of, with_lab, writes

REGIONS = ["americas", "europe", "apjc"]
ESA_NAMES = {"Email Security Appliance", "Secure Email Gateway"}
SMA_NAMES = {"Secure Email and Web Manager", "SMA Email"}
TYPE = "/iroh/iroh-int/module-type"
INSTANCE = "/iroh/iroh-int/module-instance"


def registered(region: str) -> dict[str, Any]:
    """Return the fields of a registered appliance of this region."""
    return {
        "name": f"{region}.example.com",
        "initial": {"enabled": True, "region": region, "registered": True},
        "dialect": {
            "servers": ["A (api-sse.cisco.com)", "E (api.eu.sse.itd.cisco.com)", "P (api.apj.sse.itd.cisco.com)"]
        },
    }


async def find_type(cloud: Caller, names: set[str]) -> dict[str, Any]:
    """Return the module type with this title."""
    types = await cloud.expect(200, "GET", TYPE)
    found = [kind for kind in types if names & {kind["title"], kind["default_name"], kind.get("former_title")}]
    assert len(found) == 1
    return found[0]


def settings_keys(kind: dict[str, Any]) -> tuple[str, str]:
    """Return the settings keys of the device and of the days."""
    keys = {field["type"]: field["key"] for field in kind["configuration_spec"]}
    return keys["device"], keys["integer"]


def test_types_are_found_by_name_and_differ_per_region() -> None:
    async def story(lab: Lab) -> None:
        seen: set[Any] = set()
        for region in REGIONS:
            async with caller_of(lab, region) as cloud:
                for names in (ESA_NAMES, SMA_NAMES):
                    kind = await find_type(cloud, names)
                    assert await cloud.expect(200, "GET", f"{TYPE}/{kind['id']}") == kind
                    seen |= {kind["id"], (*sorted(names), *settings_keys(kind))}
                assert len(await cloud.expect(200, "GET", TYPE)) == 6
                await cloud.refused(404, "module_type_not_found", "GET", f"{TYPE}/none")
        assert len(seen) == 12

    with_lab(story, {"name": "esa1.example.com"})


@pytest.mark.parametrize("region", REGIONS)
def test_a_module_is_added_read_changed_and_deleted(region: str) -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, region) as cloud:
            kind = await find_type(cloud, ESA_NAMES)
            device_key, days_key = settings_keys(kind)
            device = (await cloud.expect(200, "GET", "/iroh/iroh-sse/device"))[0]["id"]
            body = {
                "name": "Mine",
                "module_type_id": kind["id"],
                "visibility": "org",
                "settings": {device_key: device, days_key: 30},
            }
            instance = await cloud.expect(201, "POST", INSTANCE, body)
            assert instance.items() >= body.items()
            assert instance["enabled"] is True
            path = f"{INSTANCE}/{instance['id']}"
            changed = await cloud.expect(200, "PATCH", path, {"name": "Yours", "settings": {days_key: 60}})
            assert changed["name"] == "Yours"
            assert changed["settings"] == {device_key: device, days_key: 60}
            health = f"/iroh/iroh-enrich/health/{instance['id']}"
            answer = await cloud.expect(200, "POST", health)
            assert answer["data"]["data"]["status"] == "ok"
            await cloud.expect(204, "DELETE", f"/iroh/iroh-sse/device/{device}")
            answer = await cloud.expect(200, "POST", health)
            assert answer["data"]["data"]["status"] == "error"
            assert answer["errors"]
            await cloud.expect(204, "DELETE", path)
            await cloud.refused(404, "module_instance_not_found", "GET", path)
            await cloud.refused(404, "module_instance_not_found", "POST", health)
        assert [method for method, _ in writes(lab)] == ["POST", "PATCH", "DELETE", "DELETE"]

    with_lab(story, registered(region))


def test_invalid_requests_are_refused() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            kind = await find_type(cloud, ESA_NAMES)
            device_key, days_key = settings_keys(kind)
            device = (await cloud.expect(200, "GET", "/iroh/iroh-sse/device"))[0]["id"]
            pending = (await cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "pending"}))["id"]
            good = {
                "name": "Mine",
                "module_type_id": kind["id"],
                "visibility": "org",
                "settings": {device_key: device, days_key: 30},
            }

            async def refused(status: int, field: str, **changes: Any) -> None:
                body = {key: value for key, value in {**good, **changes}.items() if value != "ABSENT"}
                assert field in await cloud.refused(status, "invalid_request", "POST", INSTANCE, body)

            await refused(400, "name", name="ABSENT")
            await refused(400, "name", name="")
            await refused(400, "visibility", visibility="ABSENT")
            await refused(400, "visibility", visibility="everybody")
            await refused(400, "enabled", enabled="yes")
            await refused(400, "settings", settings=[])
            await refused(400, "colour", colour="blue")
            await refused(422, "module_type_id", module_type_id="none")
            await refused(422, f"settings.{device_key}", settings={days_key: 30})
            await refused(422, f"settings.{device_key}", settings={device_key: pending})
            await refused(422, f"settings.{device_key}", settings={device_key: "none"})
            await refused(422, f"settings.{days_key}", settings={device_key: device, days_key: "30"})
            await refused(422, "settings.made_up", settings={device_key: device, "made_up": 1})
            instance = await cloud.expect(201, "POST", INSTANCE, good)
            path = f"{INSTANCE}/{instance['id']}"
            assert "visibility" in await cloud.refused(400, "invalid_request", "PATCH", path, {"visibility": "user"})
            description = await cloud.refused(422, "invalid_request", "PATCH", path, {"settings": {days_key: True}})
            assert days_key in description

    with_lab(story, registered("europe"), wrong_requests=True)


def test_paging_and_filters() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            store = lab.stores["europe"]
            status, types, headers = await cloud.call("GET", f"{TYPE}?limit=4")
            assert (status, len(types), headers["X-Total-Hits"]) == (200, 4, "6")
            types += await cloud.expect(200, "GET", f"{TYPE}?{headers['X-Next']}")
            assert len({kind["id"] for kind in types}) == 6
            for number in range(3):
                store.add_instance({"name": f"i{number}", "module_type_id": types[number]["id"], "visibility": "org"})
            found = await cloud.expect(200, "GET", f"{INSTANCE}?module_type_id={types[1]['id']}")
            assert [instance["name"] for instance in found] == ["i1"]
            found = await cloud.expect(200, "GET", f"{INSTANCE}?sort_by=name&sort_order=desc&limit=2")
            assert [instance["name"] for instance in found] == ["i2", "i1"]
            assert await cloud.expect(200, "GET", f"{INSTANCE}?enabled=false") == []
            assert len((await cloud.expect(200, "POST", "/iroh/iroh-enrich/health"))["data"]) == 3

    with_lab(story, {"name": "esa1.example.com"})
