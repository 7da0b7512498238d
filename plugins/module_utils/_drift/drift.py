# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Drift of a fleet: every appliance and region with its checks and verdict."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import plan as steps
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.state import CloudService
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import FleetState, FleetStep, Registration
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import Code, Reason, reason
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions

from .checks import Check, Verdict, check, not_compared, worst
from .comparison import Comparison
from .modules import MODULE_CHECKS, module_checks
from .records import RECORD_CHECKS, record_checks
from .regions import RegionDrift, region_drifts

SUPPORTED = {"ESA": "13.0 or later", "SMA": "12.5 or later"}
SERVICE_CHECKS = ("enabled", "server", "registration", "pending_changes")
APPLIANCE_CHECKS = ("reachable", "supported", *SERVICE_CHECKS, *RECORD_CHECKS, *MODULE_CHECKS)
SETTINGS = (steps.ENABLE, steps.SET_SERVER)


@dataclass(frozen=True)
class ApplianceDrift:
    """One appliance of the report. ``why`` is the reason why a run stops for it."""

    host: str
    region: str
    verdict: Verdict
    service: CloudService | None
    steps: tuple[FleetStep, ...]
    checks: tuple[Check, ...]
    why: Reason | None = None


@dataclass(frozen=True)
class FleetDrift:
    """The whole report, in the order of the inventory and of all_regions()."""

    appliances: tuple[ApplianceDrift, ...]
    regions: tuple[RegionDrift, ...]


def fleet_drift(state: FleetState, plan: FleetPlan) -> FleetDrift:
    """Compare the reading with the desired state. A value that could not be read is unknown, never ok or drift."""
    appliances = [
        _appliance(Comparison(row, state.appliances[host], state, plan)) for host, row in plan.progress.items()
    ]
    return FleetDrift(tuple(appliances), tuple(region_drifts(state, plan)))


def _appliance(one: Comparison) -> ApplianceDrift:
    service = one.read.service
    if service is not None:
        checks = [*_appliance_checks(one, service), *record_checks(one, service), *module_checks(one)]
    else:
        checks = _without_reading(one.read, one.row.why)
    verdict = worst(each.verdict for each in checks)
    if one.stop and verdict in (Verdict.OK, Verdict.DRIFT):
        # A run does not fix an appliance that stops it, so do not show drift.
        verdict = one.stop
    return ApplianceDrift(
        one.row.host, one.row.region, verdict, service, tuple(one.row.steps), tuple(checks), one.row.why
    )


def _without_reading(read: ApplianceReading, why: Reason | None) -> list[Check]:
    """Return the checks of an appliance that was not read. Even its name in the cloud is unknown."""
    if not read.reachable:
        unreachable = check("reachable", True, False, Verdict.UNKNOWN, why)
        return [unreachable, *not_compared(APPLIANCE_CHECKS[1:], reason(Code.NOT_REACHED))]
    reachable = check("reachable", True, True, Verdict.OK)
    if read.failure is not None and read.failure.refused:
        supported = check("supported", None, None, Verdict.REFUSED, why)
        skipped = not_compared(APPLIANCE_CHECKS[2:], reason(Code.APPLIANCE_SKIPPED), Verdict.REFUSED)
        return [reachable, supported, *skipped]
    unread = check("supported", None, None, Verdict.UNKNOWN, why)
    return [reachable, unread, *not_compared(APPLIANCE_CHECKS[2:], reason(Code.NOT_READ))]


def _appliance_checks(one: Comparison, service: CloudService) -> list[Check]:
    product = service.identity.product
    return [
        check("reachable", True, True, Verdict.OK),
        check("supported", SUPPORTED.get(product), f"{product} {service.identity.version}", Verdict.OK),
        *_service_checks(one, service),
        _pending(one),
    ]


def _service_checks(one: Comparison, service: CloudService) -> list[Check]:
    server = all_regions()[one.row.region].appliance_server
    if one.read.busy:
        busy = reason(Code.SERVICE_BUSY)
        return [
            check("enabled", True, None, Verdict.UNKNOWN, busy),
            check("server", server, service.server, Verdict.UNKNOWN, busy),
            check("registration", Registration.REGISTERED.value, service.registration, Verdict.UNKNOWN, busy),
        ]
    # A move renews the registration even if the values are equal.
    unmoved = one.step([steps.DEREGISTER]) is None
    return [
        one.compare("enabled", True, service.enabled, [steps.ENABLE, steps.SET_SERVER]),
        _server(one, server, service),
        one.compare(
            "registration",
            Registration.REGISTERED.value,
            service.registration,
            [steps.REGISTER, steps.DEREGISTER],
            same=unmoved,
        ),
    ]


def _server(one: Comparison, wanted: str, service: CloudService) -> Check:
    if service.server is not None or not service.enabled:
        return one.compare("server", wanted, service.server, SETTINGS)
    step = one.step(SETTINGS)
    if step is not None:
        return check("server", wanted, None, Verdict.DRIFT, reason(Code.SERVER_SET_LATER), steps=[step])
    if one.shown_in_sse:
        return check("server", wanted, None, Verdict.OK, reason(Code.SERVER_IN_SSE, region=one.row.region))
    return check("server", wanted, None, Verdict.UNKNOWN, reason(Code.SERVER_NOWHERE))


def _pending(one: Comparison) -> Check:
    pending = one.read.pending_changes
    if pending is None:
        return check("pending_changes", False, None, Verdict.UNKNOWN, reason(Code.CHANGES_UNKNOWN))
    return one.compare("pending_changes", False, pending, why=reason(Code.CHANGES_PENDING))
