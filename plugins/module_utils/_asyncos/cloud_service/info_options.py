# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Options of C(esa_cloud_service_info), and the desired state of each host."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions

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
    "profile": {"type": "dict"},
}
PER_HOST = ("commit_comment", "allow_reregistration")
"""Options that may be a dict from host to value, like C(region)."""


def check_options(options: Mapping[str, Any], hosts: Sequence[str], known: Callable[[str], bool]) -> list[str]:
    """Return the errors in the options, each with its fix. ``known`` returns whether the inventory has a host."""
    problems = [
        f"hosts: {host} is not in the inventory. Fix: use the host names of the inventory."
        for host in hosts
        if not known(host)
    ]
    if options["concurrency"] < 1:
        problems.append(f"concurrency is {options['concurrency']}. Fix: set it to 1 or more.")
    for name in PER_HOST:
        problems += _missing_hosts(name, options[name], hosts)
    try:
        found = [of_one.check_options(_options_of_one({**options, "region": None}, host)) for host in hosts or [""]]
    except TypeError as error:
        return [
            *problems,
            f"allow_reregistration: {error}. Fix: set it to true or false, or to a dict from host to boolean.",
        ]
    return problems + list(dict.fromkeys(problem for problem in found if problem)) + _region_problems(options, hosts)


def desired_states_of(options: Mapping[str, Any], hosts: Sequence[str]) -> dict[str, DesiredState]:
    """Return the desired state of each host; an empty dict if the option C(state) is not set."""
    if options["state"] is None:
        return {}
    return {host: of_one.desired_state_of(_options_of_one(options, host)) for host in hosts}


def _region_problems(options: Mapping[str, Any], hosts: Sequence[str]) -> list[str]:
    region = options["region"]
    if region is None:
        return []
    if options["state"] is None:
        return ["region is set without state. Fix: set state to the desired state."]
    if not isinstance(region, (str, Mapping)):
        return [f"region is a {type(region).__name__}. Fix: set it to a region, or to a dict from host to region."]
    problems = []
    if isinstance(region, str):
        named = {"region": region}
    else:
        named = {f"region of {host}": region[host] for host in hosts if host in region}
        problems += _missing_hosts("region", region, hosts, "; use null to keep a host's server")
    for what, name in named.items():
        if name is not None and (not isinstance(name, str) or name not in all_regions()):
            problems.append(f"{what}: unknown region {name!r}. Fix: use one of {', '.join(all_regions())}.")
    return problems


def _missing_hosts(name: str, value: Any, hosts: Sequence[str], more: str = "") -> list[str]:
    if not isinstance(value, Mapping):
        return []
    return [f"{name}: {host} is missing. Fix: list every host{more}." for host in hosts if host not in value]


def _value_for_host(value: Any, host: str, otherwise: Any = None) -> Any:
    """Return the value for a host of an option that is one value for all hosts, or a dict from host to value."""
    return value.get(host, otherwise) if isinstance(value, Mapping) else value


def _options_of_one(options: Mapping[str, Any], host: str) -> dict[str, Any]:
    """Return the equivalent options of C(esa_cloud_service), with a placeholder token. Raise TypeError."""
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
