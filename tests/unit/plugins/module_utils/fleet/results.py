# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of the modules of a run, and the progress of the appliances of a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    Answer,
    ApiFailure,
    ApplianceOutcome,
    FoundModule,
    Goal,
    ModulesOutcome,
    Outcomes,
    RegionOutcome,
    TokensOutcome,
    WaitOutcome,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.outcomes import appliance_outcome, by_region
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.progress import progress_of
from ansible_collections.emailsec.ctr.plugins.module_utils._report.wording import progress_row
from ansible_collections.emailsec.ctr.plugins.plugin_utils._run_progress import OF_HOSTS, OF_REGIONS
from tests.unit.plugins.module_utils.fleet.picture import Picture

Result = dict[str, Any]


def loop(region: str = "europe", **turn: Any) -> Result:
    """Return the result of a cloud task that looped over one region."""
    return {"results": [{"item": region, **turn}]}


def answer(host: str, action: str, **more: Any) -> Result:
    """Return the answer of sse_token or sse_device for one device."""
    return {"name": f"{host}.example.com", "id": f"id-{host}", "action": action, "error": None, **more}


def service(host: str, registration: str = "registered", **more: Any) -> Result:
    """Return C(cloud_service) of esa_cloud_service."""
    values = {"hostname": f"{host}.example.com", "product": "ESA", "model": "C100V", "version": "14.0.0-698"}
    whole = {**values, "serial": "s", "enabled": True, "server": "api.eu.sse.itd.cisco.com"}
    return {**whole, "registration": registration, **more}


def done(host: str, *kinds: str, registration: str = "registered", **more: Any) -> Result:
    """Return a result of esa_cloud_service with these steps. ``before`` changes the state before."""
    before = {**service(host, "unregistered"), **more.pop("before", {})}
    return {
        "cloud_service": service(host, registration),
        "diff": {"before": before},
        "actions": [{"kind": kind, "detail": ""} for kind in kinds],
        "pending_changes": False,
        **more,
    }


def outcomes_of(hosts: Iterable[str], alive: Iterable[str] | None, task_results: Mapping[str, Any]) -> Outcomes:
    """Return the results as passed by the role: by host for tasks on appliances, else as a loop."""
    of_hosts = {
        name: {host: found for host in hosts if (found := appliance_outcome(host, task_results[name].get(host, {})))}
        for name in OF_HOSTS
        if name in task_results
    }
    of_regions = {
        name: by_region(task_results[name], OF_REGIONS[name]) for name in task_results if name not in OF_HOSTS
    }
    return Outcomes(alive=None if alive is None else frozenset(alive), **of_hosts, **of_regions)


def rows(
    picture: Picture, goal: Goal = Goal.PRESENT, alive: Iterable[str] | None = None, **task_results: Any
) -> dict[str, Result]:
    """Return the rows of the table by host, after these results."""
    state = picture.state(goal)
    outcomes = outcomes_of(state.settings.hosts, alive, task_results)
    return {host: progress_row(row) for host, row in progress_of(state, outcomes, goal).items()}


# Convert predicted outcomes back to results.


def results_of(outcomes: Outcomes) -> dict[str, Any]:
    """Return the results of the tasks of a run with exactly these outcomes."""
    of_hosts = {name: {host: _of_appliance(one) for host, one in getattr(outcomes, name).items()} for name in OF_HOSTS}
    of_regions = {
        name: {"results": [{"item": region, **_of_region(one)} for region, one in turns.items()]}
        for name in OF_REGIONS
        if name != "portal_tokens" and (turns := getattr(outcomes, name))
    }
    return {**of_hosts, **of_regions}


def _of_appliance(one: ApplianceOutcome) -> Result:
    failure = one.failure
    parts = {"problem": failure.problem, "fix": failure.fix, "refused": failure.refused} if failure else {}
    return {
        "failed": bool(failure),
        **parts,
        "cloud_service": one.after.as_result() if one.after else None,
        "diff": {"before": one.before.as_result() if one.before else None},
        "actions": [{"kind": step.kind, "detail": step.detail} for step in one.steps],
        "pending_changes": one.pending_changes,
    }


def _of_region(one: RegionOutcome) -> Result:
    answers = [_of_answer(each) for each in one.answers]
    result: Result = {"modules" if isinstance(one, ModulesOutcome) else "devices": answers, **_of_failure(one.failure)}
    if isinstance(one, WaitOutcome):
        result["missing"] = one.missing
    if isinstance(one, TokensOutcome):
        result |= {"given": one.given, "left_over": one.left_over}
    return result


def _of_failure(failure: ApiFailure | None) -> Result:
    if failure is None:
        return {"msg": None}
    return {
        "msg": failure.message,
        **{key: getattr(failure, key) for key in ("path", "http_status", "error", "error_description", "fix")},
    }


def _of_answer(one: Answer) -> Result:
    plain = {"name": one.name, "id": one.id, "action": one.action.value, "error": one.error}
    found = _of_module(one.found) if one.found else None
    return {**plain, "device_id": one.device_id, "by_hand": one.manual, "found": found}


def _of_module(one: FoundModule) -> Result:
    return {
        "id": one.id,
        "name": one.name,
        "product": one.product,
        "device_id": one.device_id,
        "request_timeframe_days": one.request_timeframe_days,
        "enabled": one.enabled,
    }
