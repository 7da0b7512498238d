# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a module instance stands: healthy or not, and which appliance answers for it. What makes it healthy is I."""

from __future__ import annotations

from typing import Any

from tests.lab.cloud.store import CloudStore

Record = dict[str, Any]
DAY = 24 * 3600


def status_of(store: CloudStore, instance: Record) -> str:
    """ok for a registered device, error for one that is gone or not registered, unknown without a device."""
    told = store.module_health.get(instance["id"])
    if told:
        return told
    device_id = device_of(store, instance)
    if device_id is None or not instance["enabled"]:
        return "unknown"
    registered = store.devices.get(device_id, {}).get("status") == "Registered"
    return "ok" if registered and store.switches.ctr_enabled else "error"


def errors_of(store: CloudStore, instance: Record) -> list[Record]:
    """What is told of an instance that is not healthy; the fields are A, code and message are I."""
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
    """How answers name an instance (A)."""
    return {
        "module": instance["name"],
        "module_instance_id": instance["id"],
        "module_type_id": instance["module_type_id"],
    }


def device_of(store: CloudStore, instance: Record) -> str | None:
    """The id of the device that an instance is set to, empty for none; None for a type without devices."""
    key = _key(store, instance, "device")
    return None if key is None else str(instance["settings"].get(key, ""))


def timeframe_of(store: CloudStore, instance: Record) -> float:
    """How far an instance looks back, in seconds."""
    key = _key(store, instance, "integer")
    days = instance["settings"].get(key) if key else None
    return (days if isinstance(days, int) else 30) * DAY


def _key(store: CloudStore, instance: Record, kind: str) -> str | None:
    spec = store.module_types[instance["module_type_id"]].record["configuration_spec"]
    return next((field["key"] for field in spec if field["type"] == kind), None)
