# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The options of C(esa_cloud_service_info), and from options to a wish per host."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from . import options as of_one
from .plan import WISHES, Wish

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "hosts": {"type": "list", "elements": "str"},
    "concurrency": {"type": "int", "default": 64},
    "state": {"type": "str", "choices": list(WISHES)},
    "region": {"type": "raw"},
    "commit_comment": {"type": "str", "default": of_one.ARGUMENT_SPEC["commit_comment"]["default"]},
    "assume_token": {"type": "bool", "default": True},
    "allow_reregistration": {"type": "bool", "default": False},
}


def check_options(options: Mapping[str, Any], hosts: Sequence[str], known: Callable[[str], bool]) -> list[str]:
    """What makes no sense, one sentence each with the remedy; ``known`` says whether the inventory has a host."""
    problems = [
        f"hosts: {host} is not in the inventory. Remedy: name hosts as the inventory does."
        for host in hosts
        if not known(host)
    ]
    if options["concurrency"] < 1:
        problems.append(f"concurrency is {options['concurrency']}. Remedy: give a number of 1 or more.")
    problem = of_one.check_options(_options_of_one(options, None))
    if problem:
        problems.append(problem)
    return problems + _region_problems(options, hosts)


def wishes_of(options: Mapping[str, Any], hosts: Sequence[str]) -> dict[str, Wish]:
    """The wish of each host; none where no state is asked for."""
    if options["state"] is None:
        return {}
    return {host: of_one.wish_of(_options_of_one(options, _region_of(options, host))) for host in hosts}


def _region_problems(options: Mapping[str, Any], hosts: Sequence[str]) -> list[str]:
    region = options["region"]
    if region is None:
        return []
    if options["state"] is None:
        return ["region: it is of use together with state only. Remedy: give the state that is to be planned for."]
    if not isinstance(region, (str, Mapping)):
        return [f"region is a {type(region).__name__}. Remedy: give one region, or a dict from host to region."]
    problems = []
    if isinstance(region, str):
        named = {"region": region}
    else:
        named = {f"region of {host}": region[host] for host in hosts if host in region}
        problems += [
            f"region: {host} is missing. Remedy: name every host, with null where its server is to be left as it is."
            for host in hosts
            if host not in region
        ]
    for what, name in named.items():
        if name is not None and (not isinstance(name, str) or name not in REGIONS):
            problems.append(f"{what}: unknown region {name!r}. Remedy: use one of {', '.join(REGIONS)}.")
    return problems


def _region_of(options: Mapping[str, Any], host: str) -> str | None:
    region = options["region"]
    return region.get(host) if isinstance(region, Mapping) else region


def _options_of_one(options: Mapping[str, Any], region: str | None) -> dict[str, Any]:
    """The options of C(esa_cloud_service) that mean the same; the token is one that is never used."""
    return {
        "state": options["state"],
        "region": region,
        "server": None,
        "registration_token": "0" * 32 if options["assume_token"] else None,
        "commit_comment": options["commit_comment"],
        "wait_timeout": 0.0,
        "wait_interval": 0.0,
        "allow_reregistration": options["allow_reregistration"],
    }
