# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""iroh-int: module types and module instances, with the vendor's field names (A) and strict checks.

The answers 400 to an invalid body and 422 to settings that do not match the type are I.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.lab.cloud.clock import utc_text
from tests.lab.cloud.errors import CloudError, invalid
from tests.lab.cloud.requests import Record, json_object, page
from tests.lab.cloud.store import CloudStore

VISIBILITIES = ("org", "user", "global")
PATCHABLE = {"name", "module_type_id", "parent_id", "external_references", "enabled", "settings"}
NULLABLE_IN_PATCH = {"parent_id", "external_references", "enabled", "settings"}
KINDS: dict[str, tuple[type, str]] = {
    "name": (str, "a string"),
    "module_type_id": (str, "a string"),
    "visibility": (str, "a string"),
    "parent_id": (str, "a string"),
    "external_references": (list, "a list"),
    "enabled": (bool, "true or false"),
    "settings": (dict, "a JSON object"),
}


def add_routes(app: web.Application, store: CloudStore) -> None:
    """Serve the module-type and module-instance paths."""

    def find(request: web.Request) -> Record:
        instance = store.instances.get(request.match_info["id"])
        if instance is None:
            raise CloudError(404, "module_instance_not_found", f"no module instance {request.match_info['id']}")
        return instance

    async def list_types(request: web.Request) -> web.Response:
        records = [_shown_type(store, entry.record) for entry in store.module_types.values()]
        return page(request, _selected(request, records, ("record",), "title"), store.settings, next_header=True)

    async def get_type(request: web.Request) -> web.Response:
        entry = store.module_types.get(request.match_info["id"])
        if entry is None:
            raise CloudError(404, "module_type_not_found", f"no module type {request.match_info['id']}")
        return web.json_response(_shown_type(store, entry.record))

    async def list_instances(request: web.Request) -> web.Response:
        records = list(store.instances.values())
        selected = _selected(request, records, ("module_type_id",), "name")
        return page(request, selected, store.settings, next_header=True)

    async def add_instance(request: web.Request) -> web.Response:
        body = await json_object(request, set(KINDS), ("name", "module_type_id", "visibility"))
        _check_kinds(body)
        if body["visibility"] not in VISIBILITIES:
            raise invalid(f"visibility: must be one of {', '.join(VISIBILITIES)}")
        check_settings(store, body["module_type_id"], body.get("settings", {}))
        return web.json_response(store.add_instance(body), status=201)

    async def get_instance(request: web.Request) -> web.Response:
        return web.json_response(find(request))

    async def patch_instance(request: web.Request) -> web.Response:
        instance = find(request)
        body = await json_object(request, PATCHABLE)
        changes = {key: value for key, value in body.items() if value is not None or key not in NULLABLE_IN_PATCH}
        _check_kinds(changes)
        if "settings" in changes:
            changes["settings"] = {**instance["settings"], **changes["settings"]}
        merged = {**instance, **changes}
        if "settings" in changes or "module_type_id" in changes:
            check_settings(store, merged["module_type_id"], merged["settings"])
        instance.update(changes, updated_at=utc_text(store.now))
        return web.json_response(instance)

    async def delete_instance(request: web.Request) -> web.Response:
        del store.instances[find(request)["id"]]
        return web.Response(status=204)

    root = "/iroh/iroh-int"
    app.router.add_get(root + "/module-type", list_types)
    app.router.add_get(root + "/module-type/{id}", get_type)
    app.router.add_get(root + "/module-instance", list_instances)
    app.router.add_post(root + "/module-instance", add_instance)
    app.router.add_get(root + "/module-instance/{id}", get_instance)
    app.router.add_patch(root + "/module-instance/{id}", patch_instance)
    app.router.add_delete(root + "/module-instance/{id}", delete_instance)


def _shown_type(store: CloudStore, record: Record) -> Record:
    """Return the type for clients: no device can be selected while Threat Response is disabled in SSE (A; form I)."""
    product = store.module_types[record["id"]].product
    if product and store.switches.types_renamed:
        names = {"title": f"Renamed {product} type", "default_name": f"Renamed {product}"}
        record = {**{key: value for key, value in record.items() if key != "former_title"}, **names}
    if store.switches.ctr_enabled:
        return record
    spec = [{**field, "options": []} if field["type"] == "device" else field for field in record["configuration_spec"]]
    return {**record, "configuration_spec": spec}


def check_settings(store: CloudStore, module_type_id: str, settings: Record) -> None:
    """Refuse settings that do not match the configuration_spec of the module type, and name the field."""
    entry = store.module_types.get(module_type_id)
    if entry is None:
        raise invalid(f"module_type_id: no module type {module_type_id}", 422)
    spec = {field["key"]: field for field in entry.record["configuration_spec"]}
    for key in settings:
        if key not in spec:
            raise invalid(f"settings.{key}: is not in the configuration_spec of the module type", 422)
    for key, field in spec.items():
        if key in settings:
            _check_setting(store, field, settings[key])
        elif field["required"]:
            raise invalid(f"settings.{key}: is required", 422)


def _check_setting(store: CloudStore, field: Record, value: Any) -> None:
    name = f"settings.{field['key']}"
    kind = field["type"]
    if kind == "integer":
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid(f"{name}: must be a whole number", 422)
    elif kind == "boolean":
        if not isinstance(value, bool):
            raise invalid(f"{name}: must be true or false", 422)
    elif not isinstance(value, str) or not value:
        raise invalid(f"{name}: must be a string that is not empty", 422)
    elif kind == "device":
        registered = store.devices.get(value, {}).get("status") == "Registered"
        if not registered or not store.switches.ctr_enabled:
            raise invalid(f"{name}: no registered device {value}", 422)
    elif kind == "options" and value not in [option["value"] for option in field["options"]]:
        raise invalid(f"{name}: is not one of the options", 422)


def _check_kinds(body: Record) -> None:
    for key, value in body.items():
        kind, words = KINDS[key]
        if not isinstance(value, kind):
            raise invalid(f"{key}: must be {words}")
        if kind is str and not value:
            raise invalid(f"{key}: must not be empty")


def _selected(request: web.Request, records: list[Record], exact: tuple[str, ...], title: str) -> list[Record]:
    """Return the records that match the query, in its order (default: the order of creation)."""
    query = request.query
    for key in exact:
        if key in query:
            records = [record for record in records if record[key] == query[key]]
    if "enabled" in query:
        if query["enabled"] not in ("true", "false"):
            raise invalid("enabled: must be true or false")
        records = [record for record in records if record["enabled"] == (query["enabled"] == "true")]
    if "query" in query:
        records = [record for record in records if query["query"].lower() in record[title].lower()]
    if query.get("sort_order", "asc") not in ("asc", "desc"):
        raise invalid("sort_order: must be asc or desc")
    if "sort_by" in query:
        descending = query.get("sort_order") == "desc"
        records = sorted(records, key=lambda record: str(record.get(query["sort_by"], "")), reverse=descending)
    return records
