# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find hosts without the connection of an appliance."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.connections import not_asyncos
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import sentence


def test_hosts_with_other_connections_are_one_problem() -> None:
    found = {
        "localhost": ("local", True),
        "linux1": ("ssh", False),
        "linux2": ("ssh", False),
        "net1": ("ansible.netcommon.network_cli", True),
    }
    (problem,) = not_asyncos(found)
    said = sentence(problem)
    assert "4 hosts of the play do not" in said
    assert "linux1, linux2 (ansible_connection not set, so ssh)" in said
    assert "net1 (ansible_connection: ansible.netcommon.network_cli)" in said
    for words in ("ansible_connection: emailsec.ctr.asyncos", "esa_ctr_hosts=GROUP", "--limit GROUP"):
        assert words in problem.fix


def test_no_problem_without_other_connections() -> None:
    assert not_asyncos({}) == []
