# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Drift of each appliance: every check with wanted, found and verdict, and the steps of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from .by_region import ByRegion
from .checks import DRIFT, OK, REFUSED, UNKNOWN, Check, check, compared, worst
from .drift_regions import region_rows
from .rows import Row

SUPPORTED = {"ESA": "13.0 or later", "SMA": "12.5 or later"}
SERVICE_CHECKS = ("enabled", "server", "registration", "pending_changes")
RECORD_CHECKS = ("sse_record", "sse_region", "sse_name", "sse_version", "sse_connector")
MODULE_CHECKS = ("module", "module_device", "module_timeframe", "module_enabled")


def fleet_drift(
    fleet: Mapping[str, Any],
    appliances: list[Mapping[str, Any]],
    results: Mapping[str, Any],
    orphans: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """The rows of the report: C(appliances) and C(regions), see docs/drift.schema.json.

    ``fleet`` is what fleet_state predicts of a run, ``appliances`` the rows of esa_cloud_service_info it was made from,
    ``results`` the results of the cloud tasks (C(devices), C(modules)), ``orphans`` what fleet_orphans found.
    A read that failed is C(unknown), never ok and never drift.
    """
    devices, modules = ByRegion(results.get("devices")), ByRegion(results.get("modules"))
    read = {str(row["host"]): row for row in appliances}
    rows = [_appliance(row, read[host], devices, modules) for host, row in fleet["hosts"].items()]
    return {"appliances": rows, "regions": region_rows(rows, devices, modules, orphans or {})}


def _appliance(row: Row, read: Mapping[str, Any], devices: ByRegion, modules: ByRegion) -> dict[str, Any]:
    service = read["cloud_service"] or {}
    checks = [
        *_appliance_checks(row, read, service),
        *_record_checks(row, service, devices),
        *_module_checks(row, devices, modules),
    ]
    verdict = worst(checks)
    if row["failed"] and verdict in (OK, DRIFT):
        # Whatever would stop a run is never shown as if a run would mend it.
        verdict = REFUSED
    return {
        "host": row["host"],
        "region": row["region"],
        "verdict": verdict,
        "reason": row["reason"],
        **{key: service.get(key) for key in ("hostname", "product", "model", "version", "serial")},
        "steps": [] if row["failed"] else row["done"],
        "checks": checks,
    }


def _appliance_checks(row: Row, read: Mapping[str, Any], service: Mapping[str, Any]) -> list[Check]:
    if not read["reachable"]:
        why = row["reason"]
        return [
            check("reachable", True, False, UNKNOWN, reason=why),
            *(check(code, None, None, UNKNOWN, reason="not read") for code in ("supported", *SERVICE_CHECKS)),
        ]
    reachable = check("reachable", True, True, OK)
    if not service:
        verdict = REFUSED if read["refused"] else UNKNOWN
        return [
            reachable,
            check("supported", None, None, verdict, reason=row["reason"]),
            *(check(code, None, None, UNKNOWN, reason="not read") for code in SERVICE_CHECKS),
        ]
    supported = check("supported", SUPPORTED.get(service["product"]), f"{service['product']} {service['version']}", OK)
    return [reachable, supported, *_service_checks(row, read, service)]


def _service_checks(row: Row, read: Mapping[str, Any], service: Mapping[str, Any]) -> list[Check]:
    refusal = row["reason"] if read["refused"] else ""
    steps = row["steps"]
    settings = _first(steps, ("enable the cloud service", "set the server"))
    server = REGIONS[row["region"]].appliance_server
    busy = service["registration"] == "in_progress"
    checks = [compared("enabled", True, service["enabled"], step=settings)]
    if busy:
        checks.append(check("server", server, service["server"], UNKNOWN, reason="the cloud service is busy"))
    elif service["enabled"] and service["server"] is None and not settings:
        checks.append(check("server", server, None, OK, reason="the appliance does not show it; SSE tells the region"))
    else:
        checks.append(compared("server", server, service["server"], step=settings, reason=refusal))
    if busy:
        checks.append(check("registration", "registered", "in_progress", UNKNOWN, reason="the cloud service is busy"))
    else:
        step = _first(steps, ("register with",)) or _first(steps, ("deregister",))
        checks.append(compared("registration", "registered", service["registration"], step=step, reason=refusal))
        if refusal and checks[-1]["verdict"] == DRIFT:
            checks[-1]["verdict"] = REFUSED
    if refusal and checks[1]["verdict"] == DRIFT:
        checks[1]["verdict"] = REFUSED
    checks.append(_pending(read))
    return checks


def _pending(read: Mapping[str, Any]) -> Check:
    if read["pending_changes"] is None:
        return check("pending_changes", False, None, OK, reason="the appliance does not say")
    return compared(
        "pending_changes",
        False,
        bool(read["pending_changes"]),
        reason="uncommitted changes of someone else; a run leaves them, and commits nothing while they are there",
    )


def _record_checks(row: Row, service: Mapping[str, Any], devices: ByRegion) -> list[Check]:
    region = row["region"]
    known = devices.devices(region)
    if known is None or not row["device"]:
        why = devices.error(region) or "the appliance was not read"
        return [check(code, None, None, UNKNOWN, reason=why) for code in RECORD_CHECKS]
    found = devices.devices_named(region, row["device"])
    register = _first(row["steps"], ("register with",))
    statuses = ", ".join(str(device["status"]) for device in found) or "absent"
    why = ""
    if not register and statuses != "Registered":
        why = (
            "registered on the appliance, but SSE does not show it so; a run waits for it, and fails if it does not come. "
            "Deregister the appliance (emailsec.ctr.esa_cloud_service, state: unregistered), then run again"
        )
    checks = [compared("sse_record", "Registered", statuses, step=register, reason=why), _region_check(row, found)]
    if len(found) != 1 or register:
        return checks
    return [*checks, *_attributes(row, service, found[0])]


def _attributes(row: Row, service: Mapping[str, Any], device: Mapping[str, Any]) -> list[Check]:
    release = str(service.get("version") or "").partition("-")[0] or None
    shown = str(device.get("version") or "").partition("-")[0] or None
    checks = [
        compared("sse_name", row["device"], device["name"], reason="SSE takes it over from the appliance by itself")
    ]
    if shown is None:
        checks.append(check("sse_version", release, None, OK, reason="SSE does not say"))
    else:
        reason = "SSE takes it over from the appliance by itself, after an upgrade with some delay"
        checks.append(compared("sse_version", release, shown, reason=reason))
    connector = device.get("connector_version")
    checks.append(check("sse_connector", None, connector, OK, reason="" if connector else "SSE does not say"))
    return checks


def _region_check(row: Row, found: list[Mapping[str, Any]]) -> Check:
    where = [row["region"]] if found else []
    where += sorted({record["region"] for record in row["elsewhere"]} - set(where))
    steps = [f"SSE record of {record['region']} deleted" for record in row["elsewhere"] if record["remove"]]
    left = [note for note in row["notes"] if note.startswith("also in the SSE")]
    if not row["elsewhere"]:
        return check("sse_region", row["region"], row["region"] if found else None, OK)
    return check(
        "sse_region", row["region"], ", ".join(where), DRIFT, step="; ".join(steps) or None, reason="; ".join(left)
    )


def _module_checks(row: Row, devices: ByRegion, modules: ByRegion) -> list[Check]:
    region = row["region"]
    answer = modules.entry(region, "modules", row["module_name"])
    if answer is None or (answer["action"] == "failed" and not _waits_for_record(row, devices)):
        why = (answer or {}).get("error") or modules.error(region) or row["reason"] or "not compared"
        return [check(code, None, None, UNKNOWN, reason=str(why)) for code in MODULE_CHECKS]
    found = answer.get("found") or {}
    step = f"module {answer['action']}" if answer["action"] in ("created", "updated") else None
    why = str(answer.get("by_hand") or "")
    if not step and not why and answer["action"] == "failed":
        why = "can only be made when SSE shows the appliance as registered"
    name = compared("module", row["module_name"], found.get("name"), step=step, reason=why)
    if not found:
        return [name]
    device_id = answer.get("device_id")
    return [
        name,
        compared("module_device", device_id or row["device"], found.get("device_id"), step=step, reason=why),
        compared("module_timeframe", row["request_timeframe_days"], found.get("request_timeframe_days"), step=step),
        compared("module_enabled", True, found.get("enabled"), step=step),
    ]


def _waits_for_record(row: Row, devices: ByRegion) -> bool:
    """Whether SSE was read and has no registered record for this appliance, so that it cannot have a module either."""
    found = devices.devices_named(row["region"], row["device"])
    return devices.devices(row["region"]) is not None and [device["status"] for device in found] != ["Registered"]


def _first(steps: list[str], beginnings: tuple[str, ...]) -> str | None:
    return next((step for step in steps if step.startswith(beginnings)), None)
