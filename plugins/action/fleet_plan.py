# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks the settings of a play, reads its appliances and their regions, and plans what a run would do."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import Wish
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.progress import Progress
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.library import (
    ASYNCSSH_MISSING,
    HAS_ASYNCSSH,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.module_types import TITLES
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.options import client_of_account
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.query import query_problem, tracking_search
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet import work
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.carry import pack
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import FleetState, Goal, Settings, TokensOutcome
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan, plan_fleet
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import Claimant, hand_out_in
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import Problem
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.progress import usable
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.quota import quota_problems
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.read import (
    RegionReading,
    read_appliances,
    read_regions,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.settings import (
    JOBS,
    regions_in_use,
    sma_problems,
    smas_elsewhere,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.verification import product_in_sse
from ansible_collections.emailsec.ctr.plugins.module_utils._http.transport import REQUESTS_IMPORT_ERROR
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._event_loop import run
from ansible_collections.emailsec.ctr.plugins.plugin_utils._problems import refusal
from ansible_collections.emailsec.ctr.plugins.plugin_utils._settings import CheckedPlay, check_play

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "job": {"type": "str", "choices": ["", *JOBS], "default": ""},
    "allow_managed": {"type": "bool", "default": False},
    "appliances": {"type": "bool", "default": True},
    "wait_for_busy": {"type": "bool", "default": False},
}
REQUESTS_MISSING = (
    "The Python library requests is missing on the controller. Remedy: install it into the Python that runs Ansible: "
    "python -m pip install -r requirements.txt of this collection."
)


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        play = check_play(self, task_vars or {}, options["job"], options["allow_managed"])
        if play.warning:
            self._display.warning(play.warning)
        if play.problems:
            result.update(refusal(self, [*play.problems, *play.managed]))
            return result
        for missing, text in ((not HAS_ASYNCSSH, ASYNCSSH_MISSING), (REQUESTS_IMPORT_ERROR, REQUESTS_MISSING)):
            if missing:
                raise AnsibleActionFail(text)
        goal = Goal(play.run.state)
        state = self._read(play, options, goal)
        problems = _problems_after_reading(play, state, options["job"], goal)
        if problems:
            result.update(refusal(self, problems))
            return result
        result.update(changed=False, **self._planned(play, state, goal, bool(options["appliances"])))
        # For the tasks that follow; nobody would want to read it.
        result["_ansible_no_log"] = True
        return result

    def _read(self, play: CheckedPlay, options: Mapping[str, Any], goal: Goal) -> FleetState:
        """Appliances and regions at the same time. While an ESA of an SMA stops the play, only what tells of that SMA."""
        reads = options["appliances"] and not play.managed
        used = regions_in_use({host: play.wanted[host] for host in play.batch})
        hosts = self._hosts_to_read(play) if reads else []
        pause = play.run.busy_pause if options["wait_for_busy"] else 0.0
        progress = Progress(len(hosts), time.monotonic) if hosts else None

        def options_of(host: str) -> SshOptions:
            found = play.ssh[host]
            self._display.vvv(f"ESTABLISH ASYNCOS CONNECTION FOR USER: {found.user} ON PORT {found.port}", found.host)
            return found

        def finished(reading: ApplianceReading) -> None:
            line = progress.count(failed=reading.service is None) if progress else None
            if line:
                self._display.display(line)

        async def read() -> tuple[dict[str, ApplianceReading], dict[str, RegionReading]]:
            wishes = {host: _wish(play, host, goal) for host in hosts}
            appliances = read_appliances(hosts, options_of, wishes, play.run.concurrency, finished, pause)
            # An appliance that moves leaves a module in its old region, which is known only when all are read.
            moves = any(play.wanted[host].allow_region_change for host in play.batch)
            regions = read_regions(
                play.regions_to_read,
                (play.regions_to_read if moves else used) if reads else (),
                lambda region: client_of_account(region, play.accounts.get(region, {}), os.environ),
                lambda region: _named_types(play.accounts.get(region, {})),
            )
            return await asyncio.gather(appliances, regions)

        appliances, regions = run(read())
        return FleetState(
            Settings(
                {host: play.wanted[host] for host in play.batch},
                tuple(used),
                play.claims,
                play.run.other_hosts or (),
                play.run.prune,
            ),
            appliances,
            {region: found.devices for region, found in regions.items()},
            {region: found.modules for region, found in regions.items() if found.modules is not None},
        )

    @staticmethod
    def _hosts_to_read(play: CheckedPlay) -> list[str]:
        """The batch; all of the play where it matters what the others are called, or which tokens they need."""
        whole = play.run.prune or any(one.manual_token for one in play.wanted.values())
        return list(play.wanted) if whole else play.batch

    @staticmethod
    def _planned(play: CheckedPlay, state: FleetState, goal: Goal, with_appliances: bool) -> dict[str, Any]:
        to_do: dict[str, Any] = {}
        if with_appliances:
            handed_out: dict[str, TokensOutcome] = {}

            def hand_out(needed: Mapping[str, Any]) -> Mapping[str, TokensOutcome]:
                handed_out.update(_handed_out(play, state, needed))
                return handed_out

            to_do = _to_do(state, plan_fleet(state, goal, hand_out), goal)
            state = replace(state, portal_tokens=handed_out)
        return {
            "reading": pack(state),
            "regions": [name for name in state.settings.regions if _is_usable(state, name)],
            "regions_of": {host: one.region for host, one in state.settings.hosts.items()},
            "account_keys": play.account_keys,
            "products": _products(state, with_appliances),
            "query_problem": query_problem(play.run.query),
            "search": tracking_search(play.run.query),
            **to_do,
        }


def _is_usable(state: FleetState, region: str) -> bool:
    """Whether anything can be done in a region, for at least one of its appliances."""
    wanted = [one for one in state.settings.hosts.values() if one.region == region]
    return any(usable(one, state.devices.get(region)) for one in wanted)


def _products(state: FleetState, with_appliances: bool) -> dict[str, str]:
    """By host, C(esa) or C(sma): of those that were read, or where none was to be read, what SSE shows."""
    if not with_appliances:
        return {host: product_in_sse(one, state.devices) for host, one in state.settings.hosts.items()}
    read = {host: one.service for host, one in state.appliances.items() if one.service is not None}
    return {host: service.identity.product.lower() for host, service in read.items()}


def _named_types(account: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The module types that the account of a region names, by product."""
    named = {product: account.get(product) or {} for product in TITLES}
    return {
        product: {key: str(text) for key, text in how.items() if text}
        for product, how in named.items()
        if any(how.values())
    }


def _wish(play: CheckedPlay, host: str, goal: Goal) -> Wish:
    """What a run wants of this appliance; the token is one that is never used."""
    wanted = play.wanted[host]
    if goal is Goal.ABSENT:
        return Wish("disabled" if wanted.disable_on_removal else "unregistered", commit_comment=wanted.commit_comment)
    return Wish(
        "registered",
        REGIONS[wanted.region].appliance_server,
        has_token=True,
        allow_reregistration=wanted.allow_region_change,
        commit_comment=wanted.commit_comment,
    )


def _problems_after_reading(play: CheckedPlay, state: FleetState, job: str, goal: Goal) -> list[Problem]:
    """What only SSE can tell: whether SMAs are registered, and whether the quota is enough."""
    problems = list(play.managed)
    if problems:
        problems += sma_problems(smas_elsewhere(play.wanted), state.devices)
    if job != "report":
        timeout, interval = play.run.wait_timeout, play.run.wait_interval
        problems += quota_problems(state.settings.hosts, state.devices, goal, timeout, interval)
    return problems


def _handed_out(play: CheckedPlay, state: FleetState, needed: Mapping[str, Any]) -> dict[str, TokensOutcome]:
    """Who would get which token of the portal. Nobody sees the tokens."""
    claimants = {
        host: Claimant(host, one.service.hostname, one.service.registration != "registered", read=True)
        for host, one in state.appliances.items()
        if one.service is not None
    }
    outcomes = {}
    for region in play.pools.regions if play.pools else ():
        needing = set(needed.get(region, ()))
        outcome, _tokens = hand_out_in(region, play.pools.of_region(region, claimants), needing, set(play.batch))
        outcomes[region] = outcome
    return outcomes


def _to_do(state: FleetState, plan: FleetPlan, goal: Goal) -> dict[str, Any]:
    """Which hosts take part in the tasks of a run, and what these need to know of the plan."""
    rows = plan.progress
    unread = [
        host
        for host, row in rows.items()
        if usable(row.wanted, state.devices.get(row.region)) and _needs_a_closer_look(state.appliances[host])
    ]
    prunes = goal is Goal.PRESENT and state.settings.prune
    prune = {
        "modules": {one["region"]: one for one in work.prune_module_options(plan.outcomes, state)} if prunes else {},
        "records": {one["region"]: one for one in work.prune_record_options(plan.orphans, state)} if prunes else {},
    }
    included = [host for host, row in rows.items() if row.steps or row.stop or host in unread]
    others = [host for host in rows if host not in included]
    if (included or any(prune.values())) and others:
        # One that is fine carries the tasks of the regions if all others fail.
        included.append(others[0])
    settings = [
        host
        for host, outcome in plan.outcomes.enable.items()
        if outcome.steps and (rows[host].stop is None or rows[host].steps)
    ]
    return {
        "included": included,
        "enable": [host for host in rows if host in {*settings, *unread}],
        "read_again": unread,
        "prune": prune,
        "prunes": prunes,
        "moves": any(row.wanted.allow_region_change for row in rows.values()),
        "manual_tokens": any(row.wanted.manual_token for row in rows.values()),
    }


def _needs_a_closer_look(reading: ApplianceReading) -> bool:
    """Whether a task on the appliance itself may get further: it was not read, or was busy. It then fails by itself."""
    return reading.failure is not None or reading.busy
