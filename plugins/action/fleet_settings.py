# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and checks the role's variables of all hosts of the play at once, each as a task on that host would see them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import TokensUnusable
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.settings import (
    PER_HOST,
    check_settings,
    regions_in_use,
    regions_to_read,
    settings_of,
    smas_elsewhere,
)
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._host_variables import HostVariables
from ansible_collections.emailsec.ctr.plugins.plugin_utils._token_sources import TokenSources

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "regions": {"type": "dict", "required": True},
    "whole_inventory": {"type": "bool", "default": False},
    "allow_managed": {"type": "bool", "default": False},
    "prune": {"type": "bool", "default": False},
    "other_hosts": {"type": "list", "elements": "str"},
}
CONTROLLER_JOB = {"awx_job_id", "tower_job_id"}
"""Variables that an automation controller sets in every job."""
ASYNCOS = "emailsec.ctr.asyncos"


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        settings: dict[str, dict[str, Any]] = {}
        problems: list[str] = []
        task_vars = task_vars or {}
        variables = HostVariables(self, task_vars)
        pools = _TokenPools(self._loader)
        # All hosts of the play are checked with its first batch: a problem of a later one stops it before any write.
        for host in map(str, task_vars["ansible_play_hosts_all"]):
            values = {}
            templar = variables.templar(host)
            for name in PER_HOST:
                if name not in templar.available_variables:
                    continue
                try:
                    values[name] = templar.template(templar.available_variables[name])
                except Exception as error:  # the classes of templating errors differ between releases of ansible-core
                    problems.append(f"{host}: {name} cannot be evaluated ({error}). Remedy: define all that it uses.")
            settings[host] = settings_of(host, values)
            found = pools.problems(host, settings[host]["region"], values)
            problems += [
                problem for problem in found if problem not in problems
            ]  # hosts that share a source share its problem
        problems += check_settings(settings, options["regions"], os.environ, options["allow_managed"])
        if options["prune"] and options["other_hosts"] is None and CONTROLLER_JOB & set(task_vars):
            problems.append(
                "esa_ctr_prune: this is a job of an automation controller, whose slices see only a part of the inventory. Remedy: "
                "set esa_ctr_other_hosts to the appliances of the other slices, or to [] where the job is not sliced."
            )
        batch = {host: settings[host] for host in map(str, task_vars["ansible_play_batch"])}
        result.update(
            changed=False,
            hosts=batch,
            regions=regions_in_use(batch),
            regions_to_read=regions_to_read(settings, options["regions"], os.environ, problems),
            smas_elsewhere=smas_elsewhere(settings),
            claims=self._claims(variables) if options["whole_inventory"] or options["prune"] else [],
            problems=problems,
        )
        return result

    def _claims(self, variables: HostVariables) -> list[dict[str, Any]]:
        """Every appliance of the inventory, whatever limit and batch say, with the names that SSE may know it by."""
        claims = []
        for host in variables.whole_inventory():
            templar = variables.templar(host)
            known = templar.available_variables
            if known.get("ansible_connection") != ASYNCOS and not known.get("esa_ctr_region"):
                continue
            address, module_name = (
                _evaluated(templar, name) or host for name in ("ansible_host", "esa_ctr_module_name")
            )
            claims.append({"host": host, "names": sorted({host, address}), "module_name": module_name})
        return claims


def _evaluated(templar: Any, name: str) -> str:
    """A variable of a host, or an empty string for one that is not there or cannot be evaluated."""
    value = templar.available_variables.get(name)
    try:
        return "" if value is None else str(templar.template(value))
    except Exception:  # the classes of templating errors differ between releases of ansible-core
        return ""


class _TokenPools:
    """The sources of portal tokens seen so far. A token stands in one source, and a source serves one region."""

    def __init__(self, loader: Any) -> None:
        self._sources = TokenSources(loader)
        self._first_host: dict[tuple[str, int], str] = {}
        self._owner: dict[str, str] = {}

    def problems(self, host: str, region: str | None, values: Mapping[str, Any]) -> list[str]:
        """What is wrong with the tokens that this host's variables name."""
        try:
            tokens = self._sources.tokens(values)
        except TokensUnusable as error:
            return [str(error)]
        if tokens is None or (str(region), id(tokens)) in self._first_host:
            return []
        self._first_host[str(region), id(tokens)] = host
        strangers = {self._owner.setdefault(token, host) for token in tokens.all()} - {host}
        return [
            f"{host}: shares registration tokens with {stranger}, which has another region or another list of tokens. "
            "Remedy: give each region tokens of its own, generated in its own portal; a token works once."
            for stranger in sorted(strangers)
        ]
