# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Compare the CTR module of one appliance."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    Action,
    Answer,
    CloudStepKind,
    FoundModule,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import Code, reason

from .checks import Check, Verdict, check, not_compared
from .comparison import Comparison

MODULE_CHECKS = ("module", "module_device", "module_timeframe", "module_enabled")
STEPS = (CloudStepKind.MODULE_CREATED, CloudStepKind.MODULE_UPDATED)
NO_ANSWER = Answer(None, None, Action.FAILED)


def module_checks(one: Comparison) -> list[Check]:
    """Return the checks of the module: its name, and if it exists its device, timeframe and whether it is enabled."""
    outcome = one.modules
    if outcome is None or outcome.instances is None:
        failure = outcome.failure if outcome else None
        if failure is None:
            return not_compared(MODULE_CHECKS, reason(Code.NOT_READ))
        if failure.refused:
            return not_compared(MODULE_CHECKS, reason(Code.API_FAILED, message=failure.message), Verdict.REFUSED)
        return not_compared(MODULE_CHECKS, reason(Code.REGION_FAILED, region=one.row.region))
    wanted = one.row.wanted
    answer = outcome.named(wanted.module_name) or NO_ANSWER
    alike = [each for each in outcome.instances if each.name == wanted.module_name and each.product == one.row.product]
    # A run merges equal modules, such as those of two simultaneous runs.
    if len(alike) > 1 and answer.action is not Action.UPDATED:
        why = reason(
            Code.MODULES_OF_ONE_NAME,
            count=len(alike),
            name=wanted.module_name,
            ids=tuple(str(each.id) for each in alike),
        )
        if answer.error:
            why = reason(Code.MODULE_PROBLEM, text=answer.error)
        return [check("module", wanted.module_name, f"{len(alike)} of this name", Verdict.REFUSED, why)]
    found = answer.found or (alike[0] if alike else None)
    problem = answer.manual or answer.error
    said = reason(Code.MODULE_PROBLEM, text=problem) if problem else None
    shown = f"{len(alike)} of this name" if len(alike) > 1 else found.name if found else None
    name = one.compare("module", wanted.module_name, shown, STEPS, why=said)
    if found is None:
        return [name]
    days = one.compare("module_timeframe", wanted.request_timeframe_days, found.request_timeframe_days, STEPS, why=said)
    return [
        name,
        _device(one, answer, found),
        days,
        one.compare("module_enabled", True, found.enabled, STEPS, why=said),
    ]


def _device(one: Comparison, answer: Answer, found: FoundModule) -> Check:
    """Compare devices by id, and show them by name."""
    wanted, reading = str(one.row.device), one.devices
    if reading is None or reading.failure is not None:
        failed = reason(Code.REGION_FAILED, region=one.row.region)
        return check("module_device", wanted, found.device_id, Verdict.UNKNOWN, failed)
    right = [device.id.lower() for device in reading.book.named(wanted)]
    points_to = (found.device_id or "").lower()
    if answer.action is Action.NONE:
        same = True
    elif answer.action is Action.UPDATED:
        same = (answer.device_id or "").lower() == points_to and points_to in right
    else:
        same = len(right) == 1 and points_to in right
    if same:
        return one.compare("module_device", wanted, wanted)
    known = reading.book.by_id(found.device_id)
    shown = f"{known.name} ({found.device_id})" if known else f"{found.device_id} (not in SSE)"
    problem = answer.manual or answer.error
    said = reason(Code.MODULE_PROBLEM, text=problem) if problem else None
    return one.compare(
        "module_device", wanted, shown if found.device_id is not None else None, STEPS, why=said, same=False
    )
