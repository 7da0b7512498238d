# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Drift: per appliance what is wanted, what was found, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from .by_region import ByRegion
from .rows import READ, reason_of
from .state import Registered

OK, DRIFT, UNKNOWN, REFUSED = "ok", "drift", "unknown", "refused"


def drift_rows(
    settings: Mapping[str, Mapping[str, Any]],
    hostvars: Mapping[str, Mapping[str, Any]],
    devices: Registered = None,
    modules: Registered = None,
) -> list[dict[str, Any]]:
    """One row per appliance: host, region, verdict, wanted, found, steps (what a run would do), reason.

    A read that failed is C(unknown), never ok and never drift.
    """
    of_devices, of_modules = ByRegion(devices), ByRegion(modules)
    found = _devices_by_name(of_devices, {wanted["region"] for wanted in settings.values()})
    return [
        _row(str(host), wanted, hostvars[host].get(READ) or {}, found, of_devices, of_modules)
        for host, wanted in settings.items()
    ]


def _row(
    host: str,
    wanted: Mapping[str, Any],
    read: Mapping[str, Any],
    found: Mapping[tuple[str, str], Mapping[str, Any]],
    devices: ByRegion,
    modules: ByRegion,
) -> dict[str, Any]:
    region = wanted["region"]
    appliance = (read.get("diff") or {}).get("before") or {}
    device = found.get((region, appliance.get("hostname") or ""))
    module = modules.entry(region, "modules", wanted["module_name"]) or {}
    row: dict[str, Any] = {
        "host": host,
        "region": region,
        "verdict": OK,
        "wanted": {
            "enabled": True,
            "server": REGIONS[region].appliance_server,
            "registration": "registered",
            "sse_status": "Registered",
            "module": wanted["module_name"],
            "request_timeframe_days": int(wanted["request_timeframe_days"]),
        },
        "found": {
            **{
                key: appliance.get(key)
                for key in ("hostname", "product", "version", "enabled", "server", "registration")
            },
            "pending_changes": read.get("pending_changes"),
            "sse_status": (device or {}).get("status"),
            "module_id": module.get("id"),
        },
        "steps": [str(step) for step in read.get("steps") or []],
        "reason": "",
    }
    if module.get("action") in ("created", "updated"):
        row["steps"].append(f"module {module['action']}")
    row["verdict"], row["reason"] = _judge(row, read, device, module, devices, modules)
    row["detail"] = row["reason"] or "; ".join(row["steps"])
    return row


def _judge(
    row: Mapping[str, Any],
    read: Mapping[str, Any],
    device: Mapping[str, Any] | None,
    module: Mapping[str, Any],
    devices: ByRegion,
    modules: ByRegion,
) -> tuple[str, str]:
    """Verdict and reason; whatever could not be read comes first, because it may hide anything."""
    region, registration = row["region"], row["found"]["registration"]
    if read.get("msg"):
        return (REFUSED if read.get("refused") else UNKNOWN), reason_of(row["host"], read)
    if registration is None:
        return UNKNOWN, "the appliance was not read."
    if registration == "in_progress":
        return UNKNOWN, "the appliance is busy; its registration is in progress."
    if devices.error(region):
        return UNKNOWN, devices.error(region)
    if registration == "registered" and (device or {}).get("status") != "Registered":
        status = (device or {}).get("status") or "absent"
        return DRIFT, f"registered on the appliance, but {status} in the SSE of {region}."
    if not module and modules.error(region):
        return UNKNOWN, modules.error(region)
    if module.get("action") == "failed":
        return UNKNOWN, f"CTR module {row['wanted']['module']!r}: {module['error']}"
    return (DRIFT, "") if row["steps"] else (OK, "")


def _devices_by_name(devices: ByRegion, regions: set[str]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The device of each region and name; of two of one name, the newer, which SSE lists last."""
    return {
        (region, device.get("name")): device
        for region in regions
        for device in (devices.value(region, "ansible_facts") or {}).get("sse_devices") or []
    }
