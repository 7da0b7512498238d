# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. List, create, update and delete the module instances of a type.

Source: /iroh/iroh-int/module-instance (grade A).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.contract import PATHS
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.errors import FieldMissing
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.write_once import Deletion, delete
from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import field_names
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import AnswerUnreadable

from .module_types import ModuleType

INSTANCES_PATH = PATHS["module_instances"]
PAGE = 1000
VISIBILITY = "org"


@dataclass(frozen=True)
class Instance:
    """A module instance. ``settings`` holds all its settings; these can be secret, so the repr omits them."""

    id: str
    name: str
    enabled: bool
    device_id: str | None
    days: int | None
    settings: dict[str, Any] = field(repr=False, compare=False)
    created: str = ""
    """The time of its creation, as the API sent it; empty if missing."""


def list_records(client: IrohClient, of_type: ModuleType) -> list[dict[str, Any]]:
    """Return all instances of a type, as the API sent them. Raise ApiError."""
    return client.get_all(INSTANCES_PATH, {"module_type_id": of_type.id}, page=PAGE)


def list_instances(client: IrohClient, of_type: ModuleType) -> list[Instance]:
    """Return all instances of a type. Raise ApiError."""
    return [
        _instance(record, of_type, f"GET {INSTANCES_PATH}")
        for record in list_records(client, of_type)
        if record.get("module_type_id") == of_type.id
    ]


def create_instance(
    client: IrohClient, of_type: ModuleType, *, name: str, device_id: str, days: int, enabled: bool
) -> Instance:
    """Create an instance. Raise AnswerLost if the outcome is unknown: read the current state before you retry."""
    body = {
        "name": name,
        "module_type_id": of_type.id,
        "visibility": VISIBILITY,
        "enabled": enabled,
        "settings": {**of_type.defaults, of_type.device_key: device_id, of_type.timeframe_key: days},
    }
    answer = client.post(INSTANCES_PATH, body)
    return _instance(answer.json(client.secrets), of_type, answer.request)


def update_instance(client: IrohClient, of_type: ModuleType, instance: Instance, changes: dict[str, Any]) -> None:
    """Set name, enabled, device_id and days of an instance if they are in ``changes``. Keep all other settings.

    Send the other settings too, because the API may not merge them; but not secrets, because the API may mask them.
    """
    body: dict[str, Any] = {key: changes[key] for key in ("name", "enabled") if key in changes}
    ours = {"device_id": of_type.device_key, "days": of_type.timeframe_key}
    if any(key in changes for key in ours):
        kept = {key: value for key, value in instance.settings.items() if key not in of_type.secret_keys}
        body["settings"] = {**kept, **{ours[key]: changes[key] for key in ours if key in changes}}
    client.patch(instance_path(instance.id), body)


def delete_instance(client: IrohClient, instance_id: str) -> Deletion:
    """Delete an instance. Accept that it no longer exists."""
    return delete(client, instance_path(instance_id))


def instance_path(instance_id: str) -> str:
    """Return the path of one instance."""
    return f"{INSTANCES_PATH}/{quote(instance_id, safe='')}"


def _instance(record: Any, of_type: ModuleType, asked: str) -> Instance:
    method, path = asked.split(" ", 1)
    if not isinstance(record, dict):
        raise AnswerUnreadable("the answer must be a module instance, but is not an object", method=method, path=path)
    for name, kind in (("id", str), ("name", str), ("enabled", bool)):
        if not isinstance(record.get(name), kind):
            raise FieldMissing(
                f'the field "{name}" of a module instance is missing or has another type; fields in the answer: '
                + field_names(record),
                field=name,
                method=method,
                path=path,
            )
    settings = record.get("settings")
    settings = settings if isinstance(settings, dict) else {}
    device_id = settings.get(of_type.device_key)
    return Instance(
        id=record["id"],
        name=record["name"],
        enabled=record["enabled"],
        device_id=device_id if isinstance(device_id, str) and device_id else None,
        days=_whole_number(settings.get(of_type.timeframe_key)),
        settings=settings,
        created=str(record.get("created_at") or ""),
    )


def identity(instance: Instance) -> tuple[str, str]:
    """Return the name and the device, which duplicate instances of a type have in common."""
    return instance.name, (instance.device_id or "").lower()


def are_duplicates(instances: list[Instance]) -> bool:
    """Return whether these instances of a type are duplicates. Instances without a device are not."""
    return len(set(map(identity, instances))) == 1 and bool(instances[0].device_id)


def oldest_first(instances: list[Instance]) -> list[Instance]:
    """Return the instances in an order that is the same in every run. The first of several duplicates is kept."""
    return sorted(instances, key=lambda one: (one.created, one.id))


def _whole_number(value: Any) -> int | None:
    """Return a whole number, or None. Settings from the portal can hold numbers as strings."""
    if isinstance(value, bool):
        return None
    try:
        return int(str(value).strip())
    except ValueError:
        return int(value) if isinstance(value, float) and value.is_integer() else None
