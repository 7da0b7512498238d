# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Drift of each appliance: every check with wanted, found and verdict, and the steps of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from .._report.verdicts import DRIFT, LEFT_ALONE, NOT_REACHED, NOT_READ, OK, REFUSED, UNKNOWN, worst
from .by_region import ByRegion, Told
from .checks import Check, check, not_compared
from .drift_modules import MODULE_CHECKS, module_checks
from .drift_records import RECORD_CHECKS, record_checks
from .drift_regions import region_rows
from .drift_steps import Outlook, outlook_of
from .found import fleet_found, is_busy
from .rows import Row

SUPPORTED = {"ESA": "13.0 or later", "SMA": "12.5 or later"}
SERVICE_CHECKS = ("enabled", "server", "registration", "pending_changes")
APPLIANCE_CHECKS = ("reachable", "supported", *SERVICE_CHECKS, *RECORD_CHECKS, *MODULE_CHECKS)
PENDING = (
    "uncommitted changes of someone else; a run leaves them, and commits nothing while they are there: look at showchanges, "
    "commit or clear them by hand"
)


def fleet_drift(
    fleet: Mapping[str, Any],
    appliances: list[Mapping[str, Any]],
    results: Mapping[str, Any],
    orphans: Mapping[str, Mapping[str, Any]] | None = None,
    settings: Mapping[str, Any] | None = None,
    prune: bool = False,
) -> dict[str, list[dict[str, Any]]]:
    """The rows of the report: C(appliances) and C(regions), see docs/drift.schema.json.

    ``fleet`` is what fleet_state predicts of a run, ``appliances`` the rows of esa_cloud_service_info it was made from,
    ``results`` the results of the cloud tasks (C(devices), C(tokens), C(portal_tokens), C(waited), C(modules)), ``orphans``
    what fleet_orphans found, ``settings`` the result of fleet_settings; ``prune`` says whether a run removes orphans.
    A read that failed is C(unknown), never ok and never drift.
    """
    told = Told(results)
    devices, modules = told["devices"], told["modules"]
    read = {str(row["host"]): row for row in appliances}
    variables = fleet_found(appliances)
    rows = []
    for host, row in fleet["hosts"].items():
        outlook = outlook_of(row, read[host], variables[host], told)
        rows.append(_appliance(row, read[host], outlook, devices, modules))
    return {
        "appliances": rows,
        "regions": region_rows(fleet["hosts"].values(), devices, modules, orphans or {}, settings or {}, prune),
    }


def _appliance(
    row: Row, read: Mapping[str, Any], outlook: Outlook, devices: ByRegion, modules: ByRegion
) -> dict[str, Any]:
    service = read["cloud_service"] or {}
    if service:
        checks = [
            *_appliance_checks(row, read, service, outlook),
            *record_checks(row, service, outlook, devices),
            *module_checks(row, outlook, devices, modules),
        ]
    else:
        checks = _without_reading(read, outlook.reason)
    verdict = worst(one["verdict"] for one in checks)
    if outlook.stop and verdict in (OK, DRIFT):
        # Whatever stops a run is never shown as if a run would mend it.
        verdict = outlook.stop
    return {
        "host": row["host"],
        "region": row["region"],
        "verdict": verdict,
        "reason": outlook.reason,
        **{key: service.get(key) for key in ("hostname", "product", "model", "version", "serial")},
        "steps": outlook.steps,
        "checks": checks,
    }


def _without_reading(read: Mapping[str, Any], why: str) -> list[Check]:
    """Of an appliance that was not read nothing is known, not even under which name the clouds know it."""
    if not read["reachable"]:
        return [
            check("reachable", True, False, UNKNOWN, reason=why),
            *not_compared(APPLIANCE_CHECKS[1:], NOT_REACHED),
        ]
    reachable = check("reachable", True, True, OK)
    if read["refused"]:
        supported = check("supported", None, None, REFUSED, reason=why)
        return [reachable, supported, *not_compared(APPLIANCE_CHECKS[2:], LEFT_ALONE, REFUSED)]
    return [reachable, *not_compared(APPLIANCE_CHECKS[1:2], why), *not_compared(APPLIANCE_CHECKS[2:], NOT_READ)]


def _appliance_checks(row: Row, read: Mapping[str, Any], service: Mapping[str, Any], outlook: Outlook) -> list[Check]:
    supported = check("supported", SUPPORTED.get(service["product"]), f"{service['product']} {service['version']}", OK)
    return [
        check("reachable", True, True, OK),
        supported,
        *_service_checks(row, read, service, outlook),
        _pending(read, outlook),
    ]


def _service_checks(row: Row, read: Mapping[str, Any], service: Mapping[str, Any], outlook: Outlook) -> list[Check]:
    server = REGIONS[row["region"]].appliance_server
    if is_busy(read):
        busy = "the cloud service is busy"
        return [
            check("enabled", True, None, UNKNOWN, reason=busy),
            check("server", server, service["server"], UNKNOWN, reason=busy),
            check("registration", "registered", "in_progress", UNKNOWN, reason=busy),
        ]
    settings = ("enable the cloud service", "set the server")
    return [
        outlook.compared("enabled", True, service["enabled"], settings),
        _server(row, server, service, outlook, settings),
        outlook.compared(
            "registration",
            "registered",
            service["registration"],
            ("register with", "deregister"),
            same=_unmoved(outlook),
        ),
    ]


def _server(row: Row, wanted: str, service: Mapping[str, Any], outlook: Outlook, settings: tuple[str, ...]) -> Check:
    if service["server"] is None and service["enabled"]:
        step = outlook.step(settings)
        if step:
            hidden = "the appliance does not show on which it is; a run sets it before it registers"
            return check("server", wanted, None, DRIFT, step=step, reason=hidden)
        if outlook.shown_in_sse:
            return check(
                "server", wanted, None, OK, reason=f"the appliance does not show it; {row['region']} has it in SSE"
            )
        return check("server", wanted, None, UNKNOWN, reason="the appliance does not show it, and neither does SSE")
    return outlook.compared("server", wanted, service["server"], settings)


def _unmoved(outlook: Outlook) -> bool:
    """Whether equal values of the registration mean that it stays: a move deregisters, and registers anew."""
    return outlook.step(("deregister",)) is None


def _pending(read: Mapping[str, Any], outlook: Outlook) -> Check:
    if read["pending_changes"] is None:
        return check("pending_changes", False, None, UNKNOWN, reason="the appliance does not say (command showchanges)")
    return outlook.compared("pending_changes", False, bool(read["pending_changes"]), reason=PENDING)
