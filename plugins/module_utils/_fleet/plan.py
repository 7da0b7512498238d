# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Plan a run from the reading of a fleet. The functions are pure; they read and write nothing.

The function that takes a step in a run also predicts it, in check mode and with the reading as input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import plan as asyncos_plan
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.modules import ensure_modules
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.recorded import RecordedClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.records import ensure_records
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.tokens import issue_tokens
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.waiting import states_not_registered
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task

from . import work
from .model import (
    GIVES_TOKEN,
    ApiFailure,
    ApplianceOutcome,
    FleetState,
    Goal,
    ModulesOutcome,
    ModulesReading,
    Outcomes,
    Progress,
    TokensOutcome,
    WaitOutcome,
)
from .orphans import Orphans, find_orphans
from .outcomes import joined_by_region, modules_outcome, records_outcome, tokens_outcome
from .progress import progress_of, usable
from .reasons import Code, Reason

T = TypeVar("T")
Steps = tuple[asyncos_plan.Step, ...]
HandOut = Callable[[Mapping[str, Sequence[str]]], Mapping[str, TokensOutcome]]
"""Returns, by region, which hosts would get a registration token from the portal."""

WAIT_FIX = (
    "wait some minutes and rerun. If SSE still does not show the device, check the Cloud Service Settings of the appliance, "
    "deregister it (emailsec.ctr.esa_cloud_service with state: unregistered), and rerun. If the device has a duplicate "
    "record, delete that record in the SSE portal, Devices."
)
TOKEN_DEFAULTS: dict[str, Any] = {"devices": [], "lifetime": "1h", "dest": None, "known_devices": None}
RECORD_DEFAULTS: dict[str, Any] = {
    "state": "absent",
    "name": None,
    "id": None,
    "description": None,
    "types": ["ESA", "SMA"],
    "allow_registered": True,
    "known_devices": None,
    "wait_timeout": 0.0,
    "wait_interval": 0.0,
}
MODULE_DEFAULTS: dict[str, Any] = {
    "state": "present",
    "name": None,
    "id": None,
    "device": None,
    "request_timeframe_days": 30,
    "enabled": True,
    "product": "esa",
    "module_types": None,
    "assumed_devices": [],
    "known_devices": None,
    "list_orphans": False,
}
NO_ITEM_OPTIONS = dict.fromkeys(
    ("name", "id", "device", "description", "request_timeframe_days", "enabled", "product", "allow_registered")
)


@dataclass(frozen=True)
class FleetPlan:
    """The predicted progress of each appliance, the outcomes of tasks, and the surplus records by region."""

    progress: Mapping[str, Progress]
    outcomes: Outcomes = field(default_factory=Outcomes)
    orphans: Mapping[str, Orphans] = field(default_factory=dict)


def plan_fleet(state: FleetState, goal: Goal, hand_out: HandOut | None = None) -> FleetPlan:
    """Return what a run would do now.

    ``hand_out`` assigns the tokens from the portal. Without it, the assignment in ``state`` is used.
    """
    plans = {Goal.PRESENT: lambda: _plan_onboarding(state, hand_out), Goal.ABSENT: lambda: _plan_removal(state)}
    return plans[goal]()


def _plan_onboarding(state: FleetState, hand_out: HandOut | None) -> FleetPlan:
    orphans = find_orphans(state)
    pruned = orphans if state.settings.prune else {}
    outcomes = Outcomes(enable=_enabled(state))

    def now() -> Mapping[str, Progress]:
        return progress_of(state, outcomes, Goal.PRESENT)

    if state.settings.prune:
        outcomes = replace(outcomes, pruned_records=_records(work.prune_record_options(orphans, state)))
    rows = now()
    tokens = {
        region: _predicted(issue_tokens, {**TOKEN_DEFAULTS, **options}, tokens_outcome)
        for region, options in work.token_options(rows, state, pruned).items()
    }
    manual = work.manual_token_hosts(rows)
    handed_out = hand_out(manual) if hand_out else state.portal_tokens
    outcomes = replace(outcomes, tokens=joined_by_region(tokens, handed_out))
    outcomes = replace(outcomes, enable=_without_unusable_tokens(state, rows, outcomes.enable, handed_out))
    outcomes = replace(outcomes, register=_registered(state, outcomes))
    outcomes = replace(outcomes, wait=_waited(now(), state, pruned))
    rows = now()
    outcomes = replace(outcomes, old_modules=_modules(state, work.old_module_options(rows, state), state_="absent"))
    outcomes = replace(outcomes, old_records=_records(work.old_record_options(rows, state)))
    asked = work.module_options(now(), state, outcomes, pruned, Goal.PRESENT, state.settings.regions)
    modules = _modules(state, asked, list_orphans=True)
    outcomes = replace(outcomes, modules={**modules, **_without_type(rows, modules)})
    if state.settings.prune:
        orphaned = work.prune_module_options(outcomes, state)
        outcomes = replace(outcomes, pruned_modules=_modules(state, orphaned, state_="absent"))
    return FleetPlan(now(), outcomes, orphans)


def _plan_removal(state: FleetState) -> FleetPlan:
    outcomes = Outcomes()

    def now() -> Mapping[str, Progress]:
        return progress_of(state, outcomes, Goal.ABSENT)

    asked = work.module_options(now(), state, outcomes, {}, Goal.ABSENT)
    outcomes = replace(outcomes, modules=_modules(state, asked, state_="absent"))
    removed = {
        host: _outcome(read, read.steps, read.steps)
        for host, row in now().items()
        if row.stop is None and (read := state.appliances[host]).steps
    }
    outcomes = replace(outcomes, register=removed)
    outcomes = replace(outcomes, records=_records(work.record_options(now(), state)))
    return FleetPlan(now(), outcomes)


def _enabled(state: FleetState) -> dict[str, ApplianceOutcome]:
    """Return the predicted outcome of the first task on each readable appliance."""
    outcomes = {}
    for host, wanted in state.settings.hosts.items():
        read = state.appliances.get(host)
        if read is None or read.service is None or read.failure or read.busy:
            continue
        if not usable(wanted, state.devices.get(wanted.region)):
            continue
        steps = _steps_of_enable(read)
        outcomes[host] = _outcome(read, steps, steps)
    return outcomes


def _steps_of_enable(read: ApplianceReading) -> Steps:
    """Return the steps before the registration. If the server is not shown, it is set at registration instead."""
    kinds = [step.kind for step in read.steps]
    if asyncos_plan.REGISTER not in kinds:
        return read.steps
    if read.service is not None and read.service.enabled and read.service.server is None:
        return ()
    return read.steps[: kinds.index(asyncos_plan.REGISTER)]


def _without_unusable_tokens(
    state: FleetState,
    rows: Mapping[str, Progress],
    enabled: Mapping[str, ApplianceOutcome],
    handed_out: Mapping[str, TokensOutcome],
) -> dict[str, ApplianceOutcome]:
    """Return the outcomes without the steps of appliances for which no token from the portal is usable."""
    kept = dict(enabled)
    for host in enabled:
        answer = rows[host].answer_in(handed_out)
        if answer is not None and answer.action not in GIVES_TOKEN:
            kept[host] = _outcome(state.appliances[host], (), ())
    return kept


def _registered(state: FleetState, outcomes: Outcomes) -> dict[str, ApplianceOutcome]:
    """Return the predicted outcome of the registration, for each appliance that gets a token."""
    registered = {}
    for host, row in progress_of(state, outcomes, Goal.PRESENT).items():
        answer = row.answer_in(outcomes.tokens)
        if row.stop is None and row.needs_token and answer is not None and answer.action in GIVES_TOKEN:
            read = state.appliances[host]
            enabled = outcomes.enable[host]
            done = _outcome(read, read.steps[len(enabled.steps) :], read.steps)
            registered[host] = replace(done, before=enabled.after)
    return registered


def _outcome(read: ApplianceReading, steps: Steps, done: Steps) -> ApplianceOutcome:
    """Return the outcome of a task with these ``steps``. ``done`` are all steps so far."""
    after = asyncos_plan.predict(read.service, done) if read.service else None
    return ApplianceOutcome(read.service, after, steps, read.pending_changes)


def _waited(rows: Mapping[str, Progress], state: FleetState, pruned: Mapping[str, Orphans]) -> dict[str, WaitOutcome]:
    """Return the devices that the waiting task would miss if SSE does not change."""
    outcomes = {}
    for region, options in work.wait_options(rows, state, pruned, predicted=True).items():
        reading = state.devices.get(region)
        found = pruned.get(region)
        removed = {device.id for device in (found.removable if found else ())}
        devices = [device for device in (reading.devices if reading else ()) if device.id not in removed]
        missing = states_not_registered(devices, options["names"])
        if missing:
            shown = ", ".join(f"{name} ({state})" for name, state in missing.items())
            failure = ApiFailure(f"not registered: {shown}", fix=WAIT_FIX)
            outcomes[region] = WaitOutcome(failure=failure, missing=missing, predicted=True)
    return outcomes


def _records(asked: work.OptionsByRegion) -> dict[str, Any]:
    return {
        region: _predicted(ensure_records, {**RECORD_DEFAULTS, **_with_all_items("devices", options)}, records_outcome)
        for region, options in asked.items()
    }


def _modules(
    state: FleetState, asked: work.OptionsByRegion, state_: str = "present", list_orphans: bool = False
) -> dict[str, ModulesOutcome]:
    outcomes = {}
    for region, options in asked.items():
        reading = state.modules.get(region, ModulesReading())
        if reading.failure is not None:
            outcomes[region] = ModulesOutcome(failure=reading.failure, quota=reading.quota)
            continue
        given = {
            **MODULE_DEFAULTS,
            **_with_all_items("modules", options),
            "state": state_,
            "list_orphans": list_orphans,
            "module_types": reading.named or None,
        }
        devices = state.devices.get(region)
        outcome = _predicted(ensure_modules, given, modules_outcome, reading, devices.failure if devices else None)
        outcomes[region] = replace(outcome, quota=reading.quota)
    return outcomes


def _without_type(rows: Mapping[str, Progress], modules: Mapping[str, ModulesOutcome]) -> dict[str, ModulesOutcome]:
    """Return the failure of the regions in which no appliance has a module type."""
    stops: dict[str, list[Reason | None]] = {}
    for row in rows.values():
        stops.setdefault(row.region, []).append(row.stop)
    found = {}
    for region, reasons in stops.items():
        missing = [one for one in reasons if one is not None and one.code is Code.NO_MODULE_TYPE]
        if len(missing) == len(reasons) and region in modules:
            message = str(missing[0].parameters["message"])
            failure = ApiFailure(message, fix=message)
            found[region] = replace(modules[region], failure=failure, instances=None)
    return found


def _with_all_items(key: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with every key in every item, as a module receives them."""
    return {**options, key: [{**NO_ITEM_OPTIONS, **item} for item in options[key]]}


def _predicted(
    decide: Callable[[Any, Any], Mapping[str, Any]],
    options: dict[str, Any],
    read: Callable[[Mapping[str, Any]], T],
    reading: ModulesReading | None = None,
    devices: ApiFailure | None = None,
) -> T:
    """Return the predicted outcome of a cloud task with these options in one region."""
    there = reading or ModulesReading()
    client = RecordedClient(options["region"], there.types, there.instances, devices.as_error() if devices else None)
    try:
        return read(decide(Task(options, check_mode=True), client))
    except ApiError as error:
        return read(error.as_result())
