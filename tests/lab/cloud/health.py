# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""POST /iroh/iroh-enrich/health and .../health/{module_instance_id} (A)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.lab.cloud.errors import CloudError
from tests.lab.cloud.module_state import errors_of, named, status_of
from tests.lab.cloud.store import CloudStore

PATH = "/iroh/iroh-enrich/health"


def add_routes(app: web.Application, store: CloudStore) -> None:
    """Serve the health paths."""

    async def check_one(request: web.Request) -> web.Response:
        instance = store.instances.get(request.match_info["id"])
        if instance is None:
            raise CloudError(404, "module_instance_not_found", f"no module instance {request.match_info['id']}")
        return web.json_response({"data": _health(store, instance), "errors": errors_of(store, instance)})

    async def check_all(request: web.Request) -> web.Response:
        instances = list(store.instances.values())
        errors = [error for instance in instances for error in errors_of(store, instance)]
        return web.json_response({"data": [_health(store, instance) for instance in instances], "errors": errors})

    app.router.add_post(PATH, check_all)
    app.router.add_post(PATH + "/{id}", check_one)


def _health(store: CloudStore, instance: dict[str, Any]) -> dict[str, Any]:
    return {**named(instance), "data": {"status": status_of(store, instance)}}
