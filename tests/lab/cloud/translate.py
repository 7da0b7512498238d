# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cloud in another world: requests are translated into the words of the lab, and answers back."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from tests.lab.cloud.errors import invalid
from tests.lab.cloud.store import CloudStore
from tests.lab.world import World

SSE = "/iroh/iroh-sse/"
TYPES = "/iroh/iroh-int/module-type"
INSTANCES = "/iroh/iroh-int/module-instance"


async def translated(world: World, store: CloudStore, request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request in the words of the world. A request in other words is refused, as a server would."""
    if world == World() or not request.path.startswith((SSE, TYPES, INSTANCES)):
        return await handler(request)
    content = await request.read()
    body = _parsed(content)
    if request.path.startswith(SSE):
        body, unknown = world.sse_request(body)
        if unknown:
            return invalid(f"{unknown}: is not a field").response()
    elif request.path.startswith(INSTANCES) and isinstance(body, dict):
        body = _with_settings(world, store, body, _type_of(store, request, body), back=True)
    if content:
        request._read_bytes = json.dumps(body).encode()
    response = await handler(request)
    if isinstance(response, web.Response) and response.body and response.status < 400:
        _replace(response, _answer(world, store, request, _parsed(bytes(response.body))))
    return response


def _answer(world: World, store: CloudStore, request: web.Request, data: Any) -> Any:
    if request.path.startswith(SSE):
        return world.sse_answer(data)
    if request.path.startswith(TYPES):
        return world.type_answer(data, lambda type_id: store.module_types[type_id].product)
    records = data if isinstance(data, list) else [data]
    shown = [
        _with_settings(world, store, one, one.get("module_type_id"), back=False) if isinstance(one, dict) else one
        for one in records
    ]
    return shown if isinstance(data, list) else shown[0]


def _type_of(store: CloudStore, request: web.Request, body: dict[str, Any]) -> Any:
    held = store.instances.get(request.path.removeprefix(INSTANCES).strip("/"), {})
    return body.get("module_type_id") or held.get("module_type_id")


def _with_settings(
    world: World, store: CloudStore, record: dict[str, Any], type_id: Any, *, back: bool
) -> dict[str, Any]:
    entry = store.module_types.get(type_id)
    if "settings" not in record or entry is None or entry.product not in world.titles:
        return record
    spec = entry.record["configuration_spec"]
    return {**record, "settings": world.settings(record["settings"], spec, back=back)}


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None


def _replace(response: web.Response, data: Any) -> None:
    response.body = json.dumps(data).encode()
