# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The rows of the drift document, made from the comparison of the fleet with the inventory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._drift.checks import Check, Verdict
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.drift import ApplianceDrift, FleetDrift
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.regions import RegionDrift
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import Code, Reason
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions

from .wording import reason_text, reasons_text, short_steps, steps_text

TITLES = {
    "reachable": "Reachable",
    "supported": "Product and version",
    "enabled": "Cloud service enabled",
    "server": "Server",
    "registration": "Registration",
    "pending_changes": "Uncommitted changes",
    "sse_record": "SSE record",
    "sse_region": "SSE region",
    "sse_name": "SSE name",
    "sse_version": "SSE version",
    "sse_connector": "SSE connector",
    "module": "CTR module",
    "module_device": "Device of the module",
    "module_timeframe": "Request timeframe (days)",
    "module_enabled": "Module enabled",
    "devices_read": "SSE devices",
    "orphans": "Orphaned records",
    "duplicates": "Duplicate names",
    "modules_read": "CTR modules",
    "module_types": "Module types",
    "stray_modules": "Modules without a device",
    "shared_devices": "Devices with several modules",
    "quota": "API calls left",
}

CONSEQUENCES = frozenset({Code.NOT_READ, Code.NOT_REACHED, Code.APPLIANCE_SKIPPED, Code.NO_DEVICES, Code.NO_MODULES})
"""Reasons that only say that an earlier check failed."""

Row = dict[str, Any]


def drift_rows(drift: FleetDrift) -> dict[str, list[Row]]:
    """Return the rows C(appliances) and C(regions) of docs/drift.schema.json."""
    return {
        "appliances": [_appliance(one) for one in drift.appliances],
        "regions": [_region(one) for one in drift.regions],
    }


def short_texts(drift: FleetDrift) -> dict[str, str]:
    """Return a short text by host and region: why a run fails, its steps, or the titles of the checks that are not ok."""
    return {one.host: _short_text(one) for one in drift.appliances} | {
        one.region: _titles(one.checks) for one in drift.regions
    }


def _short_text(one: ApplianceDrift) -> str:
    if one.why is not None:
        return reason_text(one.why)
    return short_steps(one.steps) or _titles(one.checks)


def _titles(checks: Iterable[Check]) -> str:
    return ", ".join(TITLES[each.code] for each in checks if each.verdict is not Verdict.OK)


def _appliance(one: ApplianceDrift) -> Row:
    service = one.service
    identity = service.identity if service else None
    return {
        "host": one.host,
        "region": one.region,
        "verdict": one.verdict.value,
        "reason": reason_text(one.why) if one.why else "",
        "hostname": service.hostname if service else None,
        "product": identity.product if identity else None,
        "model": identity.model if identity else None,
        "version": identity.version if identity else None,
        "serial": identity.serial if identity else None,
        "steps": steps_text(one.steps),
        "checks": [_check(each, one.why) for each in one.checks],
    }


def _region(one: RegionDrift) -> Row:
    region = all_regions()[one.region]
    return {
        "region": one.region,
        "label": region.label,
        "portal_url": region.portal_url,
        "verdict": one.verdict.value,
        "checks": [_check(each) for each in one.checks],
        "quota": {"limit": one.quota.limit, "remaining": one.quota.remaining} if one.quota else None,
    }


def _check(one: Check, why: Reason | None = None) -> Row:
    """Return the row of a check; ``why`` is the reason of its appliance."""
    return {
        "check": one.code,
        "title": TITLES[one.code],
        "wanted": one.wanted,
        "found": one.found,
        "verdict": one.verdict.value,
        "step": "; ".join(steps_text(one.steps)) or None,
        "reason": reasons_text(one.reasons),
        "explained": _is_explained(one, why),
    }


def _is_explained(one: Check, why: Reason | None) -> bool:
    """Return whether another check, or the reason of the row, already explains why this check is not ok."""
    repeats = why is not None and one.reasons == (why,)
    if one.verdict is Verdict.UNKNOWN and repeats:
        return True
    not_compared = one.verdict in (Verdict.UNKNOWN, Verdict.REFUSED) and one.found is None
    return not_compared and (repeats or all(reason.code in CONSEQUENCES for reason in one.reasons))
