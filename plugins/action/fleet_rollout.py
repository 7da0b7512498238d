# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plan the waves of a rollout, and start and end each wave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import FleetState
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.serialization import pack
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import items_of, plain
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.waves import (
    HostResult,
    Result,
    Results,
    Rollout,
    Wave,
    has_too_many_failures,
    hold_back,
    plan_waves,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.rollout_rows import (
    counts_of,
    heading_of_wave,
    host_rows,
    not_started_lines,
    progress_line,
    stop_line,
    wave_rows,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.run_rows import BROKEN
from ansible_collections.emailsec.ctr.plugins.module_utils._report.table import fitted_table, wrapped
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._fleet_reading import FleetRefused, plan_play, read_fleet
from ansible_collections.emailsec.ctr.plugins.plugin_utils._run_progress import unpack_text
from ansible_collections.emailsec.ctr.plugins.plugin_utils._saved_rows import save_rows
from ansible_collections.emailsec.ctr.plugins.plugin_utils._settings import CheckedPlay
from ansible_collections.emailsec.ctr.plugins.plugin_utils._table import Table

STEPS = ("plan", "start", "end")
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "step": {"type": "str", "choices": list(STEPS), "required": True},
    "rollout": {"type": "str"},
    "earlier": {"type": "str"},
    "started": {"type": "dict", "default": {}},
    "rows": {"type": "list", "elements": "dict", "default": []},
    "not_done": {"type": "dict", "default": {}},
    "dest": {"type": "path"},
}
REQUIRED_IF = [("step", "start", ["rollout", "earlier"]), ("step", "end", ["rollout", "earlier", "dest"])]
SOURCE = "emailsec.ctr.fleet_rollout"
COLUMNS_OF_WAVES = ("wave", "region", "appliances", "to_change", "window", "hosts")
COLUMNS_OF_HOSTS = ("host", "region", "wave", "result", "detail")
NO_REASON = "failed or unreachable; see the tasks of the wave"


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC, required_if=REQUIRED_IF)
        result["changed"] = False
        variables = task_vars or {}
        if options["step"] == "plan":
            try:
                return {**result, **self._plan(variables)}
            except FleetRefused as refused:
                return {**result, **refused.result}
        rollout = unpack_text(Rollout, options["rollout"], "rollout", SOURCE)
        step = {"start": self._start, "end": self._end}[options["step"]]
        return {**result, **step(rollout, options, variables)}

    def _plan(self, variables: dict[str, Any]) -> dict[str, Any]:
        play, state = read_fleet(self, variables, "rollout")
        plan, state = plan_play(play, state)
        rollout = _rollout(play, state, plan)
        self._show_waves(rollout)
        return {
            "rollout": pack(rollout),
            "hosts": rollout.hosts,
            "sizes": [len(wave.hosts) for wave in rollout.waves],
            # The result is for the next tasks; it is too long to show.
            "_ansible_no_log": True,
        }

    def _show_waves(self, rollout: Rollout) -> None:
        width = self.screen_width()
        rows = wave_rows(rollout, datetime.now(timezone.utc))
        total, to_change = len(rollout.hosts), sum(row["to_change"] for row in rows)
        title = f"Rollout: {len(rows)} wave{'' if len(rows) == 1 else 's'}, {total} appliances, {to_change} to change"
        shown = [{**row, "to change": row["to_change"]} for row in rows]
        columns = [name.replace("_", " ") for name in COLUMNS_OF_WAVES]
        self._show([*wrapped(title, width), "", *fitted_table(columns, shown, width)])

    def _start(self, rollout: Rollout, options: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        wave = _wave(rollout, variables["ansible_play_batch"])
        results = _results_before(rollout, wave, options["earlier"], variables)
        held = {} if results.stopped else hold_back(rollout, wave, results, datetime.now(timezone.utc))
        if not results.stopped:
            self._show([heading_of_wave(rollout, wave, held)])
        return {
            "wave": wave.number,
            "stopped": results.stopped,
            "hosts": [host for host in wave.hosts if host not in held],
            "results": pack(Results({**results.hosts, **held})),
            "_ansible_no_log": True,
        }

    def _end(self, rollout: Rollout, options: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        started = options["started"]
        number = started.get("wave")
        if not isinstance(number, int) or not 1 <= number <= len(rollout.waves):
            raise AnsibleActionFail("the wave was not started. Fix: see the failure of the task that starts the wave.")
        wave = rollout.waves[number - 1]
        before = unpack_text(Results, started.get("results", ""), "started", SOURCE)
        alive = set(map(str, variables["ansible_play_batch"]))
        rows = {str(row.get("host")): row for row in options["rows"]}
        started_hosts = set(map(str, started["hosts"]))
        found = {
            host: _host_result(host, host in alive, rows.get(host, {}), options["not_done"])
            for host in wave.hosts
            if host in started_hosts
        }
        results = Results({**before.hosts, **found})
        stop = has_too_many_failures(wave, results, rollout.max_failures)
        results = replace(results, stopped=stop)
        check_mode = bool(self._task.check_mode)
        self._show([progress_line(rollout, wave, results, check_mode)])
        is_last = number == len(rollout.waves)
        table = Table(
            title="Rollout" + (" (check mode: nothing was changed)" if check_mode else ""),
            columns=COLUMNS_OF_HOSTS,
            count_by="result",
            brief="would succeed" if check_mode else "done",
            rows=host_rows(rollout, results, check_mode),
            notes=[
                *([stop_line(wave, results, rollout.max_failures)] if stop and not is_last else []),
                *not_started_lines(rollout, results),
            ],
        )
        if stop or is_last:
            table.show(self)
        counts = counts_of(rollout, results)
        save_rows(options["dest"], "Rollout", counts, table.rows)
        return {"counts": dict(counts), "results": pack(results)}

    def _show(self, lines: Iterable[str]) -> None:
        for line in ["", *lines, ""]:
            self._display.display(line)


def _rollout(play: CheckedPlay, state: FleetState, plan: FleetPlan) -> Rollout:
    first = next(iter(play.values.values()), {})
    together = plain(first.get("esa_ctr_wave_regions")) == "together"
    regions_of = {host: one.region for host, one in state.settings.hosts.items()}
    rows = plan.progress
    return Rollout(
        waves=plan_waves(regions_of, items_of(plain(first.get("esa_ctr_waves"))), together),
        regions_of=regions_of,
        unchanged=frozenset(
            host for host, row in rows.items() if not row.steps and not row.stop and _is_read(state, host)
        ),
        windows={
            host: tuple(items_of(windows))
            for host, values in play.values.items()
            if (windows := plain(values.get("esa_ctr_window")))
        },
        max_failures=str(plain(first.get("esa_ctr_max_failures", "0"))),
        together=together,
    )


def _is_read(state: FleetState, host: str) -> bool:
    reading = state.appliances.get(host)
    return reading is not None and reading.failure is None and not reading.busy


def _wave(rollout: Rollout, hosts: Iterable[Any]) -> Wave:
    try:
        return rollout.wave_of(map(str, hosts))
    except ValueError as error:
        raise AnsibleActionFail(
            f"the batch of the play is not a wave: {error}. Fix: use the hosts and sizes of the planned rollout as hosts and serial."
        ) from None


def _results_before(rollout: Rollout, wave: Wave, variable: str, variables: Mapping[str, Any]) -> Results:
    """Return the results at the end of the wave before this one, from the registered variable of one of its hosts."""
    if wave.number == 1:
        return Results()
    for host in rollout.waves[wave.number - 2].hosts:
        registered = variables["hostvars"].raw_get(host).get(variable)
        if isinstance(registered, Mapping) and registered.get("results"):
            return unpack_text(Results, registered["results"], variable, SOURCE)
    raise AnsibleActionFail(
        f"the result of wave {wave.number - 1} is unknown. Fix: rerun; finished appliances are unchanged."
    )


def _host_result(host: str, alive: bool, row: Mapping[str, Any], not_done: Mapping[str, Any]) -> HostResult:
    """Return the result of a started appliance. It is done only if Ansible still runs it and its verification passed.

    ``row`` is that of the verification, empty if there is none.
    """
    if alive and row and row.get("result") != BROKEN:
        return HostResult(Result.DONE)
    detail = str(not_done.get(host) or row.get("detail") or NO_REASON)
    return HostResult(Result.FAILED, detail.removeprefix(f"{host}: "))
