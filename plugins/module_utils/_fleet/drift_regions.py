# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What the drift report says of each region: orphans, duplicates, module types, calls left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from .by_region import ByRegion
from .checks import DRIFT, OK, UNKNOWN, Check, check, worst

FEW_CALLS = 100
"""Below this many calls left, a run over a handful of appliances is in doubt."""


def region_rows(
    appliances: Iterable[Mapping[str, Any]],
    devices: ByRegion,
    modules: ByRegion,
    orphans: Mapping[str, Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """One row per region that appliances of the report use."""
    used = {row["region"] for row in appliances}
    return [_region(name, devices, modules, orphans.get(name)) for name in REGIONS if name in used]


def _region(name: str, devices: ByRegion, modules: ByRegion, orphans: Mapping[str, Any] | None) -> dict[str, Any]:
    checks = [*_device_checks(name, devices, orphans), *_module_checks(name, modules)]
    quota = modules.value(name, "quota") or devices.value(name, "quota")
    checks.append(_quota_check(quota))
    return {
        "region": name,
        "label": REGIONS[name].label,
        "portal_url": REGIONS[name].portal_url,
        "verdict": worst(checks),
        "checks": checks,
        "quota": quota if quota and quota.get("remaining") is not None else None,
    }


def _device_checks(name: str, devices: ByRegion, orphans: Mapping[str, Any] | None) -> list[Check]:
    known = devices.devices(name)
    if known is None or orphans is None:
        why = devices.error(name) or "not read"
        return [
            check("devices_read", True, False, UNKNOWN, reason=why),
            *(check(code, None, None, UNKNOWN, reason="not read") for code in ("orphans", "duplicates")),
        ]
    rows = [check("devices_read", True, True, OK, reason=f"{len(known)} devices")]
    for code in ("orphans", "duplicates"):
        found = orphans[code]
        rows.append(
            check(
                code,
                0,
                len(found),
                DRIFT if found else OK,
                step=_removal(found, orphans["unproven"], "SSE record"),
                reason=_named(found, orphans["unproven"]),
            )
        )
    return rows


def _module_checks(name: str, modules: ByRegion) -> list[Check]:
    strays = modules.value(name, "orphans")
    if strays is None:
        why = modules.error(name) or "not read"
        return [
            check("modules_read", True, False, UNKNOWN, reason=why),
            check("stray_modules", None, None, UNKNOWN, reason="not read"),
        ]
    types = ", ".join(f"{one['product'].upper()}: {one['title']}" for one in modules.value(name, "module_types") or [])
    doubles = modules.value(name, "duplicates") or []
    rows = [check("module_types", None, types or "none", OK)]
    names = ", ".join(str(stray["name"]) for stray in strays[:10])
    rows.append(check("stray_modules", 0, len(strays), DRIFT if strays else OK, reason=names))
    if doubles:
        shown = "; ".join(
            f"{double['device_name'] or double['device_id']}: "
            + ", ".join(str(module["name"]) for module in double["modules"])
            for double in doubles[:10]
        )
        rows.append(check("modules_read", True, True, DRIFT, reason=f"devices with more than one module: {shown}"))
    return rows


def _quota_check(quota: Mapping[str, Any] | None) -> Check:
    left = (quota or {}).get("remaining")
    if left is None:
        return check("quota", None, None, OK, reason="the API does not say")
    verdict = OK if left >= FEW_CALLS else DRIFT
    reason = (
        ""
        if verdict == OK
        else "the organisation's quota of 60 minutes is nearly used up; all its API clients share it"
    )
    return check("quota", None, left, verdict, reason=reason)


def _removal(found: list[Mapping[str, Any]], unproven: str, what: str) -> str | None:
    count = sum(1 for device in found if device["removable"])
    return f"{what} deleted, with esa_ctr_prune: true ({count})" if count and not unproven else None


def _named(found: list[Mapping[str, Any]], unproven: str) -> str:
    shown = ", ".join(f"{device['name']} ({device['id']}, {device['status']})" for device in found[:10])
    more = f" and {len(found) - 10} more" if len(found) > 10 else ""
    doubt = f"; nothing is removed while {unproven}" if found and unproven else ""
    return shown + more + doubt
