# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Check the settings of a play, then read its appliances and regions at the same time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import DesiredState
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
from ansible_collections.emailsec.ctr.plugins.module_utils._files import absolute
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import FleetState, Goal, Settings, TokensOutcome
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan, plan_fleet
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import TokenHost
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import Problem
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.quota import quota_problems
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.read import (
    RegionReading,
    read_appliances,
    read_regions,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.serialization import pack
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.settings import (
    WITHOUT_QUOTA_CHECK,
    regions_in_use,
    sma_problems,
    smas_elsewhere,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.transport import (
    REQUESTS_IMPORT_ERROR,
    REQUESTS_MISSING,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions

from ._event_loop import run
from ._problems import refusal
from ._reading_display import ReadingDisplay
from ._run_secrets import packed_secrets
from ._settings import CheckedPlay, check_play


class FleetRefused(Exception):
    """Raised after the problems were shown. ``result`` is the failed result of the task."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__(result["msg"])
        self.result = result


def read_fleet(
    action: ActionBase,
    task_vars: dict[str, Any],
    job: str,
    allow_managed: bool = False,
    appliances: bool = True,
    wait_for_busy: bool = False,
    hosts: Sequence[str] | None = None,
) -> tuple[CheckedPlay, FleetState]:
    """Return the checked settings of the play and the state of its fleet.

    ``job`` is one of C(settings.JOBS), or empty. Without ``appliances`` only the devices of the regions are read. ``hosts``
    restricts the reading to some hosts of the current batch.
    Raise FleetRefused for problems with settings, and AnsibleActionFail for a missing Python library.
    """
    play = check_play(action, task_vars, job, allow_managed)
    if play.warning:
        action._display.warning(play.warning)
    if play.problems:
        raise FleetRefused(refusal(action, [*play.problems, *play.managed]))
    require_libraries()
    if hosts is not None:
        chosen = set(hosts)
        play.batch = [host for host in play.batch if host in chosen]
    state = _read(action, play, appliances, wait_for_busy)
    problems = _problems_after_reading(play, state, job)
    if problems:
        raise FleetRefused(refusal(action, problems))
    return play, state


def require_libraries() -> None:
    """Raise AnsibleActionFail for a Python library that is missing on the controller."""
    for missing, text in ((not HAS_ASYNCSSH, ASYNCSSH_MISSING), (REQUESTS_IMPORT_ERROR, REQUESTS_MISSING)):
        if missing:
            raise AnsibleActionFail(text)


def plan_play(play: CheckedPlay, state: FleetState) -> tuple[FleetPlan, FleetState]:
    """Return the plan of a run, and the state with the hosts that would get tokens from the portal."""
    handed_out: dict[str, TokensOutcome] = {}

    def hand_out(needed: Mapping[str, Sequence[str]]) -> Mapping[str, TokensOutcome]:
        handed_out.update(_handed_out(play, state, needed))
        return handed_out

    plan = plan_fleet(state, Goal(play.run.state), hand_out)
    return plan, replace(state, portal_tokens=handed_out)


def values_for_tasks(play: CheckedPlay, state: FleetState) -> dict[str, Any]:
    """Return the reading, and the values that later tasks on regions and appliances need. Only ``secrets`` has secrets."""
    return {
        "secrets": packed_secrets(),
        "reading": pack(state),
        "account_keys": play.account_keys,
        "profile": play.profile.given,
        "record": play.run.record and absolute(play.run.record),
    }


def _read(action: ActionBase, play: CheckedPlay, appliances: bool, wait_for_busy: bool) -> FleetState:
    """Read appliances and regions at the same time. If an ESA of an SMA stops the play, read only the regions of the SMA."""
    reads = appliances and not play.managed
    used = regions_in_use({host: play.wanted[host] for host in play.batch})
    hosts = _hosts_to_read(play) if reads else []
    pause = play.run.busy_pause if wait_for_busy else 0.0
    display = ReadingDisplay(action, len(hosts))

    def options_of(host: str) -> SshOptions:
        return display.connecting(play.ssh[host])

    async def read() -> tuple[dict[str, ApplianceReading], dict[str, RegionReading]]:
        desired_states = {host: _desired(play, host) for host in hosts}
        services = read_appliances(hosts, options_of, desired_states, play.run.concurrency, display.finished, pause)
        # A move removes modules in the old region, which is unknown before the appliances are read.
        moves = any(play.wanted[host].allow_region_change for host in play.batch)
        regions = read_regions(
            play.regions_to_read,
            (play.regions_to_read if moves else used) if reads else (),
            lambda region: client_of_account(region, play.accounts.get(region, {}), os.environ),
            lambda region: _named_types(play.accounts.get(region, {})),
        )
        return await asyncio.gather(services, regions)

    readings, regions = run(read())
    return FleetState(
        Settings(
            {host: play.wanted[host] for host in play.batch},
            tuple(used),
            play.inventory,
            play.run.other_hosts or (),
            play.run.prune,
            play.profile.given,
            play.profile.sources,
        ),
        readings,
        {region: found.devices for region, found in regions.items()},
        {region: found.modules for region, found in regions.items() if found.modules is not None},
    )


def _hosts_to_read(play: CheckedPlay) -> list[str]:
    """Return the hosts of the batch, or of the whole play if pruning or tokens from the portal need all."""
    whole = play.run.prune or any(one.manual_token for one in play.wanted.values())
    return list(play.wanted) if whole else play.batch


def _named_types(account: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return, by product, the module types that the account of a region names."""
    named = {product: account.get(product) or {} for product in TITLES}
    return {
        product: {key: str(text) for key, text in how.items() if text}
        for product, how in named.items()
        if any(how.values())
    }


def _desired(play: CheckedPlay, host: str) -> DesiredState:
    """What a run wants of this appliance; the token is one that is never used."""
    wanted = play.wanted[host]
    if Goal(play.run.state) is Goal.ABSENT:
        return DesiredState(
            "disabled" if wanted.disable_on_removal else "unregistered", commit_comment=wanted.commit_comment
        )
    return DesiredState(
        "registered",
        all_regions()[wanted.region].appliance_server,
        has_token=True,
        allow_reregistration=wanted.allow_region_change,
        commit_comment=wanted.commit_comment,
    )


def _problems_after_reading(play: CheckedPlay, state: FleetState, job: str) -> list[Problem]:
    """Return the problems that only SSE shows: unregistered SMAs, and a quota that is too small."""
    problems = list(play.managed)
    if problems:
        problems += sma_problems(smas_elsewhere(play.wanted), state.devices)
    if job not in WITHOUT_QUOTA_CHECK:
        timeout, interval = play.run.wait_timeout, play.run.wait_interval
        problems += quota_problems(state.settings.hosts, state.devices, Goal(play.run.state), timeout, interval)
    return problems


def _handed_out(play: CheckedPlay, state: FleetState, needed: Mapping[str, Sequence[str]]) -> dict[str, TokensOutcome]:
    """Return, by region, which hosts would get a token from the portal, without the tokens."""
    if play.pools is None:
        return {}
    read = {
        host: TokenHost(host, one.service.hostname, one.service.registration != "registered", read=True)
        for host, one in state.appliances.items()
        if one.service is not None
    }
    handed_out = play.pools.hand_out(needed, read, set(play.batch))
    return {region: outcome for region, (outcome, _tokens) in handed_out.items()}
