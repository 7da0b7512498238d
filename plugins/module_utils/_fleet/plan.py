# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The plan: from what was read to what a run would do. Pure; it reads and writes nothing.

Each step is decided by the function that does it in a run, in its check mode and with what was read.
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
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.recorded import Prediction, RecordedClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.records import ensure_records
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.tokens import issue_tokens
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.waiting import states_not_registered
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError

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

T = TypeVar("T")
Steps = tuple[asyncos_plan.Step, ...]
HandOut = Callable[[Mapping[str, Sequence[str]]], Mapping[str, TokensOutcome]]
"""Says which hosts, by region, would get a registration token of the portal."""

WAIT_FIX = (
    "if SSE does not show it in some minutes, look at the Cloud Service Settings of the appliance, deregister it "
    "(emailsec.ctr.esa_cloud_service with state: unregistered), and run again; a record that is there twice is to be deleted "
    "in the SSE portal, Devices."
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
    """How far a run would come with each appliance, what its tasks would do, and what nobody claims by region."""

    progress: Mapping[str, Progress]
    outcomes: Outcomes = field(default_factory=Outcomes)
    orphans: Mapping[str, Orphans] = field(default_factory=dict)


def plan_fleet(state: FleetState, goal: Goal, hand_out: HandOut | None = None) -> FleetPlan:
    """What a run would do now.

    ``hand_out`` knows the tokens of the portal; without it, what was found about them with the state counts.
    """
    plans = {Goal.PRESENT: lambda: _plan_onboarding(state, hand_out), Goal.ABSENT: lambda: _plan_removal(state)}
    return plans[goal]()


def _plan_onboarding(state: FleetState, hand_out: HandOut | None) -> FleetPlan:
    orphans = find_orphans(state)
    gone = orphans if state.settings.prune else {}
    outcomes = Outcomes(enable=_enabled(state))

    def now() -> Mapping[str, Progress]:
        return progress_of(state, outcomes, Goal.PRESENT)

    if state.settings.prune:
        outcomes = replace(outcomes, pruned_records=_records(work.prune_record_options(orphans, state)))
    rows = now()
    tokens = {
        region: _turn(issue_tokens, {**TOKEN_DEFAULTS, **options}, tokens_outcome)
        for region, options in work.token_options(rows, state, gone).items()
    }
    by_hand = work.manual_token_hosts(rows)
    handed_out = hand_out(by_hand) if hand_out else state.portal_tokens
    outcomes = replace(outcomes, tokens=joined_by_region(tokens, handed_out))
    outcomes = replace(outcomes, register=_registered(state, outcomes))
    outcomes = replace(outcomes, wait=_waited(now(), state, gone))
    rows = now()
    outcomes = replace(outcomes, old_modules=_modules(state, work.old_module_options(rows, state), state_="absent"))
    outcomes = replace(outcomes, old_records=_records(work.old_record_options(rows, state)))
    asked = work.module_options(now(), state, outcomes, gone, Goal.PRESENT, state.settings.regions)
    outcomes = replace(outcomes, modules=_modules(state, asked, list_orphans=True))
    if state.settings.prune:
        strays = work.prune_module_options(outcomes, state)
        outcomes = replace(outcomes, pruned_modules=_modules(state, strays, state_="absent"))
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
    """What the first task would do on each appliance that it would run on, and that it could read."""
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
    """The steps before the registration. Without a server to compare with, it is set right before that instead."""
    kinds = [step.kind for step in read.steps]
    if asyncos_plan.REGISTER not in kinds:
        return read.steps
    if read.service is not None and read.service.enabled and read.service.server is None:
        return ()
    return read.steps[: kinds.index(asyncos_plan.REGISTER)]


def _registered(state: FleetState, outcomes: Outcomes) -> dict[str, ApplianceOutcome]:
    """What the task after the tokens would do: the rest of the steps of those that got one."""
    registered = {}
    for host, row in progress_of(state, outcomes, Goal.PRESENT).items():
        turn = outcomes.tokens.get(row.region)
        answer = turn.named(row.device) if turn else None
        if row.stop is None and row.needs_token and answer is not None and answer.action in GIVES_TOKEN:
            read = state.appliances[host]
            registered[host] = _outcome(read, read.steps[len(outcomes.enable[host].steps) :], read.steps)
    return registered


def _outcome(read: ApplianceReading, steps: Steps, done: Steps) -> ApplianceOutcome:
    """Of a task that takes ``steps``, when all of ``done`` were taken."""
    after = asyncos_plan.predict(read.service, done) if read.service else None
    return ApplianceOutcome(read.service, after, steps, read.pending_changes)


def _waited(rows: Mapping[str, Progress], state: FleetState, gone: Mapping[str, Orphans]) -> dict[str, WaitOutcome]:
    """What the task that waits would not get to see, if SSE stays as it is."""
    outcomes = {}
    for region, options in work.wait_options(rows, state, gone, predicted=True).items():
        reading = state.devices.get(region)
        found = gone.get(region)
        removed = {device.id for device in (found.removable if found else ())}
        devices = [device for device in (reading.devices if reading else ()) if device.id not in removed]
        missing = states_not_registered(devices, options["names"])
        if missing:
            shown = ", ".join(f"{name} ({state})" for name, state in missing.items())
            failure = ApiFailure(f"not registered: {shown}", fix=WAIT_FIX)
            outcomes[region] = WaitOutcome(failure=failure, missing=missing, predicted=True)
    return outcomes


def _records(asked: work.ByRegion) -> dict[str, Any]:
    return {
        region: _turn(ensure_records, {**RECORD_DEFAULTS, **_with_all_items("devices", options)}, records_outcome)
        for region, options in asked.items()
    }


def _modules(
    state: FleetState, asked: work.ByRegion, state_: str = "present", list_orphans: bool = False
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
        outcome = _turn(ensure_modules, given, modules_outcome, reading, devices.failure if devices else None)
        outcomes[region] = replace(outcome, quota=reading.quota)
    return outcomes


def _with_all_items(key: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with every key in every item, as a module gets them."""
    return {**options, key: [{**NO_ITEM_OPTIONS, **item} for item in options[key]]}


def _turn(
    decide: Callable[[Any, Any], Mapping[str, Any]],
    options: dict[str, Any],
    read: Callable[[Mapping[str, Any]], T],
    reading: ModulesReading | None = None,
    devices: ApiFailure | None = None,
) -> T:
    """What a task would return for these options of one region."""
    there = reading or ModulesReading()
    client = RecordedClient(options["region"], there.types, there.instances, devices.as_error() if devices else None)
    try:
        return read(decide(Prediction(options), client))
    except ApiError as error:
        return read(error.as_result())
