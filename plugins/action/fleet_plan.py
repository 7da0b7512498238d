# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks the settings of a play, reads its appliances and their regions, and plans what a run would do."""

from __future__ import annotations

from functools import partial
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.tracking import failure_parts
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.evidence import (
    Searches,
    TrackingOutcome,
    tracking_outcome,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.query import query_problem, tracking_search
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet import work
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import FleetState, Goal
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.progress import usable
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.read import in_threads
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.serialization import pack
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.settings import JOBS
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import plain
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.plugin_utils._appliance_services import ApplianceServices
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._event_loop import run
from ansible_collections.emailsec.ctr.plugins.plugin_utils._fleet_reading import (
    FleetRefused,
    plan_play,
    read_fleet,
    values_for_tasks,
)
from ansible_collections.emailsec.ctr.plugins.plugin_utils._reading_display import ReadingDisplay
from ansible_collections.emailsec.ctr.plugins.plugin_utils._run_report import report_run
from ansible_collections.emailsec.ctr.plugins.plugin_utils._settings import CheckedPlay

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "job": {"type": "str", "choices": ["", *JOBS], "default": ""},
    "allow_managed": {"type": "bool", "default": False},
    "wait_for_busy": {"type": "bool", "default": False},
    "search_messages": {"type": "bool", "default": False},
    "hosts": {"type": "list", "elements": "str"},
}


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        given = ("job", "allow_managed", "wait_for_busy", "hosts")
        try:
            play, state = read_fleet(self, task_vars or {}, **{name: options[name] for name in given})
        except FleetRefused as refused:
            return {**result, **refused.result}
        result.update(changed=False, **self._planned(play, state, options["job"]))
        if options["search_messages"]:
            result["tracking"] = pack(Searches(self._search_messages(play, state)))
        # The result is for the next tasks; it is too long to show.
        result["_ansible_no_log"] = True
        return result

    def _planned(self, play: CheckedPlay, state: FleetState, job: str) -> dict[str, Any]:
        goal = Goal(play.run.state)
        plan, state = plan_play(play, state)
        to_do = _to_do(state, plan, goal)
        if job != "report" and not to_do["included"]:
            report_run(self, state, plan, goal)
        return {
            **values_for_tasks(play, state),
            "regions": [name for name in state.settings.regions if _is_usable(state, name)],
            "query_problem": query_problem(play.run.query),
            **to_do,
        }

    def _search_messages(self, play: CheckedPlay, state: FleetState) -> dict[str, TrackingOutcome]:
        """Search message tracking of each appliance that was read, if the variables of the host request it."""
        products = {host: one.service.identity.product for host, one in state.appliances.items() if one.service}
        hosts = [host for host in state.settings.hosts if host in products and _is_to_search(play, host)]
        services = ApplianceServices(play)
        display = ReadingDisplay(self, len(hosts), "searched")
        filters = tracking_search(play.run.query)

        def search(host: str) -> TrackingOutcome:
            last = f"{plain(play.values[host]['esa_ctr_request_timeframe_days'])}d"
            try:
                with services.search(host, products[host].lower(), last=last, max_messages=1, **filters) as open_search:
                    return tracking_outcome(open_search.once() or {})
            except ApiError as error:
                return tracking_outcome(failure_parts(error))

        outcomes = in_threads(
            [partial(search, host) for host in hosts],
            play.run.concurrency,
            lambda outcome: display.count(failed=outcome.total is None),
        )
        return dict(zip(hosts, run(outcomes), strict=True))


def _is_to_search(play: CheckedPlay, host: str) -> bool:
    requested = str(plain(play.values[host].get("esa_ctr_diagnose_tracking"))).lower()
    return requested in ("always", "true") or (requested == "auto" and bool(play.run.query))


def _is_usable(state: FleetState, region: str) -> bool:
    """Return whether any step is possible for at least one appliance of a region."""
    wanted = [one for one in state.settings.hosts.values() if one.region == region]
    return any(usable(one, state.devices.get(region)) for one in wanted)


def _to_do(state: FleetState, plan: FleetPlan, goal: Goal) -> dict[str, Any]:
    """Return which hosts take part in the tasks of a run, and the values that these tasks need."""
    rows = plan.progress
    unread = {
        host
        for host, row in rows.items()
        if usable(row.wanted, state.devices.get(row.region)) and _to_reread(state.appliances[host])
    }
    prunes = goal is Goal.PRESENT and state.settings.prune
    prune = {
        "modules": work.prune_module_options(plan.outcomes, state) if prunes else {},
        "records": work.prune_record_options(plan.orphans, state) if prunes else {},
    }
    included = {host for host, row in rows.items() if row.steps or row.stop or host in unread}
    other = next((host for host in rows if host not in included), None)
    if other and (included or any(prune.values())):
        # An unchanged host runs the tasks of the regions if all others fail.
        included.add(other)
    settings = {
        host
        for host, outcome in plan.outcomes.enable.items()
        if outcome.steps and (rows[host].stop is None or rows[host].steps)
    }
    return {
        "included": work.with_regions(rows, included),
        "enable": work.with_regions(rows, settings | unread),
        "read_again": work.with_regions(rows, unread),
        "prune": prune,
        "prunes": prunes,
        "moves": any(row.wanted.allow_region_change for row in rows.values()),
    }


def _to_reread(reading: ApplianceReading) -> bool:
    """Return whether to reread the appliance in a task of its own, because it was not read or was busy.

    An appliance that timed out is not reread: it would occupy a fork for the same time again.
    """
    return reading.busy or (reading.failure is not None and not reading.failure.waited)
