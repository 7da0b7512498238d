# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Derive the progress of each appliance from the reading and the outcomes of tasks.

The same function serves an actual run and a prediction: the outcomes come from tasks, or from plan.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import plan as asyncos_plan
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.state import CloudService
from ansible_collections.emailsec.ctr.plugins.module_utils._change import Meanwhile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.module_types import (
    TITLES,
    NoSuchType,
    find_module_type,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import name_key
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions, region_of_server

from .model import (
    GIVES_TOKEN,
    Action,
    Answer,
    ApplianceOutcome,
    CloudStep,
    CloudStepKind,
    DevicesReading,
    FleetState,
    Goal,
    ModulesReading,
    Outcomes,
    Progress,
    Registration,
    Wanted,
)
from .other_regions import find_elsewhere, judge_old_region_unread, judge_removals_elsewhere
from .reasons import REGION_CODES, Code, reason

MODULE_STEPS = {
    Action.CREATED: CloudStepKind.MODULE_CREATED,
    Action.UPDATED: CloudStepKind.MODULE_UPDATED,
    Action.DELETED: CloudStepKind.MODULE_DELETED,
}


ASKS_FOR_NO_TOKEN = {
    Registration.UNAVAILABLE.value: Code.NOT_COMMITTED,
    Registration.SMART_LICENSING.value: Code.SMART_LICENSING,
}


def progress_of(state: FleetState, outcomes: Outcomes, goal: Goal) -> dict[str, Progress]:
    """Return the progress by host. A host without an outcome has the state that was read."""
    rows = {host: _begin(wanted, state, outcomes, goal) for host, wanted in state.settings.hosts.items()}
    _stop_namesakes(rows.values())
    find_elsewhere(rows.values(), state.devices, moves=goal is Goal.PRESENT)
    missing = _missing_types(rows.values(), state.modules) if goal is Goal.PRESENT else {}
    for row in rows.values():
        _judge_region(row, state.devices)
        if goal is Goal.PRESENT:
            _judge_module_type(row, missing)
            _judge_commit(row)
            _judge_token(row, outcomes)
            _judge_wait(row, outcomes)
        _judge_module(row, outcomes)
        if goal is Goal.ABSENT:
            _judge_record(row, state.devices, outcomes)
    judge_removals_elsewhere(rows.values(), outcomes)
    judge_old_region_unread(rows.values(), state.devices)
    for row in rows.values():
        _add_steps_of_module(row, goal)
    _mark_shared(rows.values())
    return rows


def works_without_devices(wanted: Wanted, devices: DevicesReading | None) -> bool:
    """Return whether unreadable devices can be ignored: tokens come from the portal, and the scope is missing."""
    return (
        wanted.manual_token
        and devices is not None
        and devices.failure is not None
        and devices.failure.http_status == 403
    )


def usable(wanted: Wanted, devices: DevicesReading | None) -> bool:
    """Return whether the reading of its region allows any step for this appliance."""
    return devices is None or devices.read or works_without_devices(wanted, devices)


def _begin(wanted: Wanted, state: FleetState, outcomes: Outcomes, goal: Goal) -> Progress:
    row = Progress(wanted)
    first = outcomes.enable.get(wanted.host) or outcomes.read_again.get(wanted.host) or _as_read(wanted.host, state)
    second = outcomes.register.get(wanted.host)
    # A removal uses the state before its steps.
    found = (first.before if goal is Goal.ABSENT else first.after) or first.before
    if found is not None:
        row.device = found.hostname
        row.product = found.identity.product.lower()
        row.registration = found.registration
        row.enabled = found.enabled
        row.needs_token = found.registration != Registration.REGISTERED.value
    if second is not None and second.after is not None:
        row.registration = second.after.registration
    if goal is Goal.PRESENT:
        row.left_region = _left_region(first, wanted.region)
        row.steps += first.steps
    row.steps += second.steps if second else ()
    _note_changes(row, _as_read(wanted.host, state), first, second)
    for outcome in (second, first):
        if outcome is not None and outcome.failure is not None:
            _judge_failure(row, outcome)
    read = state.appliances.get(wanted.host)
    reread = wanted.host in outcomes.enable or wanted.host in outcomes.read_again
    if read is not None and read.busy and not reread:
        row.steps += read.steps
        row.fail(reason(Code.BUSY))
    if outcomes.alive is not None and wanted.host not in outcomes.alive:
        row.fail(reason(Code.STOPPED_EARLIER))
    if goal is Goal.PRESENT and row.needs_token and _sets_server_later(found) and first.pending_changes is not False:
        unknown = first.pending_changes is None
        row.fail(reason(Code.OTHERS_CHANGES_UNKNOWN if unknown else Code.OTHERS_CHANGES_PENDING))
    return row


def _note_changes(row: Progress, *outcomes: ApplianceOutcome | None) -> None:
    """Note what others changed on the appliance before each task and during it. ``outcomes`` are in the order of the tasks."""
    last = None
    for outcome in outcomes:
        if outcome is None or outcome is last:
            continue
        if last is not None and last.after is not None and outcome.before is not None and last.failure is None:
            change = asyncos_plan.difference(last.after, outcome.before)
            row.change_meanwhile(change)
        for one in outcome.meanwhile:
            row.change_meanwhile(one)
        last = outcome


def _as_read(host: str, state: FleetState) -> ApplianceOutcome:
    read = state.appliances.get(host)
    if read is None:
        return ApplianceOutcome()
    return ApplianceOutcome(
        before=read.service, after=read.service, pending_changes=read.pending_changes, failure=read.failure
    )


def _sets_server_later(found: CloudService | None) -> bool:
    """Return whether the server is set and committed only at registration, because the appliance does not show it."""
    return found is not None and found.enabled and found.server is None


def _left_region(first: ApplianceOutcome, region: str) -> str | None:
    """Return the region from which this run deregisters the appliance, actual or predicted."""
    old = region_of_server(first.before.server) if first.before else None
    deregistered = any(step.kind == asyncos_plan.DEREGISTER for step in first.steps)
    return old.name if old and old.name != region and deregistered else None


def _judge_failure(row: Progress, outcome: ApplianceOutcome) -> None:
    failure, before = outcome.failure, outcome.before
    if failure is None:
        return
    wanted = all_regions()[row.region].appliance_server if row.region in all_regions() else None
    registered = before is not None and before.registration == Registration.REGISTERED.value
    server = before.server if before else None
    if failure.refused and registered and server not in (None, wanted):
        parameters = {"server": str(server), "wanted": str(wanted), "region": row.region, "host": row.host}
        row.fail(reason(Code.OTHER_REGION, **parameters))
        return
    code = Code.APPLIANCE_REFUSED if failure.refused else Code.APPLIANCE_UNREAD
    code = Code.TOKEN_REFUSED if failure.token_refused else code
    row.fail(reason(code, problem=failure.problem, fix=failure.fix))


def _stop_namesakes(rows: Iterable[Progress]) -> None:
    """Stop appliances of one region that share a host name: SSE cannot distinguish them."""
    rows = list(rows)
    count = Counter((row.region, name_key(row.device)) for row in rows if row.device)
    for row in rows:
        alike = count[row.region, name_key(row.device)] if row.device else 0
        if alike > 1:
            row.fail(reason(Code.SAME_HOST_NAME, count=alike, region=row.region, device=str(row.device)))


def _missing_types(rows: Iterable[Progress], modules: Mapping[str, ModulesReading]) -> dict[tuple[str, str], str]:
    """Return the error of each region and product in use for which the region has no module type."""
    found = {}
    for region, product in sorted({(row.region, row.product) for row in rows if row.product in TITLES}):
        reading = modules.get(region)
        if reading is None or reading.failure is not None:
            continue
        how = reading.named.get(product, {})
        try:
            types = [dict(one) for one in reading.types]
            find_module_type(types, product, all_regions()[region], type_id=how.get("id"), title=how.get("title"))
        except NoSuchType as error:
            found[region, product] = str(error)
        except ApiError:
            # the task of the modules reports it
            continue
    return found


def _judge_module_type(row: Progress, missing: Mapping[tuple[str, str], str]) -> None:
    """Stop an appliance before its first step if its region has no module type for it."""
    message = missing.get((row.region, row.product))
    if message is not None and row.stop is None:
        row.fail(reason(Code.NO_MODULE_TYPE, message=message))
        row.steps.clear()


def _judge_region(row: Progress, devices: Mapping[str, DevicesReading]) -> None:
    reading = devices.get(row.region)
    if reading is None or reading.failure is None or works_without_devices(row.wanted, reading):
        return
    code = Code.REGION_REFUSED if reading.failure.refused else Code.REGION_UNREAD
    row.fail(reason(code, message=reading.failure.message))


def _judge_commit(row: Progress) -> None:
    """Stop an appliance that is enabled but does not ask for a token: a token would be wasted.

    An appliance whose token from the portal is unusable is left disabled; its token is the reason.
    """
    code = ASKS_FOR_NO_TOKEN.get(row.registration or "")
    if code is not None and (row.enabled or not row.wanted.manual_token):
        row.fail(reason(code))


def _judge_token(row: Progress, outcomes: Outcomes) -> None:
    if not row.needs_token or not outcomes.tokens:
        return
    answer = row.answer_in(outcomes.tokens)
    if answer is not None:
        row.change_meanwhile(answer.meanwhile)
        _note_unused_token(row, answer, outcomes.register.get(row.host))
    if answer is None:
        outcome = outcomes.tokens.get(row.region)
        failure = outcome.failure if outcome else None
        row.fail(reason(Code.TOKENS_FAILED, message=failure.message) if failure else reason(Code.NO_TOKEN))
    elif answer.action is Action.FAILED:
        row.fail(reason(Code.TOKEN_FAILED, error=str(answer.error)))
    elif answer.action is Action.NONE and answer.meanwhile is not Meanwhile.REGISTERED:
        row.fail(reason(Code.REGISTERED_IN_SSE_ONLY, device=str(row.device), id=str(answer.id)))


def _note_unused_token(row: Progress, answer: Answer, registered: ApplianceOutcome | None) -> None:
    """Note a token that was not typed, because the appliance was registered already when its turn came."""
    if registered is None or registered.failure is not None or answer.action not in GIVES_TOKEN:
        return
    if not any(step.kind == asyncos_plan.REGISTER for step in registered.steps):
        row.notes.append(reason(Code.TOKEN_UNUSED))


def _judge_wait(row: Progress, outcomes: Outcomes) -> None:
    outcome = outcomes.wait.get(row.region)
    if outcome is None or outcome.failure is None:
        return
    if outcome.missing is None:
        row.fail(reason(Code.WAIT_FAILED, message=outcome.failure.message))
    elif row.device is not None and row.device in outcome.missing:
        code = Code.NOT_SHOWN if outcome.predicted else Code.NOT_SHOWN_IN_TIME
        state, fix = outcome.missing[row.device], str(outcome.failure.fix)
        row.fail(reason(code, region=row.region, state=state, fix=fix))


def _judge_module(row: Progress, outcomes: Outcomes) -> None:
    outcome = outcomes.modules.get(row.region)
    if outcome is None:
        return
    answer = outcome.named(row.wanted.module_name)
    if answer is not None:
        row.module = answer.action
        row.change_meanwhile(answer.meanwhile)
        if answer.meanwhile in (Meanwhile.DEREGISTERED, Meanwhile.RECORD_DELETED):
            row.registration = None
        if answer.action is Action.FAILED:
            row.fail(reason(Code.MODULE_FAILED, name=row.wanted.module_name, error=str(answer.error)))
        elif answer.action is Action.MANUAL:
            row.notes.append(reason(Code.MANUAL_WORK, text=str(answer.manual)))
    elif outcome.failure is not None:
        code = Code.MODULES_REFUSED if outcome.failure.refused else Code.MODULES_UNREAD
        row.fail(reason(code, message=outcome.failure.message))


def _judge_record(row: Progress, devices: Mapping[str, DevicesReading], outcomes: Outcomes) -> None:
    """Add the outcome for the SSE records of a removed appliance, or a note about the manual work."""
    reading = devices.get(row.region)
    if not row.device or reading is None:
        return
    if works_without_devices(row.wanted, reading):
        row.notes.append(reason(Code.RECORD_MANUAL, region=row.region, device=row.device))
    if not outcomes.records:
        return
    outcome = outcomes.records.get(row.region)
    answers = {answer.id: answer for answer in outcome.answers} if outcome else {}
    for device in reading.book.alike(row.device):
        answer = answers.get(device.id)
        row.change_meanwhile(answer.meanwhile if answer else None)
        if answer is not None and answer.action is Action.DELETED:
            row.steps.append(CloudStep(CloudStepKind.RECORD_DELETED))
        failed = outcome.failure.message if outcome and outcome.failure and answer is None else None
        problem = answer.error if answer else failed
        if problem:
            row.fail(reason(Code.RECORD_STILL_THERE, problem=problem))


def _mark_shared(rows: Iterable[Progress]) -> None:
    """Mark failures that several appliances of a region share. The report shows each once."""
    failed = [(row, row.stop) for row in rows if row.stop is not None and row.stop.code in REGION_CODES]
    count = Counter((row.region, stop.parameters["message"]) for row, stop in failed)
    for row, stop in failed:
        row.shared = count[row.region, stop.parameters["message"]] > 1


def _add_steps_of_module(row: Progress, goal: Goal) -> None:
    kind = MODULE_STEPS.get(row.module) if row.module else None
    if kind is not None:
        row.steps.insert(len(row.steps) if goal is Goal.PRESENT else 0, CloudStep(kind))
