# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans the next step of a run from what was read and what its tasks have done so far."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet import work
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import GIVES_TOKEN, Goal
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.notes import notes_of
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.orphans import find_orphans
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan, plan_fleet
from ansible_collections.emailsec.ctr.plugins.module_utils._report.wording import progress_row, reason_text, stop_text
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._run_so_far import OPTIONS, RunSoFar

STEPS_OF = {
    Goal.PRESENT: ("tokens", "register", "wait", "old_modules", "old_records", "modules", "report"),
    Goal.ABSENT: ("modules", "deregister", "records", "report"),
}
STEPS = tuple(dict.fromkeys(step for steps in STEPS_OF.values() for step in steps))
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **OPTIONS,
    "step": {"type": "str", "choices": list(STEPS), "required": True},
}
DUMMY_TOKEN = "0" * 32


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        if options["step"] not in STEPS_OF[Goal(options["state"])]:
            raise AnsibleActionFail(f"There is no step {options['step']} with state: {options['state']}.")
        run = RunSoFar(options, task_vars or {})
        result.update(changed=False, hosts=[], options={}, tokens={})
        result.update(getattr(self, f"_plan_{options['step']}")(run, options))
        # The tokens can be registered and used, and are never shown.
        result["_ansible_no_log"] = bool(result["tokens"])
        return result

    def _plan_tokens(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        manual = work.manual_token_hosts(run.rows)
        claimants = {
            host: {"device": row.device, "needs_token": row.needs_token}
            for host, row in run.rows.items()
            if row.registration is not None
        }
        return {
            "options": _by_region(work.token_options(run.rows, run.state, self._gone(run))),
            "manual": manual,
            "claimants": claimants if manual else {},
        }

    def _plan_register(self, run: RunSoFar, options: dict[str, Any]) -> dict[str, Any]:
        hosts = work.hosts_to_write(run.rows, run.state, run.outcomes, run.goal)
        return {"hosts": hosts, "tokens": self._tokens(run, options, hosts)}

    def _plan_deregister(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        return {"hosts": work.hosts_to_write(run.rows, run.state, run.outcomes, run.goal)}

    def _plan_wait(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        predicted = bool(self._task.check_mode)
        gone = self._gone(run) if predicted else {}
        return {"options": _by_region(work.wait_options(run.rows, run.state, gone, predicted))}

    def _plan_old_modules(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        return {"options": _by_region(work.old_module_options(run.rows, run.state))}

    def _plan_old_records(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        return {"options": _by_region(work.old_record_options(run.rows, run.state))}

    def _plan_modules(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        gone = self._gone(run)
        return {"options": _by_region(work.module_options(run.rows, run.state, run.outcomes, gone, run.goal))}

    def _plan_records(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        return {"options": _by_region(work.record_options(run.rows, run.state))}

    def _plan_report(self, run: RunSoFar, options: dict[str, Any]) -> dict[str, Any]:
        """The rows of the table, and why hosts are not done. Where no task has run, the fleet is as it was planned."""
        nothing_done = not options["results"] and not options["host_results"]
        plan = FleetPlan(run.rows, run.outcomes) if not nothing_done else plan_fleet(run.state, run.goal)
        rows = plan.progress
        gone = self._gone(run) if options["results"] else {}
        notes = notes_of(run.state, rows.values(), plan.outcomes, gone, bool(self._task.check_mode))
        return {
            "rows": [progress_row(row) for row in rows.values()],
            "notes": [reason_text(note) for note in notes],
            "not_done": {row.host: stop_text(row) for row in rows.values() if row.why},
        }

    def _gone(self, run: RunSoFar) -> dict[str, Any]:
        """What a run that prunes has removed by now, of what the reading still shows."""
        return find_orphans(run.state) if run.goal is Goal.PRESENT and run.state.settings.prune else {}

    def _tokens(self, run: RunSoFar, options: dict[str, Any], hosts: list[str]) -> dict[str, str]:
        """By host, the token of its device; in check mode a dummy where there would be one."""
        if self._task.check_mode:
            return {host: DUMMY_TOKEN for host in hosts if self._gets_token(run, host)}
        issued = {
            (str(turn.get("item")), str(one["name"])): str(one["token"])
            for name in ("tokens", "portal_tokens")
            for turn in _turns(options["results"].get(name))
            for one in turn.get("tokens") or []
        }
        found = {host: issued.get((run.rows[host].region, str(run.rows[host].device))) for host in hosts}
        return {host: token for host, token in found.items() if token}

    @staticmethod
    def _gets_token(run: RunSoFar, host: str) -> bool:
        row = run.rows[host]
        turn = run.outcomes.tokens.get(row.region)
        answer = turn.named(row.device) if turn else None
        return answer is not None and answer.action in GIVES_TOKEN


def _by_region(options: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(one["region"]): one for one in options}


def _turns(registered: Any) -> list[dict[str, Any]]:
    return (registered or {}).get("results") or (registered or {}).get("regions") or []
