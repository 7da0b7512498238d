# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hands out registration tokens that were generated in the portal, to the appliances of the play that need one."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import (
    FILE,
    TOKENS,
    Claimant,
    Pool,
    hand_out_in,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import canonical_region
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._host_variables import HostVariables
from ansible_collections.emailsec.ctr.plugins.plugin_utils._portal_tokens import TokenPools

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "needed": {"type": "dict", "required": True},
    "claimants": {"type": "dict", "default": {}},
}


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        needed = {str(region): {str(host) for host in hosts} for region, hosts in options["needed"].items()}
        claimants = {
            str(host): Claimant(str(host), str(one["device"]), bool(one["needs_token"]), read=True)
            for host, one in options["claimants"].items()
        }
        pools = self._pools(task_vars or {})
        batch = {str(host) for host in (task_vars or {})["ansible_play_batch"]}
        # Not under "results": what is hidden keeps that key as it is, because it takes it for a loop's.
        result.update(
            changed=False,
            regions=[
                self._turn(region, needed.get(region, set()), pools.of_region(region, claimants), batch)
                for region in pools.regions
            ],
        )
        # The tokens can be registered and used, and are never shown.
        result["_ansible_no_log"] = True
        return result

    def _pools(self, task_vars: dict[str, Any]) -> TokenPools:
        """The sources that all hosts of the play name; what is wrong with them was said before anything was written."""
        variables = HostVariables(self, task_vars)
        pools = TokenPools(self._loader)
        for host in map(str, task_vars["ansible_play_hosts_all"]):
            templar = variables.templar(host)
            known = templar.available_variables
            values = {name: templar.template(known[name]) for name in (TOKENS, FILE) if name in known}
            pools.add(host, canonical_region(templar.template(known.get("esa_ctr_region", ""))), values)
        return pools

    def _turn(self, region: str, needing: set[str], pools: list[Pool], batch: set[str]) -> dict[str, Any]:
        outcome, tokens = hand_out_in(region, pools, needing, batch)
        return {
            "item": region,
            "devices": [
                {"name": one.name, "id": None, "action": one.action.value, "error": one.error}
                for one in outcome.answers
            ],
            "tokens": []
            if self._task.check_mode
            else [{"name": device, "token": token} for device, token in tokens.items()],
            "given": outcome.given,
            "left_over": outcome.left_over,
        }
