# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find OpenSSH variables that the connection ignores."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.ssh_variables import unused_ssh_variables


@pytest.mark.parametrize(
    ("name", "value", "instead"),
    [
        ("ansible_ssh_common_args", "-o ProxyJump=bastion", "ansible_asyncos_jump_host"),
        ("ansible_ssh_common_args", "-J bastion", "ansible_asyncos_jump_host"),
        ("ansible_ssh_extra_args", '-o ProxyCommand="ssh -W %h:%p bastion"', "ansible_asyncos_jump_host"),
        ("ansible_ssh_args", "-o StrictHostKeyChecking=no", "ansible_host_key_checking"),
        ("ansible_ssh_args", "-o UserKnownHostsFile=/dev/null", "ansible_asyncos_known_hosts"),
        ("ansible_ssh_args", "-o HostKeyAlgorithms=+ssh-rsa", "ansible_asyncos_legacy_algorithms"),
        ("ansible_ssh_extra_args", "-i key", "ansible_private_key_file"),
        ("ansible_ssh_extra_args", "-v", "ansible-doc -t connection emailsec.ctr.asyncos"),
        ("ansible_ssh_timeout", 30, "ansible_connect_timeout"),
        ("ansible_become", True, "ansible_user"),
        ("ansible_become", "yes", "ansible_user"),
        ("ansible_ssh_executable", "/usr/bin/ssh", "remove it"),
    ],
)
def test_the_warning_names_the_variable_to_use(name: str, value: Any, instead: str) -> None:
    warning = unused_ssh_variables({"esa1": {name: value}})
    assert warning.startswith("esa1: ") and name in warning and instead in warning


def test_all_hosts_share_one_warning() -> None:
    hosts = {f"esa{n}": {"ansible_ssh_common_args": "-J b", "ansible_become": True} for n in range(200)}
    warning = unused_ssh_variables(hosts)
    assert "esa0, esa1, esa2 and 197 more" in warning
    assert warning.count("ansible_asyncos_jump_host") == warning.count("ansible_become") == 1


@pytest.mark.parametrize(
    "variables", [{}, {"ansible_become": False}, {"ansible_become": "no"}, {"ansible_ssh_args": ""}]
)
def test_empty_variables_are_not_reported(variables: dict[str, Any]) -> None:
    assert unused_ssh_variables({"esa1": variables}) == ""
