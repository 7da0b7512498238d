# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hands out registration tokens that were generated in the portal, to the appliances of the play that need one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.found import fleet_found
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import (
    FILE,
    TOKENS,
    Claimant,
    Tokens,
    TokensUnusable,
    hand_out,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.rows import READ
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import canonical_region
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._host_variables import HostVariables
from ansible_collections.emailsec.ctr.plugins.plugin_utils._token_sources import TokenSources

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "needed": {"type": "dict", "required": True},
    "appliances": {"type": "list", "elements": "dict", "default": []},
}


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        needed = {str(region): {str(host) for host in hosts} for region, hosts in options["needed"].items()}
        batch = {str(host) for host in (task_vars or {})["ansible_play_batch"]}
        turns = [
            self._turn(region, hosts, pools, batch)
            for region, pools in self._pools(task_vars or {}, fleet_found(options["appliances"])).items()
            if (hosts := needed.get(region, set())) or pools
        ]
        # Not under "results": what is hidden keeps that key as it is, because it takes it for a loop's.
        result.update(changed=False, regions=turns)
        # The tokens can be registered and used, and are never shown.
        result["_ansible_no_log"] = True
        return result

    def _pools(
        self, task_vars: Mapping[str, Any], found: Mapping[str, Any]
    ) -> dict[str, list[tuple[Tokens, list[Claimant]]]]:
        """By region, each source with the hosts of the whole play that share it, in their order."""
        variables = HostVariables(self, dict(task_vars))
        sources = TokenSources(self._loader)
        regions: dict[str, list[tuple[Tokens, list[Claimant]]]] = {}
        for host in map(str, task_vars["ansible_play_hosts_all"]):
            templar = variables.templar(host)
            known = templar.available_variables
            values = {name: templar.template(known[name]) for name in (TOKENS, FILE) if name in known}
            try:
                tokens = sources.tokens(values)
            except TokensUnusable:
                continue  # said by fleet_settings before anything was written
            if tokens is None:
                continue
            region = canonical_region(templar.template(known.get("esa_ctr_region", ""))) or ""
            pools = regions.setdefault(region, [])
            claimants = next((hosts for pool, hosts in pools if pool is tokens), None)
            if claimants is None:
                claimants = []
                pools.append((tokens, claimants))
            claimants.append(_claimant(host, found.get(host, known)))
        return regions

    def _turn(
        self, region: str, needing: set[str], pools: list[tuple[Tokens, list[Claimant]]], batch: set[str]
    ) -> dict[str, Any]:
        turn: dict[str, Any] = {"item": region, "devices": [], "tokens": [], "given": 0, "left_over": 0}
        for tokens, claimants in pools:
            handed = hand_out(tokens, claimants, region)
            # A host of this batch that failed meanwhile does not get what is kept for it.
            kept = sum(host in batch and host not in needing for host in handed.tokens)
            turn["given"] += len(tokens.all())
            turn["left_over"] += handed.left_over + kept
            for claimant in claimants:
                if claimant.host not in needing:
                    continue
                token = handed.tokens.get(claimant.host)
                entry = {"name": claimant.device, "id": None, "action": "handed_out" if token else "failed"}
                turn["devices"].append({**entry, "error": handed.refused.get(claimant.host)})
                if token and not self._task.check_mode:
                    turn["tokens"].append({"name": claimant.device, "token": token})
        return turn


def _claimant(host: str, variables: Mapping[str, Any]) -> Claimant:
    """What the first task of the role has found out about this host; hosts of later batches are not read yet."""
    service = (variables.get(READ) or {}).get("cloud_service") or {}
    registration = service.get("registration")
    return Claimant(
        host=host,
        device=str(service["hostname"]) if service.get("hostname") else None,
        needs_token=registration is not None and registration != "registered",
        read=registration is not None,
    )
