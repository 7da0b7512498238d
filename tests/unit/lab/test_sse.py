# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API iroh-sse answers as its contract describes."""

from __future__ import annotations

import re

from tests.lab.lab import Lab
from tests.unit.lab.clients import caller_of, until, with_lab

DEVICE = "/iroh/iroh-sse/device"
BOX = {"name": "esa1.example.com"}
REGISTERED = {"name": "esa1.example.com", "initial": {"enabled": True, "region": "europe", "registered": True}}


def test_a_device_is_added_read_changed_and_deleted() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "apjc") as cloud:
            body = {"name": "one", "description": "first", "tokenExpiry": 432000}
            device = await cloud.expect(201, "POST", DEVICE, body)
            assert re.fullmatch("[0-9a-f]{32}", device.pop("token"))
            assert device.pop("expiresAt") > device["created"]
            path = f"{DEVICE}/{device['id']}"
            assert device["status"] == "Pending"
            assert await cloud.expect(200, "GET", path) == device
            changed = await cloud.expect(200, "PATCH", path, {"description": "second"})
            assert changed == {**device, "description": "second"}
            await cloud.expect(204, "DELETE", path)
            await cloud.refused(404, "device_not_found", "GET", path)
            await cloud.refused(404, "device_not_found", "POST", path + "/token", {})

    with_lab(story, BOX)


def test_invalid_requests_are_refused() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            held = (await cloud.expect(200, "GET", DEVICE))[0]
            await cloud.refused(409, "device_exists", "POST", DEVICE, {"name": held["name"]})
            for expiry in (60, "3600", True, None):
                body = {"name": "new", "tokenExpiry": expiry}
                assert "tokenExpiry" in await cloud.refused(422, "invalid_request", "POST", DEVICE, body)
            for body in ({}, {"name": ""}, {"name": 7}, {"name": "x" * 256}):
                assert "name" in await cloud.refused(400, "invalid_request", "POST", DEVICE, body)
            assert "token_expiry" in await cloud.refused(
                400, "invalid_request", "POST", DEVICE, {"name": "new", "token_expiry": 3600}
            )
            await cloud.refused(409, "device_registered", "POST", f"{DEVICE}/{held['id']}/token", {})
            other = await cloud.expect(201, "POST", DEVICE, {"name": "other"})
            await cloud.refused(409, "device_exists", "PATCH", f"{DEVICE}/{other['id']}", {"name": held["name"]})
            await cloud.refused(404, "not_found", "GET", "/iroh/iroh-sse/nothing")
            await cloud.refused(405, "method_not_allowed", "PUT", DEVICE, {})

    with_lab(story, REGISTERED, wrong_requests=True)


def test_lists_come_in_pages() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            for number in range(5):
                await cloud.expect(201, "POST", DEVICE, {"name": f"device {number}"})
            everything = await cloud.expect(200, "GET", f"{DEVICE}?limit=3")
            everything += await cloud.expect(200, "GET", f"{DEVICE}?limit=3&offset=3")
            keys = [(device["created"], device["id"]) for device in everything]
            assert len(set(keys)) == 5
            assert keys == sorted(keys)
            status, page, headers = await cloud.call("GET", DEVICE)
            assert (status, len(page), headers["X-Total-Hits"]) == (200, 2, "5")
            status, page, headers = await cloud.call("GET", f"{DEVICE}?limit=1000")
            assert (status, len(page), headers["X-Total-Hits"]) == (200, 3, "5")
            assert await cloud.expect(200, "GET", f"{DEVICE}?offset=5") == []
            for query in ("limit=0", "limit=1001", "limit=ten", "offset=-1"):
                await cloud.refused(400, "invalid_request", "GET", f"{DEVICE}?{query}")

    with_lab(story, BOX, page_limit=2, page_limit_max=3, wrong_requests=True)


def test_a_deletion_may_finish_later() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            device = await cloud.expect(201, "POST", DEVICE, {"name": "one"})
            path = f"{DEVICE}/{device['id']}"
            await cloud.expect(202, "DELETE", path)
            await cloud.expect(202, "DELETE", path)
            await cloud.expect(200, "GET", path)
            await until(lambda: not lab.stores["europe"].devices)
            await cloud.expect(404, "GET", path)

    with_lab(story, BOX, device_delete_seconds=0.3)
