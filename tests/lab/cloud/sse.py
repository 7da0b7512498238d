# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""iroh-sse: devices and their registration tokens. Paths are A; bodies are the project's own description (S, C, I)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.lab.cloud.errors import CloudError, invalid
from tests.lab.cloud.requests import Record, json_object, page
from tests.lab.cloud.store import CloudStore

HOUR = 3600
DAY = 24 * HOUR
LIFETIMES = [*(hours * HOUR for hours in (1, 2, 4, 6, 8, 12)), *(days * DAY for days in (1, 2, 3, 4, 5))]
"""The lifetimes that the portal offers, in seconds."""
NAME_LENGTH = 255


def add_routes(app: web.Application, store: CloudStore) -> None:
    """Serve the device paths."""

    def find(request: web.Request) -> Record:
        device = store.devices.get(request.match_info["id"])
        if device is None:
            raise CloudError(404, "device_not_found", f"no device {request.match_info['id']}")
        return device

    async def list_devices(request: web.Request) -> web.Response:
        return page(request, store.listed_devices(), store.settings, next_header=False)

    async def add_device(request: web.Request) -> web.Response:
        body = await json_object(request, {"name", "description", "tokenExpiry"}, ("name",))
        _check_texts(body)
        lifetime = _lifetime(body)
        _check_unused(store, body["name"])
        device = store.add_device(body["name"], body.get("description", ""))
        return web.json_response({**device, **store.issue_registration_token(device["id"], lifetime)}, status=201)

    async def get_device(request: web.Request) -> web.Response:
        return web.json_response(find(request))

    async def patch_device(request: web.Request) -> web.Response:
        device = find(request)
        body = await json_object(request, {"name", "description"})
        _check_texts(body)
        if body.get("name", device["name"]) != device["name"]:
            _check_unused(store, body["name"])
        device.update(body)
        return web.json_response(device)

    async def delete_device(request: web.Request) -> web.Response:
        gone = store.delete_device(find(request)["id"])
        return web.Response(status=204 if gone else 202)

    async def issue_token(request: web.Request) -> web.Response:
        device = find(request)
        lifetime = _lifetime(await json_object(request, {"tokenExpiry"}))
        if device["status"] == "Registered":
            raise CloudError(409, "device_registered", f"device {device['id']} is registered")
        return web.json_response(store.issue_registration_token(device["id"], lifetime))

    root = "/iroh/iroh-sse/device"
    app.router.add_get(root, list_devices)
    app.router.add_post(root, add_device)
    app.router.add_get(root + "/{id}", get_device)
    app.router.add_patch(root + "/{id}", patch_device)
    app.router.add_delete(root + "/{id}", delete_device)
    app.router.add_post(root + "/{id}/token", issue_token)


def _check_texts(body: Record) -> None:
    for key in ("name", "description"):
        if key in body and not isinstance(body[key], str):
            raise invalid(f"{key}: must be a string")
    if "name" in body and not 1 <= len(body["name"]) <= NAME_LENGTH:
        raise invalid(f"name: must have 1 to {NAME_LENGTH} characters")


def _check_unused(store: CloudStore, name: str) -> None:
    if store.device_named(name):
        raise CloudError(409, "device_exists", f"a device named {name} exists")


def _lifetime(body: Record) -> int:
    value: Any = body.get("tokenExpiry", LIFETIMES[0])
    if isinstance(value, bool) or value not in LIFETIMES:
        raise invalid(f"tokenExpiry: must be one of {', '.join(map(str, LIFETIMES))}", 422)
    return value
