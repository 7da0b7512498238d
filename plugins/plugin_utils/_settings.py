# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read and check the variables of the role for all hosts of the play, before any connection.

The variables of a host have the values that a task on this host would see. Settings, SSH options and tokens are evaluated once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import NO_PROFILE, Profile, activate
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.connections import ASYNCOS, not_asyncos
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import InventoryAppliance, Wanted
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import FILE, TOKENS
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import Kind, Problem
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.settings import (
    RunSettings,
    accounts_of,
    check_managed,
    check_settings,
    check_state,
    regions_to_read,
    run_of,
    settings_of,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.ssh_variables import NAMES, unused_ssh_variables
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import (
    INTERNAL,
    PREFIX,
    check_variables,
    plain,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._profile.format import REGION
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import canonical_region

from ._evaluated import OMITTED, evaluated, evaluated_tree
from ._host_connections import HostConnections
from ._host_variables import HostVariables
from ._portal_tokens import TokenPools
from ._profile_files import VARIABLE as PROFILE
from ._profile_files import load_profile
from ._role_variables import role_options
from ._run_secrets import know_secrets_of_play

CONTROLLER_JOB = {"awx_job_id", "tower_job_id"}
"""Variables that an automation controller sets in each job."""


@dataclass
class CheckedPlay:
    """The settings of a play, and their problems.

    ``problems`` stop the play before anything is read. ``managed`` are problems of ESAs that must be integrated through an
    SMA; they stop the play after SSE is read. ``wanted`` has all hosts of the play, ``batch`` those of the current batch.
    """

    problems: list[Problem]
    warning: str | None = None
    managed: list[Problem] = field(default_factory=list)
    wanted: dict[str, Wanted] = field(default_factory=dict)
    batch: list[str] = field(default_factory=list)
    accounts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    account_keys: dict[str, str] = field(default_factory=dict)
    regions_to_read: list[str] = field(default_factory=list)
    ssh: dict[str, SshOptions] = field(default_factory=dict)
    run: RunSettings = field(default_factory=RunSettings)
    inventory: tuple[InventoryAppliance, ...] = ()
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    profile: Profile = NO_PROFILE
    pools: TokenPools | None = None


def check_play(
    action: ActionBase, task_vars: dict[str, Any], job: str, allow_managed: bool, new_regions: bool = False
) -> CheckedPlay:
    """Return the settings of the play, after all checks that need no connection, and apply its profile.

    The first batch checks all hosts of the play, so a problem in a later batch stops the play before any write.
    ``new_regions`` accepts unknown regions whose account has an C(api_url).
    """
    hosts = [str(host) for host in task_vars["ansible_play_hosts_all"]]
    play = _Play(action, task_vars)
    for host in hosts:
        play.read(host)
    first = next(iter(play.values.values()), {})
    profile, faults = load_profile(plain(first.get(PROFILE)), action._loader)
    activate(_with_new_regions(profile, first) if new_regions else profile)
    wanted = {host: settings_of(host, values) for host, values in play.values.items()}
    accounts = accounts_of(first)
    pools = TokenPools(action._loader)
    wrong = list(check_variables(role_options(), play.values, _readable))
    problems = [
        *play.problems,
        *(Problem(Kind.WRONG_VALUE, fault.where, fault.problem, f"{fault.fix}.") for fault in faults),
        *check_state(job, play.values),
        *wrong,
        *check_settings(wanted, accounts, os.environ),
        *_token_problems(pools, wanted, play.values, _hosts_of(wrong, (TOKENS, FILE))),
    ]
    know_secrets_of_play(play.values, pools.all())
    managed = [] if allow_managed else list(check_managed(wanted))
    if not problems:
        run = run_of(first, job)
        if run.prune and job != "report" and run.other_hosts is None and CONTROLLER_JOB & set(task_vars):
            problems.append(_SLICES)
    checked = CheckedPlay(problems, unused_ssh_variables(play.ssh), managed, wanted, profile=profile, pools=pools)
    if problems:
        return checked
    checked.run = run
    checked.values = play.values
    checked.batch = [str(host) for host in task_vars["ansible_play_batch"]]
    checked.accounts = {region: {**account, "record": run.record} for region, (_key, account) in accounts.items()}
    checked.account_keys = {region: key for region, (key, _account) in accounts.items()}
    checked.regions_to_read = regions_to_read(wanted, accounts, os.environ, bool(managed))
    checked.ssh = play.ssh_options
    if run.prune or job == "report":
        checked.inventory = tuple(_inventory_appliances(play))
    return checked


def _with_new_regions(profile: Profile, variables: Mapping[str, Any]) -> Profile:
    """Return the profile with the regions of the settings that nothing defines yet. Their server is unknown."""
    accounts = plain(variables.get("esa_ctr_regions"))
    found = {
        str(name): {"label": str(name).upper()}
        for name, account in (accounts.items() if isinstance(accounts, Mapping) else ())
        if canonical_region(name) is None
        and re.fullmatch(REGION, str(name))
        and isinstance(plain(account), Mapping)
        and plain(plain(account).get("api_url"))
    }
    return replace(profile, regions={**profile.regions, **found}) if found else profile


def _token_problems(
    pools: TokenPools,
    wanted: Mapping[str, Wanted],
    values: Mapping[str, Mapping[str, Any]],
    wrong: Collection[str],
) -> Iterator[Problem]:
    """Yield problems of the tokens from the portal. Skip hosts that already have ``wrong`` token variables."""
    for host, one in wanted.items():
        if host in wrong:
            continue
        variables = {name: plain(value) for name, value in values[host].items()}
        for text in pools.add(host, one.region, variables):
            problem, _word, fix = text.partition(" Fix: ")
            yield Problem(Kind.TOKENS, "", problem.rstrip("."), fix, (host,))


def _hosts_of(problems: Iterable[Problem], subjects: Collection[str]) -> set[str]:
    return {host for problem in problems if problem.subject in subjects for host in problem.hosts}


def _inventory_appliances(play: _Play) -> Iterator[InventoryAppliance]:
    """Yield all appliances of the inventory, regardless of limit and batch, with the names that SSE may show."""
    for host in play.variables.whole_inventory():
        if host in play.values:
            address, module_name = play.addresses[host], _text(play.values[host].get("esa_ctr_module_name"))
        else:
            templar = play.variables.templar(host)
            known = templar.available_variables
            if known.get("ansible_connection") != ASYNCOS and not known.get("esa_ctr_region"):
                continue
            address, module_name = (_evaluated(templar, name) for name in ("ansible_host", "esa_ctr_module_name"))
        yield InventoryAppliance(host, tuple(sorted({host, address or host})), module_name or host)


_SLICES = Problem(
    Kind.CONTRADICTION,
    "esa_ctr_prune",
    "true in a job of an automation controller, where a slice sees only a part of the inventory",
    "set esa_ctr_other_hosts to the appliances of the other slices, or to [] if the job is not sliced.",
)


class _Play:
    """The variables of all hosts: those of the role, those of SSH, and problems with the connection."""

    def __init__(self, action: ActionBase, task_vars: dict[str, Any]) -> None:
        self.variables = HostVariables(action, task_vars)
        self.values: dict[str, dict[str, Any]] = {}
        self.addresses: dict[str, str] = {}
        self.ssh: dict[str, dict[str, Any]] = {}
        self.ssh_options: dict[str, SshOptions] = {}
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
        """Return the variables of the host that is being read. Called by HostConnections."""
        return self._templar

    def read(self, host: str) -> None:
        """Read the variables of one host. Skip a host without the connection of an appliance."""
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
        self.addresses[host] = _evaluated(templar, "ansible_host")

    def _check_ssh(self, host: str) -> None:
        try:
            options = self._connections.ssh_options(host)
        except AsyncOSError as error:
            self._problems.append(Problem(Kind.CONNECTION, "", error.problem.rstrip("."), error.fix, (host,)))
            return
        self.ssh_options[host] = options
        if not options.user and not self._user:
            fix = "set it in the inventory to the login of the appliances, such as admin."
            self._problems.append(Problem(Kind.CONNECTION, "ansible_user", "is not set", fix, (host,)))


def _readable(path: str) -> bool:
    return os.access(os.path.expanduser(os.path.expandvars(path)), os.R_OK)


def _evaluated(templar: Any, name: str) -> str:
    """Return a variable of a host, or an empty string if it is not set or cannot be evaluated."""
    return _text(evaluated(templar, templar.available_variables.get(name)))


def _text(value: Any) -> str:
    value = plain(value)
    return "" if value is None or value is OMITTED else str(value)
