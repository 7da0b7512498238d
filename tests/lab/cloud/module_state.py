# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The health of a module instance, and the appliance that answers for it. The rules of health are I."""

from __future__ import annotations

from typing import Any

from tests.lab.cloud.store import CloudStore

Record = dict[str, Any]
DAY = 24 * 3600


def status_of(store: CloudStore, instance: Record) -> str:
    """Return ok for a registered device, error for a deleted or unregistered device, unknown without a device."""
    told = store.module_health.get(instance["id"])
    if told:
        return told
    device_id = device_of(store, instance)
    if device_id is None or not instance["enabled"]:
        return "unknown"
    registered = store.devices.get(device_id, {}).get("status") == "Registered"
    return "ok" if registered and store.switches.ctr_enabled else "error"


def errors_of(store: CloudStore, instance: Record) -> list[Record]:
    """Return the errors of an unhealthy instance; the fields are A, code and message are I."""
    if status_of(store, instance) != "error":
        return []
    return [
        {
            **named(instance),
            "type": "fatal",
            "code": "device_unavailable",
            "message": "the device of this module is not registered or does not answer",
        }
    ]


def named(instance: Record) -> Record:
    """Return the fields that name an instance in answers (A)."""
    return {
        "module": instance["name"],
        "module_instance_id": instance["id"],
        "module_type_id": instance["module_type_id"],
    }


def device_of(store: CloudStore, instance: Record) -> str | None:
    """Return the id of the instance's device, empty without a device; None for a type without devices."""
    key = _key(store, instance, "device")
    return None if key is None else str(instance["settings"].get(key, ""))


def timeframe_of(store: CloudStore, instance: Record) -> float:
    """Return the timeframe of an instance in seconds."""
    key = _key(store, instance, "integer")
    days = instance["settings"].get(key) if key else None
    return (days if isinstance(days, int) else 30) * DAY


def _key(store: CloudStore, instance: Record, kind: str) -> str | None:
    spec = store.module_types[instance["module_type_id"]].record["configuration_spec"]
    return next((field["key"] for field in spec if field["type"] == kind), None)
