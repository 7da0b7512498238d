# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans the next step of a run from what was read and what its tasks have done so far."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet import work
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import GIVES_TOKEN, Goal, TokensOutcome
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.orphans import find_orphans
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import Claimant, hand_out_in
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._portal_tokens import token_pools
from ansible_collections.emailsec.ctr.plugins.plugin_utils._run_report import report_run
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
        return {"options": work.token_options(run.rows, run.state, self._gone(run))}

    def _plan_register(self, run: RunSoFar, options: dict[str, Any]) -> dict[str, Any]:
        needing = work.manual_token_hosts(run.rows_before_tokens())
        handed_out = self._hand_out(run, needing) if needing else {}
        run.add_tokens({region: outcome for region, (outcome, _tokens) in handed_out.items()})
        hosts = work.hosts_to_write(run.rows, run.state, run.outcomes, run.goal)
        tokens = {
            (region, name): token for region, (_outcome, named) in handed_out.items() for name, token in named.items()
        }
        return {
            "hosts": hosts,
            "tokens": self._tokens(run, {**_issued(options["results"].get("tokens")), **tokens}, hosts),
            "portal_tokens": {"regions": [_turn(region, outcome) for region, (outcome, _tokens) in handed_out.items()]},
        }

    def _plan_deregister(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        return {"hosts": work.hosts_to_write(run.rows, run.state, run.outcomes, run.goal)}

    def _plan_wait(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        predicted = bool(self._task.check_mode)
        gone = self._gone(run) if predicted else {}
        return {"options": work.wait_options(run.rows, run.state, gone, predicted)}

    def _plan_old_modules(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        return {"options": work.old_module_options(run.rows, run.state)}

    def _plan_old_records(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        return {"options": work.old_record_options(run.rows, run.state)}

    def _plan_modules(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        gone = self._gone(run)
        return {"options": work.module_options(run.rows, run.state, run.outcomes, gone, run.goal)}

    def _plan_records(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        return {"options": work.record_options(run.rows, run.state)}

    def _plan_report(self, run: RunSoFar, _options: dict[str, Any]) -> dict[str, Any]:
        return report_run(self, run.state, FleetPlan(run.rows, run.outcomes), run.goal, self._gone(run))

    def _gone(self, run: RunSoFar) -> dict[str, Any]:
        """What a run that prunes has removed by now, of what the reading still shows."""
        return find_orphans(run.state) if run.goal is Goal.PRESENT and run.state.settings.prune else {}

    def _hand_out(
        self, run: RunSoFar, needing: dict[str, list[str]]
    ) -> dict[str, tuple[TokensOutcome, dict[str, str]]]:
        """By region, who of the hosts gets which token of the portal, by device."""
        claimants = {
            host: Claimant(host, str(row.device), row.needs_token, read=True)
            for host, row in run.rows_before_tokens().items()
            if row.registration is not None
        }
        pools = token_pools(self, run.task_vars)
        batch = {str(host) for host in run.task_vars["ansible_play_batch"]}
        return {
            region: hand_out_in(region, pools.of_region(region, claimants), set(needing.get(region, ())), batch)
            for region in pools.regions
        }

    def _tokens(self, run: RunSoFar, tokens: dict[tuple[str, str], str], hosts: list[str]) -> dict[str, str]:
        """By host, the token of its device; in check mode a dummy where there would be one."""
        if self._task.check_mode:
            return {host: DUMMY_TOKEN for host in hosts if self._gets_token(run, host)}
        found = {host: tokens.get((run.rows[host].region, str(run.rows[host].device))) for host in hosts}
        return {host: token for host, token in found.items() if token}

    @staticmethod
    def _gets_token(run: RunSoFar, host: str) -> bool:
        row = run.rows[host]
        turn = run.outcomes.tokens.get(row.region)
        answer = turn.named(row.device) if turn else None
        return answer is not None and answer.action in GIVES_TOKEN


def _issued(registered: Any) -> dict[tuple[str, str], str]:
    """By region and device, the tokens that C(sse_token) has issued."""
    return {
        (str(turn.get("item")), str(one["name"])): str(one["token"])
        for turn in (registered or {}).get("results") or []
        for one in turn.get("tokens") or []
    }


def _turn(region: str, outcome: TokensOutcome) -> dict[str, Any]:
    """The same shape as a turn of C(sse_token) over regions, without the tokens."""
    devices = [{"name": one.name, "action": one.action.value, "error": one.error} for one in outcome.answers]
    return {"item": region, "devices": devices, "given": outcome.given, "left_over": outcome.left_over}
