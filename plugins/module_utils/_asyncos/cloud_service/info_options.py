# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The options of C(esa_cloud_service_info), and from options to a desired per host."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from . import options as of_one
from .plan import DESIRED_STATES, DesiredState

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "hosts": {"type": "list", "elements": "str"},
    "concurrency": {"type": "int", "default": 64},
    "state": {"type": "str", "choices": list(DESIRED_STATES)},
    "region": {"type": "raw"},
    "commit_comment": {"type": "raw", "default": of_one.ARGUMENT_SPEC["commit_comment"]["default"]},
    "assume_token": {"type": "bool", "default": True},
    "allow_reregistration": {"type": "raw", "default": False},
}
PER_HOST = ("commit_comment", "allow_reregistration")
"""Options that may be a dict from host to value, as C(region) may."""


def check_options(options: Mapping[str, Any], hosts: Sequence[str], known: Callable[[str], bool]) -> list[str]:
    """What makes no sense, one sentence each with the fix; ``known`` says whether the inventory has a host."""
    problems = [
        f"hosts: {host} is not in the inventory. Fix: name hosts as the inventory does."
        for host in hosts
        if not known(host)
    ]
    if options["concurrency"] < 1:
        problems.append(f"concurrency is {options['concurrency']}. Fix: give a number of 1 or more.")
    for name in PER_HOST:
        problems += _missing_hosts(name, options[name], hosts)
    try:
        found = [of_one.check_options(_options_of_one({**options, "region": None}, host)) for host in hosts or [""]]
    except TypeError as error:
        return [*problems, f"allow_reregistration: {error}. Fix: give true or false, for all or in a dict by host."]
    return problems + list(dict.fromkeys(problem for problem in found if problem)) + _region_problems(options, hosts)


def desired_states_of(options: Mapping[str, Any], hosts: Sequence[str]) -> dict[str, DesiredState]:
    """The desired of each host; none where no state is asked for."""
    if options["state"] is None:
        return {}
    return {host: of_one.desired_state_of(_options_of_one(options, host)) for host in hosts}


def _region_problems(options: Mapping[str, Any], hosts: Sequence[str]) -> list[str]:
    region = options["region"]
    if region is None:
        return []
    if options["state"] is None:
        return ["region: it is of use together with state only. Fix: give the state that is to be planned for."]
    if not isinstance(region, (str, Mapping)):
        return [f"region is a {type(region).__name__}. Fix: give one region, or a dict from host to region."]
    problems = []
    if isinstance(region, str):
        named = {"region": region}
    else:
        named = {f"region of {host}": region[host] for host in hosts if host in region}
        problems += _missing_hosts("region", region, hosts, ", with null where its server is to be left as it is")
    for what, name in named.items():
        if name is not None and (not isinstance(name, str) or name not in REGIONS):
            problems.append(f"{what}: unknown region {name!r}. Fix: use one of {', '.join(REGIONS)}.")
    return problems


def _missing_hosts(name: str, value: Any, hosts: Sequence[str], more: str = "") -> list[str]:
    if not isinstance(value, Mapping):
        return []
    return [f"{name}: {host} is missing. Fix: name every host{more}." for host in hosts if host not in value]


def _value_for_host(value: Any, host: str, otherwise: Any = None) -> Any:
    """An option that is the same for all hosts, or a dict from host to value."""
    return value.get(host, otherwise) if isinstance(value, Mapping) else value


def _options_of_one(options: Mapping[str, Any], host: str) -> dict[str, Any]:
    """The options of C(esa_cloud_service) that mean the same; the token is one that is never used. Raises TypeError."""
    return {
        "state": options["state"],
        "region": _value_for_host(options["region"], host),
        "server": None,
        "registration_token": "0" * 32 if options["assume_token"] else None,
        "commit_comment": str(_value_for_host(options["commit_comment"], host, "")),
        "wait_timeout": 0.0,
        "wait_interval": 0.0,
        "allow_reregistration": boolean(_value_for_host(options["allow_reregistration"], host, False)),
    }
