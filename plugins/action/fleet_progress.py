# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plan the next step of a run from the reading and the results of the tasks so far."""

from __future__ import annotations

import time
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet import work
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import GIVES_TOKEN, Goal, TokensOutcome
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.orphans import find_orphans
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import TokenHost
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._portal_tokens import token_pools
from ansible_collections.emailsec.ctr.plugins.plugin_utils._run_progress import OPTIONS, RunProgress
from ansible_collections.emailsec.ctr.plugins.plugin_utils._run_report import report_run

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
        goal = Goal(options["state"])
        if options["step"] not in STEPS_OF[goal]:
            raise AnsibleActionFail(
                f"step: {options['step']} is not a step of state: {options['state']}. Fix: use {', '.join(STEPS_OF[goal])}."
            )
        run = RunProgress(options, task_vars or {})
        result.update(changed=False, hosts={}, options={}, tokens={})
        result.update(getattr(self, f"_plan_{options['step']}")(run, options))
        # The result is for the next tasks: it has tokens, and unmasked names from the cloud.
        result["_ansible_no_log"] = options["step"] != "report"
        return result

    def _plan_tokens(self, run: RunProgress, _options: dict[str, Any]) -> dict[str, Any]:
        return {"options": work.token_options(run.rows, run.state, self._pruned(run)), "clock": time.monotonic()}

    def _plan_register(self, run: RunProgress, options: dict[str, Any]) -> dict[str, Any]:
        handed_out = self._hand_out(run)
        run.add_tokens({region: outcome for region, (outcome, _tokens) in handed_out.items()})
        hosts = work.hosts_to_write(run.rows, run.state, run.outcomes, run.goal)
        issued = _issued(options["results"].get("tokens"))
        tokens = {
            (region, name): token for region, (_outcome, named) in handed_out.items() for name, token in named.items()
        }
        return {
            "hosts": work.with_regions(run.rows, hosts),
            "tokens": self._tokens(run, {**{key: str(one["token"]) for key, one in issued.items()}, **tokens}, hosts),
            "renewals": {
                host: {
                    "device": run.rows[host].device,
                    "device_id": issued[key].get("device_id"),
                    "expires_at": issued[key].get("expires_at"),
                }
                for host in hosts
                if (key := (run.rows[host].region, str(run.rows[host].device))) in issued
            },
            "portal_tokens": {
                "regions": [_region_result(region, outcome) for region, (outcome, _tokens) in handed_out.items()]
            },
        }

    def _plan_deregister(self, run: RunProgress, _options: dict[str, Any]) -> dict[str, Any]:
        hosts = work.hosts_to_write(run.rows, run.state, run.outcomes, run.goal)
        return {"hosts": work.with_regions(run.rows, hosts)}

    def _plan_wait(self, run: RunProgress, _options: dict[str, Any]) -> dict[str, Any]:
        predicted = bool(self._task.check_mode)
        pruned = self._pruned(run) if predicted else {}
        return {"options": work.wait_options(run.rows, run.state, pruned, predicted)}

    def _plan_old_modules(self, run: RunProgress, _options: dict[str, Any]) -> dict[str, Any]:
        return {"options": work.old_module_options(run.rows, run.state)}

    def _plan_old_records(self, run: RunProgress, _options: dict[str, Any]) -> dict[str, Any]:
        return {"options": work.old_record_options(run.rows, run.state)}

    def _plan_modules(self, run: RunProgress, _options: dict[str, Any]) -> dict[str, Any]:
        pruned = self._pruned(run)
        return {"options": work.module_options(run.rows, run.state, run.outcomes, pruned, run.goal)}

    def _plan_records(self, run: RunProgress, _options: dict[str, Any]) -> dict[str, Any]:
        return {"options": work.record_options(run.rows, run.state)}

    def _plan_report(self, run: RunProgress, _options: dict[str, Any]) -> dict[str, Any]:
        return report_run(self, run.state, FleetPlan(run.rows, run.outcomes), run.goal, self._pruned(run))

    def _pruned(self, run: RunProgress) -> dict[str, Any]:
        """Return the surplus records that a run with pruning has removed. The reading still has them."""
        return find_orphans(run.state) if run.goal is Goal.PRESENT and run.state.settings.prune else {}

    def _hand_out(self, run: RunProgress) -> dict[str, tuple[TokensOutcome, dict[str, str]]]:
        """Return, by region, the outcome of the assignment and the tokens from the portal by device."""
        if not any(one.manual_token for one in run.state.settings.hosts.values()):
            return {}
        before = run.rows_before_tokens()
        needing = work.manual_token_hosts(before)
        if not needing:
            return {}
        read = {
            host: TokenHost(host, str(row.device), row.needs_token, read=True)
            for host, row in before.items()
            if row.registration is not None
        }
        batch = {str(host) for host in run.task_vars["ansible_play_batch"]}
        return token_pools(self, run.task_vars).hand_out(needing, read, batch)

    def _tokens(self, run: RunProgress, tokens: dict[tuple[str, str], str], hosts: list[str]) -> dict[str, str]:
        """Return the token of each host. In check mode, return a dummy for a host that would get a token."""
        if self._task.check_mode:
            answers = {host: run.rows[host].answer_in(run.outcomes.tokens) for host in hosts}
            return {host: DUMMY_TOKEN for host, answer in answers.items() if answer and answer.action in GIVES_TOKEN}
        found = {host: tokens.get((run.rows[host].region, str(run.rows[host].device))) for host in hosts}
        return {host: token for host, token in found.items() if token}


def _issued(registered: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the tokens issued by C(sse_token), by region and device."""
    return {
        (str(result.get("item")), str(one["name"])): one
        for result in (registered or {}).get("results") or []
        for one in result.get("tokens") or []
    }


def _region_result(region: str, outcome: TokensOutcome) -> dict[str, Any]:
    """Return the outcome in the form of a result of C(sse_token) for one region, without the tokens."""
    devices = [{"name": one.name, "action": one.action.value, "error": one.error} for one in outcome.answers]
    return {"item": region, "devices": devices, "given": outcome.given, "left_over": outcome.left_over}
