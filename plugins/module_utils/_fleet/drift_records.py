# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What the drift report says of the SSE record of one appliance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from .._report.verdicts import DRIFT, NOT_READ, OK, UNKNOWN
from .by_region import ByRegion, meant, name_key
from .checks import Check, check, not_compared
from .drift_steps import STOPS, Outlook
from .rows import Row
from .shared import region_failed

RECORD_CHECKS = ("sse_record", "sse_region", "sse_name", "sse_version", "sse_connector")
REGISTERED = "Registered"
BY_ITSELF = "SSE takes it over from the appliance by itself, after an upgrade with some delay"
TWICE = "a run registers nothing under a name that stands twice, see the region"


def record_checks(row: Row, service: Mapping[str, Any], outlook: Outlook, devices: ByRegion) -> list[Check]:
    """Present and registered, its region; where there is exactly one, also its name, version and connector version."""
    region = row["region"]
    known = devices.devices(region)
    if known is None:
        return not_compared(RECORD_CHECKS, region_failed(region) if devices.error(region) else NOT_READ)
    found = meant(devices.devices_named(region, row["device"]), row["device"])
    checks = [_record(row, service, outlook, found), _region(row, outlook, devices, bool(found))]
    if len(found) != 1 or not outlook.shown_in_sse:
        return checks
    return [*checks, *_attributes(row, service, found[0], outlook)]


def _record(row: Row, service: Mapping[str, Any], outlook: Outlook, found: list[Mapping[str, Any]]) -> Check:
    shown = ", ".join(_status(device) for device in found) or "absent"
    left_over = outlook.shown_in_sse and service["registration"] not in ("registered", "in_progress")
    if left_over:
        shown += ", and the appliance is not"
    return outlook.compared(
        "sse_record", REGISTERED, shown, ("register with",), reason=TWICE if len(found) > 1 and not outlook.stop else ""
    )


def _status(device: Mapping[str, Any]) -> str:
    status = str(device["status"])
    return REGISTERED if status.lower() == REGISTERED.lower() else status


def _region(row: Row, outlook: Outlook, devices: ByRegion, is_there: bool) -> Check:
    """Where records of the name are. One beside that of the wanted region is drift."""
    wanted = row["region"]
    others = sorted({record["region"] for record in row["elsewhere"]})
    where = ", ".join([wanted] * is_there + others) or None
    blind = [name for name in devices.regions if name != wanted and devices.devices(name) is None]
    if others:
        steps = [f"SSE record of {record['region']} deleted" for record in row["elsewhere"] if record["remove"]]
        taken = [step for step in dict.fromkeys(steps) if step in outlook.steps]
        reason = "; ".join(_why_left(record) for record in row["elsewhere"] if not record["remove"])
        if taken:
            return check("sse_region", wanted, where, DRIFT, step="; ".join(taken), reason=reason)
        return outlook.compared("sse_region", wanted, where, reason=reason or STOPS)
    unseen = f"{', '.join(blind)} could not be read, so a record there would not be seen" if blind else ""
    if blind and not is_there:
        return check("sse_region", wanted, where, UNKNOWN, reason=unseen)
    # Without any record there is none in a wrong region; that it is missing is said by sse_record.
    return check("sse_region", wanted, where, OK, reason=unseen)


def _why_left(record: Mapping[str, Any]) -> str:
    region, status = record["region"], record["status"]
    if status.lower() == REGISTERED.lower():
        return (
            f"registered in {region} too (device {record['id']}), so it may belong to another appliance of the name, and a run "
            f"leaves it: look at it in the SSE portal ({REGIONS[region].portal_url})"
        )
    return f"left over in {region} (device {record['id']}, {status}); esa_ctr_allow_region_change: true lets a run delete it"


def _attributes(row: Row, service: Mapping[str, Any], device: Mapping[str, Any], outlook: Outlook) -> list[Check]:
    same_name = name_key(row["device"]) == name_key(device["name"])
    checks = [
        check(
            "sse_name", row["device"], device["name"], OK if same_name else DRIFT, reason="" if same_name else BY_ITSELF
        )
    ]
    release, shown = (str(one.get("version") or "").partition("-")[0] or None for one in (service, device))
    if shown is None:
        checks.append(check("sse_version", None, None, OK, reason="SSE does not say"))
    else:
        checks.append(outlook.compared("sse_version", release, shown, reason=BY_ITSELF))
    connector = device.get("connector_version")
    checks.append(check("sse_connector", None, connector, OK, reason="" if connector else "SSE does not say"))
    return checks
