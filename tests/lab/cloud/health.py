# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""POST /iroh/iroh-enrich/health and .../health/{module_instance_id} (A); what makes a module healthy is I."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.lab.cloud.errors import CloudError
from tests.lab.cloud.store import CloudStore

PATH = "/iroh/iroh-enrich/health"


def add_routes(app: web.Application, store: CloudStore) -> None:
    """Serve the health paths."""

    async def check_one(request: web.Request) -> web.Response:
        instance = store.instances.get(request.match_info["id"])
        if instance is None:
            raise CloudError(404, "module_instance_not_found", f"no module instance {request.match_info['id']}")
        return web.json_response({"data": _health(store, instance), "errors": _errors(store, instance)})

    async def check_all(request: web.Request) -> web.Response:
        instances = list(store.instances.values())
        errors = [error for instance in instances for error in _errors(store, instance)]
        return web.json_response({"data": [_health(store, instance) for instance in instances], "errors": errors})

    app.router.add_post(PATH, check_all)
    app.router.add_post(PATH + "/{id}", check_one)


def _status(store: CloudStore, instance: dict[str, Any]) -> str:
    """ok for a registered device, error for one that is gone or not registered, unknown without a device."""
    spec = store.module_types[instance["module_type_id"]].record["configuration_spec"]
    keys = [field["key"] for field in spec if field["type"] == "device"]
    if not keys or not instance["enabled"]:
        return "unknown"
    device = store.devices.get(instance["settings"].get(keys[0], ""), {})
    return "ok" if device.get("status") == "Registered" else "error"


def _health(store: CloudStore, instance: dict[str, Any]) -> dict[str, Any]:
    return {
        "module": instance["name"],
        "module_instance_id": instance["id"],
        "module_type_id": instance["module_type_id"],
        "data": {"status": _status(store, instance)},
    }


def _errors(store: CloudStore, instance: dict[str, Any]) -> list[dict[str, Any]]:
    if _status(store, instance) != "error":
        return []
    return [
        {
            "module": instance["name"],
            "module_instance_id": instance["id"],
            "module_type_id": instance["module_type_id"],
            "type": "fatal",
            "code": "device_unavailable",
            "message": "the device of this module is not registered",
        }
    ]
