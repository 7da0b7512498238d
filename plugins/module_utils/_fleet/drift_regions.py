# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What the drift report says of each region: orphans, duplicates, module types, calls left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from .._report.verdicts import DEVICES_UNREAD, DRIFT, MODULES_UNREAD, NOT_READ, OK, REFUSED, UNKNOWN, worst
from .by_region import ByRegion
from .checks import Check, check, not_compared
from .drift_steps import is_refusal
from .orphans import removable, strays_to_remove
from .rows import Row

FEW_CALLS = 100
"""Below this many calls left, a run over a handful of appliances is in doubt."""
MOST_NAMED = 10
DEVICE_CHECKS = ("devices_read", "orphans", "duplicates")
MODULE_CHECKS = ("modules_read", "module_types", "stray_modules", "shared_devices")

Orphans = Mapping[str, Mapping[str, Any]]


def region_rows(
    rows: Iterable[Row],
    devices: ByRegion,
    modules: ByRegion,
    orphans: Orphans,
    settings: Mapping[str, Any],
    prune: bool,
) -> list[dict[str, Any]]:
    """One row per region that appliances of the report use; ``rows`` are those of fleet_state."""
    products: dict[str, set[str]] = {}
    for row in rows:
        products.setdefault(row["region"], set()).update({row["product"]} - {""})
    return [
        _region(
            name,
            [
                *_device_checks(name, devices, orphans, prune),
                *_module_checks(name, products[name], modules, settings, prune),
                _quota_check(name, devices, modules),
            ],
            _quota(name, devices, modules),
        )
        for name in REGIONS
        if name in products
    ]


def _region(name: str, checks: list[Check], quota: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "region": name,
        "label": REGIONS[name].label,
        "portal_url": REGIONS[name].portal_url,
        "verdict": worst(one["verdict"] for one in checks),
        "checks": checks,
        "quota": quota,
    }


def _device_checks(name: str, devices: ByRegion, orphans: Orphans, prune: bool) -> list[Check]:
    known = devices.devices(name)
    if known is None or name not in orphans:
        why = devices.error(name) or NOT_READ
        read = check("devices_read", True, False, UNKNOWN, reason=why)
        return [read, *not_compared(DEVICE_CHECKS[1:], DEVICES_UNREAD)]
    read = check("devices_read", True, True, OK, reason=f"{len(known)} device" + ("" if len(known) == 1 else "s"))
    return [read, *(_records(code, name, orphans, prune) for code in ("orphans", "duplicates"))]


def _records(code: str, name: str, orphans: Orphans, prune: bool) -> Check:
    found, doubt = orphans[name][code], orphans[name]["unproven"]
    if not found:
        return check(code, 0, 0, OK)
    going = {item["id"] for item in removable(orphans, name)}
    count = sum(device["id"] in going for device in found)
    shown = _named(f"{device['name']} ({device['id']}, {device['status']})" for device in found)
    step, reason = _removal("SSE record", count, len(found), prune, doubt and f"nothing is removed while {doubt}")
    return check(code, 0, len(found), DRIFT, step=step, reason=f"{shown}; {reason}" if reason else shown)


def _removal(what: str, going: int, of_all: int, prune: bool, doubt: str = "") -> tuple[str | None, str]:
    """The step of a run, and what is to be said about what it leaves."""
    by_hand = f"look at {'it' if of_all - going == 1 else 'them'} in the portal, and delete by hand what is not wanted"
    if not going:
        return None, doubt or by_hand
    counted = f"{going} {what}" + ("" if going == 1 else "s")
    rest = "" if going == of_all else f"; {of_all - going} more: {by_hand}"
    if prune:
        return f"{counted} deleted", rest.removeprefix("; ")
    return None, f"a run with esa_ctr_prune: true deletes {counted}{rest}"


def _module_checks(
    name: str, products: set[str], modules: ByRegion, settings: Mapping[str, Any], prune: bool
) -> list[Check]:
    if modules.value(name, "instances") is None:
        verdict, why = REFUSED if is_refusal(modules, name) else UNKNOWN, modules.error(name) or NOT_READ
        read = check("modules_read", True, False, verdict, reason=why)
        return [read, *not_compared(MODULE_CHECKS[1:], MODULES_UNREAD, verdict)]
    count = len(modules.value(name, "instances"))
    return [
        check("modules_read", True, True, OK, reason=f"{count} module" + ("" if count == 1 else "s")),
        _types(name, products, modules),
        _strays(name, modules, settings, prune),
        _shared(name, modules),
    ]


def _types(name: str, products: set[str], modules: ByRegion) -> Check:
    """A product that is in use and has no type lets the whole turn fail, so that here each has one."""
    types = modules.value(name, "module_types") or []
    found = ", ".join(f"{one['product'].upper()}: {one['title']}" for one in types)
    return check("module_types", ", ".join(sorted(products)).upper() or None, found or None, OK)


def _strays(name: str, modules: ByRegion, settings: Mapping[str, Any], prune: bool) -> Check:
    strays = modules.value(name, "orphans")
    if strays is None:
        return check("stray_modules", 0, None, UNKNOWN, reason=DEVICES_UNREAD)
    if not strays:
        return check("stray_modules", 0, 0, OK)
    found = {"results": [{"item": name, "orphans": strays}]}
    going = len(strays_to_remove(found, settings, name)) if settings else 0
    shown = _named(f"{stray['name']} ({stray['id']})" for stray in strays)
    step, reason = _removal("CTR module", going, len(strays), prune)
    return check("stray_modules", 0, len(strays), DRIFT, step=step, reason=f"{shown}; {reason}" if reason else shown)


def _shared(name: str, modules: ByRegion) -> Check:
    shared = modules.value(name, "duplicates") or []
    if not shared:
        return check("shared_devices", 0, 0, OK)
    shown = _named(
        f"{one['device_name'] or one['device_id']}: " + " and ".join(str(module["name"]) for module in one["modules"])
        for one in shared
    )
    reason = f"{shown}; a run leaves them: delete those that are not wanted in CTR, Modules"
    return check("shared_devices", 0, len(shared), DRIFT, reason=reason)


def _quota(name: str, devices: ByRegion, modules: ByRegion) -> Mapping[str, Any] | None:
    """What the last answer told; a turn that never got one tells nothing."""
    told = [answers.value(name, "quota") or {} for answers in (modules, devices)]
    return next((quota for quota in told if quota.get("remaining") is not None), None)


def _quota_check(name: str, devices: ByRegion, modules: ByRegion) -> Check:
    quota = _quota(name, devices, modules)
    if quota is None:
        failed = [answers.error(name) for answers in (devices, modules) if answers.error(name)]
        if failed or name not in devices.regions:
            return check("quota", None, None, UNKNOWN, reason=(failed or [NOT_READ])[0])
        return check("quota", None, None, OK, reason="the API does not say")
    if quota["remaining"] >= FEW_CALLS:
        return check("quota", None, quota["remaining"], OK)
    return check(
        "quota",
        f"{FEW_CALLS} or more",
        quota["remaining"],
        DRIFT,
        reason="the organisation's quota of 60 minutes is nearly used up, and all its API clients share it: wait, or look for "
        "the client that uses it up",
    )


def _named(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - MOST_NAMED} more" if len(listed) > MOST_NAMED else ""
    return ", ".join(listed[:MOST_NAMED]) + more
