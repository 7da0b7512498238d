# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Compare each region: orphans, duplicates, module types and the remaining API calls."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import FleetState, ModulesOutcome, Quota
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.orphans import (
    Orphans,
    SurplusRecord,
    removable_modules,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import Code, Reason, reason
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions

from .checks import Check, Removal, Verdict, check, not_compared, worst

FEW_CALLS = 100
"""With fewer remaining calls, a run for a few appliances may fail."""
DEVICE_CHECKS = ("devices_read", "orphans", "duplicates")
MODULE_CHECKS = ("modules_read", "module_types", "stray_modules", "shared_devices")
RECORD, MODULE = "SSE record", "CTR module"


@dataclass(frozen=True)
class RegionDrift:
    """One region of the report. ``quota`` is None if no answer had it."""

    region: str
    verdict: Verdict
    checks: tuple[Check, ...]
    quota: Quota | None


def region_drifts(state: FleetState, plan: FleetPlan) -> list[RegionDrift]:
    """Return the drift of each region that appliances of the report use."""
    products: dict[str, set[str]] = {}
    for row in plan.progress.values():
        products.setdefault(row.region, set()).update({row.product} - {""})
    drifts = []
    for region in (name for name in all_regions() if name in products):
        quota = _quota(region, state, plan)
        checks = (
            *_device_checks(region, state, plan),
            *_module_checks(region, products[region], state, plan),
            _quota_check(region, quota, state, plan),
        )
        drifts.append(RegionDrift(region, worst(each.verdict for each in checks), checks, quota))
    return drifts


def _device_checks(region: str, state: FleetState, plan: FleetPlan) -> list[Check]:
    reading, found = state.devices.get(region), plan.orphans.get(region)
    if reading is None or reading.failure is not None or found is None:
        failure = reading.failure if reading else None
        why = reason(Code.API_FAILED, message=failure.message) if failure else reason(Code.NOT_READ)
        unread = check("devices_read", True, False, Verdict.UNKNOWN, why)
        return [unread, *not_compared(DEVICE_CHECKS[1:], reason(Code.NO_DEVICES))]
    counted = reason(Code.DEVICES_COUNTED, count=len(reading.devices))
    prune = state.settings.prune
    return [
        check("devices_read", True, True, Verdict.OK, counted),
        _records("orphans", found.orphans, found, prune),
        _records("duplicates", found.duplicates, found, prune),
    ]


def _records(code: str, surplus: tuple[SurplusRecord, ...], found: Orphans, prune: bool) -> Check:
    if not surplus:
        return check(code, 0, 0, Verdict.OK)
    going = {device.id for device in found.removable}
    names = tuple(f"{one.device.name} ({one.device.id}, {one.device.status})" for one in surplus)
    unproven = reason(Code.NOT_PROVEN, hosts=found.unproven) if found.unproven else None
    return _removal(code, RECORD, names, sum(one.device.id in going for one in surplus), prune, unproven)


def _removal(code: str, what: str, names: tuple[str, ...], going: int, prune: bool, unproven: Reason | None) -> Check:
    """Return a check with the items found, the step of a run with pruning, and the reason for items that it keeps."""
    listed, rest = reason(Code.LISTED, names=names), len(names) - going
    manual = reason(Code.DELETE_MANUALLY, count=rest, more="yes" if going else "")
    reasons = [listed]
    steps = []
    if not going:
        reasons.append(unproven or manual)
    elif prune:
        steps = [Removal(what, going)]
        reasons += [manual] if rest else []
    else:
        reasons.append(reason(Code.PRUNE_WOULD_DELETE, what=what, count=going))
        reasons += [manual] if rest else []
    return check(code, 0, len(names), Verdict.DRIFT, *reasons, steps=steps)


def _module_checks(region: str, products: set[str], state: FleetState, plan: FleetPlan) -> list[Check]:
    outcome = plan.outcomes.modules.get(region)
    if outcome is None or outcome.instances is None:
        failure = outcome.failure if outcome else None
        verdict = Verdict.REFUSED if failure and failure.refused else Verdict.UNKNOWN
        why = reason(Code.API_FAILED, message=failure.message) if failure else reason(Code.NOT_READ)
        unread = check("modules_read", True, False, verdict, why)
        return [unread, *not_compared(MODULE_CHECKS[1:], reason(Code.NO_MODULES), verdict)]
    return [
        check("modules_read", True, True, Verdict.OK, reason(Code.MODULES_COUNTED, count=len(outcome.instances))),
        _types(products, outcome),
        _modules_without_device(outcome, state),
        _shared(outcome),
    ]


def _types(products: set[str], outcome: ModulesOutcome) -> Check:
    """Return the check of module types. A missing type fails the whole region, so all products have a type here."""
    found = ", ".join(f"{one.product.upper()}: {one.title}" for one in outcome.types)
    return check("module_types", ", ".join(sorted(products)).upper() or None, found or None, Verdict.OK)


def _modules_without_device(outcome: ModulesOutcome, state: FleetState) -> Check:
    if outcome.orphans is None:
        return check("stray_modules", 0, None, Verdict.UNKNOWN, reason(Code.NO_DEVICES))
    if not outcome.orphans:
        return check("stray_modules", 0, 0, Verdict.OK)
    going = len(removable_modules(outcome.orphans, state.settings))
    names = tuple(f"{one.name} ({one.id})" for one in outcome.orphans)
    return _removal("stray_modules", MODULE, names, going, state.settings.prune, None)


def _shared(outcome: ModulesOutcome) -> Check:
    if not outcome.shared:
        return check("shared_devices", 0, 0, Verdict.OK)
    names = tuple(f"{one.device_name or one.device_id}: " + " and ".join(one.modules) for one in outcome.shared)
    why = reason(Code.SHARED_DEVICES, names=names)
    return check("shared_devices", 0, len(outcome.shared), Verdict.DRIFT, why)


def _quota(region: str, state: FleetState, plan: FleetPlan) -> Quota | None:
    """Return the quota of the last answer, or None."""
    modules, devices = plan.outcomes.modules.get(region), state.devices.get(region)
    quotas = [each.quota for each in (modules, devices) if each is not None]
    return next((quota for quota in quotas if quota.remaining is not None), None)


def _quota_check(region: str, quota: Quota | None, state: FleetState, plan: FleetPlan) -> Check:
    if quota is None or quota.remaining is None:
        modules, devices = plan.outcomes.modules.get(region), state.devices.get(region)
        failed = [each.failure for each in (devices, modules) if each is not None and each.failure is not None]
        if failed:
            return check("quota", None, None, Verdict.UNKNOWN, reason(Code.API_FAILED, message=failed[0].message))
        if devices is None:
            return check("quota", None, None, Verdict.UNKNOWN, reason(Code.NOT_READ))
        return check("quota", None, None, Verdict.OK, reason(Code.API_SILENT))
    if quota.remaining >= FEW_CALLS:
        return check("quota", None, quota.remaining, Verdict.OK)
    return check("quota", f"{FEW_CALLS} or more", quota.remaining, Verdict.DRIFT, reason(Code.QUOTA_LOW))
