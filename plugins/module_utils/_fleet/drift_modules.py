# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What the drift report says of the CTR module of one appliance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._report.verdicts import NOT_READ, REFUSED, UNKNOWN
from .by_region import ByRegion, meant
from .checks import Check, check, not_compared
from .drift_steps import Outlook, is_refusal
from .rows import Row
from .shared import region_failed

MODULE_CHECKS = ("module", "module_device", "module_timeframe", "module_enabled")
STEP = ("module ",)

Found = Mapping[str, Any]


def module_checks(row: Row, outlook: Outlook, devices: ByRegion, modules: ByRegion) -> list[Check]:
    """Present under its name; where it is, also its device, timeframe and whether it is enabled."""
    region = row["region"]
    there = modules.value(region, "instances")
    if there is None:
        verdict = REFUSED if is_refusal(modules, region) else UNKNOWN
        why = modules.error(region)
        return not_compared(
            MODULE_CHECKS, region_failed(region) if why and verdict == UNKNOWN else why or NOT_READ, verdict
        )
    answer = modules.entry(region, "modules", row["module_name"]) or {}
    alike = _alike(there, row)
    # Equal ones, as two runs at the same time make them, become one.
    if len(alike) > 1 and answer.get("action") != "updated":
        reason = answer.get("error") or _twice(row, alike)
        return [check("module", row["module_name"], f"{len(alike)} of this name", REFUSED, reason=reason)]
    found = answer.get("found") or (alike[0] if alike else None)
    reason = str(answer.get("by_hand") or answer.get("error") or "")
    shown = f"{len(alike)} of this name" if len(alike) > 1 else found["name"] if found else None
    name = outlook.compared("module", row["module_name"], shown, STEP, reason=reason)
    if not found:
        return [name]
    return [
        name,
        _device(row, outlook, devices, answer, found, reason),
        outlook.compared(
            "module_timeframe", row["request_timeframe_days"], found["request_timeframe_days"], STEP, reason=reason
        ),
        outlook.compared("module_enabled", True, found["enabled"], STEP, reason=reason),
    ]


def _alike(there: list[Found], row: Row) -> list[Found]:
    return [one for one in there if one["name"] == row["module_name"] and one["product"] == row["product"]]


def _twice(row: Row, alike: list[Found]) -> str:
    ids = ", ".join(str(one["id"]) for one in alike)
    return f"CTR has {len(alike)} modules of the name {row['module_name']}: {ids}; delete the one that is not wanted"


def _device(row: Row, outlook: Outlook, devices: ByRegion, answer: Found, found: Found, reason: str) -> Check:
    """Devices are compared by id, and shown by name."""
    region, wanted = row["region"], row["device"]
    known = devices.devices(region)
    if known is None:
        return check("module_device", wanted, found["device_id"], UNKNOWN, reason=region_failed(region))
    right = [device["id"].lower() for device in meant(devices.devices_named(region, wanted), wanted)]
    device_id = found["device_id"]
    if answer.get("action") in ("none", "updated"):
        unchanged = (answer["device_id"] or "").lower() == (device_id or "").lower()
        same = answer["action"] == "none" or (unchanged and (device_id or "").lower() in right)
    else:
        same = len(right) == 1 and (device_id or "").lower() in right
    if same:
        return outlook.compared("module_device", wanted, wanted)
    names = {device["id"].lower(): device["name"] for device in known}
    name = names.get((device_id or "").lower())
    shown = None if device_id is None else f"{name} ({device_id})" if name else f"{device_id}, which SSE does not have"
    return outlook.compared("module_device", wanted, shown, STEP, reason=reason, same=False)
