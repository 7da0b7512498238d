# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Compare the SSE record of one appliance."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import plan as steps
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.state import CloudService
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import name_key
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    CloudStep,
    CloudStepKind,
    RecordElsewhere,
    Registration,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import Code, Reason, reason

from .checks import Check, Verdict, check, not_compared
from .comparison import STOPS_BEFORE, Comparison

RECORD_CHECKS = ("sse_record", "sse_region", "sse_name", "sse_version", "sse_connector")
REGISTERED = "Registered"


def record_checks(one: Comparison, service: CloudService) -> list[Check]:
    """Return the checks of the record: registered, region, and for exactly one record its name and versions."""
    reading = one.devices
    if reading is None or reading.failure is not None:
        why = reason(Code.REGION_FAILED, region=one.row.region) if reading else reason(Code.NOT_READ)
        return not_compared(RECORD_CHECKS, why)
    found = reading.book.named(str(one.row.device))
    checks = [_record(one, service, found), _region(one, bool(found))]
    if len(found) != 1 or not one.shown_in_sse:
        return checks
    return [*checks, *_attributes(one, service, found[0])]


def _record(one: Comparison, service: CloudService, found: list[Device]) -> Check:
    shown = ", ".join(REGISTERED if device.registered else device.status for device in found) or "absent"
    at_work = (Registration.REGISTERED.value, Registration.IN_PROGRESS.value)
    if one.shown_in_sse and service.registration not in at_work:
        shown += " (the appliance is not)"
    duplicate = reason(Code.DUPLICATE_NAME) if len(found) > 1 and not one.stop else None
    return one.compare("sse_record", REGISTERED, shown, [steps.REGISTER], why=duplicate)


def _region(one: Comparison, is_there: bool) -> Check:
    """Compare the regions with a record of this name. A record in another region is drift."""
    wanted = one.row.region
    others = sorted({record.region for record in one.row.elsewhere})
    where = ", ".join([wanted] * is_there + others) or None
    if others:
        return _records_elsewhere(one, wanted, where)
    blind = tuple(name for name, reading in one.state.devices.items() if name != wanted and reading.failure is not None)
    unseen = reason(Code.REGIONS_UNREAD, regions=blind) if blind else None
    # Without any record, sse_record reports that it is missing.
    verdict = Verdict.UNKNOWN if blind and not is_there else Verdict.OK
    return check("sse_region", wanted, where, verdict, unseen)


def _records_elsewhere(one: Comparison, wanted: str, where: str | None) -> Check:
    going = [
        CloudStep(CloudStepKind.OLD_RECORD_DELETED, record.region) for record in one.row.elsewhere if record.remove
    ]
    taken = [step for step in dict.fromkeys(going) if step in one.row.steps]
    left = [_why_left(record) for record in one.row.elsewhere if not record.remove]
    if taken:
        return check("sse_region", wanted, where, Verdict.DRIFT, *left, steps=taken)
    verdict = Verdict.REFUSED if one.stop is Verdict.REFUSED else Verdict.DRIFT
    return check("sse_region", wanted, where, verdict, *(left or [STOPS_BEFORE]))


def _why_left(record: RecordElsewhere) -> Reason:
    code = Code.REGISTERED_THERE_TOO if record.registered else Code.LEFT_OVER_THERE
    return reason(code, region=record.region, id=record.id, status=record.status)


def _attributes(one: Comparison, service: CloudService, device: Device) -> list[Check]:
    by_itself = reason(Code.TAKEN_OVER_BY_SSE)
    silent = reason(Code.SSE_SILENT)
    name = str(one.row.device)
    same_name = name_key(name) == name_key(device.name)
    named = check("sse_name", name, device.name, Verdict.OK if same_name else Verdict.DRIFT)
    if not same_name:
        named = check("sse_name", name, device.name, Verdict.DRIFT, by_itself)
    release, shown = (
        (version or "").partition("-")[0] or None for version in (service.identity.version, device.version)
    )
    if shown is None:
        version = check("sse_version", None, None, Verdict.OK, silent)
    else:
        version = one.compare("sse_version", release, shown, why=by_itself)
    connector = device.connector_version
    return [named, version, check("sse_connector", None, connector, Verdict.OK, None if connector else silent)]
