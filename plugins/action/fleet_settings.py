# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and checks the role's variables of all hosts of the play at once, each as a task on that host would see them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.connections import ASYNCOS, not_asyncos
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import FILE, TOKENS, TokensUnusable
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import Kind, Problem
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.quota import quota_problems
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.settings import (
    JOBS,
    accounts_of,
    check_managed,
    check_settings,
    check_state,
    regions_in_use,
    regions_to_read,
    settings_of,
    sma_problems,
    smas_elsewhere,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.ssh_variables import NAMES, unused_ssh_variables
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import (
    INTERNAL,
    PREFIX,
    check_variables,
    flag,
    plain,
)
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._evaluated import OMITTED, evaluated, evaluated_tree
from ansible_collections.emailsec.ctr.plugins.plugin_utils._host_connections import HostConnections
from ansible_collections.emailsec.ctr.plugins.plugin_utils._host_variables import HostVariables
from ansible_collections.emailsec.ctr.plugins.plugin_utils._problems import refusal
from ansible_collections.emailsec.ctr.plugins.plugin_utils._role_variables import role_options
from ansible_collections.emailsec.ctr.plugins.plugin_utils._token_sources import TokenSources

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "job": {"type": "str", "choices": ["", *JOBS], "default": ""},
    "whole_inventory": {"type": "bool", "default": False},
    "allow_managed": {"type": "bool", "default": False},
    "checked": {"type": "dict"},
    "devices": {"type": "dict"},
}
CONTROLLER_JOB = {"awx_job_id", "tower_job_id"}
"""Variables that an automation controller sets in every job."""


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        if options["checked"] is not None:
            problems = _after_reading(options)
            result.update(refusal(self, problems) if problems else {"changed": False})
        else:
            result.update(self._settings(options, task_vars or {}))
        return result

    def _settings(self, options: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Everything that can be checked before a connection; a failed result if anything is wrong."""
        # All hosts of the play are checked with its first batch: a problem of a later one stops it before any write.
        hosts = [str(host) for host in task_vars["ansible_play_hosts_all"]]
        play = _Play(self, task_vars)
        for host in hosts:
            play.read(host)
        settings = {host: settings_of(host, values) for host, values in play.values.items()}
        first = next(iter(play.values.values()), {})
        accounts = accounts_of(first)
        prune = flag(plain(first.get("esa_ctr_prune", False))) and options["job"] != "report"
        wrong = list(check_variables(role_options(), play.values, _readable))
        problems = [
            *play.problems,
            *check_state(options["job"], play.values),
            *wrong,
            *check_settings(settings, accounts, os.environ),
            *self._token_problems(settings, play.values, _hosts_of(wrong, (TOKENS, FILE))),
        ]
        if prune and "esa_ctr_other_hosts" not in first and CONTROLLER_JOB & set(task_vars):
            problems.append(_SLICES)
        managed = [] if options["allow_managed"] else list(check_managed(settings))
        warning = unused_ssh_variables(play.ssh)
        if problems:
            found = refusal(self, [*problems, *managed])
        else:
            batch = {host: settings[host] for host in map(str, task_vars["ansible_play_batch"])}
            found = {
                "changed": False,
                "hosts": batch,
                "regions": regions_in_use(batch),
                "regions_to_read": regions_to_read(settings, accounts, os.environ, bool(managed)),
                "account_keys": {region: key for region, (key, _account) in accounts.items()},
                "smas_elsewhere": smas_elsewhere(settings) if managed else {},
                "managed": [{**asdict(problem), "kind": problem.kind.value} for problem in managed],
                "run": _run_of(first, options["job"]),
                "claims": self._claims(play.variables) if options["whole_inventory"] or prune else [],
            }
        return {**found, "warnings": [warning]} if warning else found

    def _token_problems(
        self,
        settings: Mapping[str, Mapping[str, Any]],
        values: Mapping[str, Mapping[str, Any]],
        wrong: Collection[str],
    ) -> Iterator[Problem]:
        """What is wrong with the tokens of the portal, except of hosts whose variables are ``wrong`` already."""
        pools = _TokenPools(self._loader)
        for host, wanted in settings.items():
            if host in wrong:
                continue
            variables = {name: plain(value) for name, value in values[host].items()}
            for text in pools.problems(host, wanted["region"], variables):
                says, _word, fix = text.partition(" Remedy: ")
                # A problem of a source is one for all hosts that name it.
                hosts = () if text.startswith(f"{host}: ") else (host,)
                yield Problem(Kind.TOKENS, "", says.rstrip("."), fix, hosts)

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


_SLICES = Problem(
    Kind.CONTRADICTION,
    "esa_ctr_prune",
    "is true in a job of an automation controller, whose slices see only a part of the inventory",
    "set esa_ctr_other_hosts to the appliances of the other slices, or to [] if the job is not sliced.",
)


class _Play:
    """The variables of one host after another: those of the role, those of SSH, and what is wrong with the connection."""

    def __init__(self, action: ActionModule, task_vars: dict[str, Any]) -> None:
        self.variables = HostVariables(action, task_vars)
        self.values: dict[str, dict[str, Any]] = {}
        self.ssh: dict[str, dict[str, Any]] = {}
        self._connection = str(action._task.connection)
        self._user = action._task.remote_user
        self._templar: Any = None
        self._connections = HostConnections(action, self, task_vars)  # type: ignore[arg-type]
        self._wrong: dict[str, tuple[str, bool]] = {}
        self._problems: list[Problem] = []

    @property
    def problems(self) -> list[Problem]:
        return [*not_asyncos(self._wrong), *self._problems]

    def templar(self, _host: str) -> Any:
        """The variables of the host that is being read, for HostConnections."""
        return self._templar

    def read(self, host: str) -> None:
        """Read one host; the variables of a host that is no appliance are left out."""
        self._templar = templar = self.variables.templar(host)
        known = templar.available_variables
        given = known.get("ansible_connection")
        connection = self._connection if given is None else plain(evaluated(templar, given))
        if connection is not None and str(connection) != ASYNCOS:
            self._wrong[host] = (str(connection), given is not None)
            return
        self._check_ssh(host)
        self.ssh[host] = {name: plain(evaluated(templar, known[name])) for name in NAMES if name in known}
        values = {
            name: evaluated_tree(templar, value) if name == "esa_ctr_regions" else evaluated(templar, value)
            for name, value in known.items()
            if name.startswith(PREFIX) and not name.startswith(INTERNAL)
        }
        self.values[host] = {name: value for name, value in values.items() if value is not OMITTED}

    def _check_ssh(self, host: str) -> None:
        try:
            user = self._connections.ssh_options(host).user
        except AsyncOSError as error:
            self._problems.append(Problem(Kind.CONNECTION, "", error.problem.rstrip("."), error.remedy, (host,)))
            return
        if not user and not self._user:
            fix = "set it in the inventory to the user that logs in to the appliances, such as admin."
            self._problems.append(Problem(Kind.CONNECTION, "ansible_user", "is not set", fix, (host,)))


def _hosts_of(problems: Iterable[Problem], subjects: Collection[str]) -> set[str]:
    return {host for problem in problems if problem.subject in subjects for host in problem.hosts}


def _run_of(variables: Mapping[str, Any], job: str) -> dict[str, Any]:
    """The settings of the whole play that later checks use, in their types."""
    state = plain(variables.get("esa_ctr_state", JOBS[job][0] if job else "present"))
    timeout, interval = (plain(variables.get(f"esa_ctr_wait_{name}", 0)) for name in ("timeout", "interval"))
    return {"state": str(state), "wait_timeout": float(timeout), "wait_interval": float(interval), "job": job}


def _after_reading(options: Mapping[str, Any]) -> list[Problem]:
    """What only SSE can tell: whether SMAs are registered, and whether the quota is enough."""
    checked, devices = options["checked"], options["devices"]
    problems = [
        Problem(Kind(each["kind"]), each["subject"], each["says"], each["fix"], tuple(each["hosts"]))
        for each in checked["managed"]
    ]
    if problems:
        problems += sma_problems(checked["smas_elsewhere"], devices)
    run = checked["run"]
    if run["job"] != "report":
        problems += quota_problems(checked["hosts"], devices, run["wait_timeout"], run["wait_interval"], run["state"])
    return problems


def _readable(path: str) -> bool:
    return os.access(os.path.expanduser(os.path.expandvars(path)), os.R_OK)


def _evaluated(templar: Any, name: str) -> str:
    """A variable of a host, or an empty string for one that is not there or cannot be evaluated."""
    value = plain(evaluated(templar, templar.available_variables.get(name)))
    return "" if value is None or value is OMITTED else str(value)


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
