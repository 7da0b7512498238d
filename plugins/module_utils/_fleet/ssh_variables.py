# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Find variables for OpenSSH and become. The connection emailsec.ctr.asyncos ignores them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .problems import named
from .variables import flag

ARGUMENTS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
OPTIONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), variables)
    for pattern, variables in (
        (r"ProxyJump|ProxyCommand|(?:^|\s)-[JW]", "ansible_asyncos_jump_host, ansible_asyncos_jump_user"),
        (r"StrictHostKeyChecking", "ansible_host_key_checking"),
        (r"KnownHosts", "ansible_asyncos_known_hosts"),
        (r"IdentityFile|(?:^|\s)-i", "ansible_private_key_file"),
        (r"Algorithms|Ciphers|MACs", "ansible_asyncos_legacy_algorithms"),
        (r"ConnectTimeout", "ansible_connect_timeout"),
    )
)
OTHERS = {
    "ansible_become": "AsyncOS has no privilege escalation; set ansible_user to a user with the required rights",
    "ansible_ssh_executable": "remove it; the connection starts no program",
    "ansible_ssh_timeout": "use ansible_connect_timeout",
    "ansible_ssh_retries": "remove it",
    "ansible_paramiko_proxy_command": "use ansible_asyncos_jump_host, ansible_asyncos_jump_user",
    "ansible_paramiko_host_key_checking": "use ansible_host_key_checking",
}
"""What to do instead, by variable."""
NAMES = (*ARGUMENTS, *OTHERS)


def unused_ssh_variables(hosts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return one warning about all variables of NAMES without effect, or an empty text.

    ``hosts`` are the evaluated variables of NAMES by host.
    """
    found: dict[str, dict[str, None]] = {}
    concerned: dict[str, None] = {}
    for host, variables in hosts.items():
        for name in NAMES:
            value = variables.get(name)
            if not value or (name == "ansible_become" and not flag(value)):
                continue
            concerned[host] = None
            found.setdefault(name, {}).update(dict.fromkeys(_instead(name, str(value))))
    if not found:
        return ""
    advice = "; ".join(f"{name} ({', '.join(instead)})" for name, instead in found.items())
    return f"{named(list(concerned))}: the connection emailsec.ctr.asyncos ignores {advice}."


def _instead(name: str, value: str) -> list[str]:
    if name in OTHERS:
        return [OTHERS[name]]
    return [f"use {variables}" for pattern, variables in OPTIONS if pattern.search(value)] or [
        "for its options, see ansible-doc -t connection emailsec.ctr.asyncos"
    ]
