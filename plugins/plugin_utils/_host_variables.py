# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Variables of single hosts, for actions that handle many hosts in one task.

C(hostvars) lacks the variables of the play and the role, so the variable manager is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible.plugins.action import ActionBase


class HostVariables:
    """Read one host at a time and keep nothing, so that memory use does not depend on the size of the fleet."""

    def __init__(self, action: ActionBase, task_vars: dict[str, Any]) -> None:
        self._action = action
        # Without these, the variable manager would match the play's pattern against the inventory for every host.
        self._batch = _names(task_vars.get("ansible_play_batch"))
        self._all = _names(task_vars.get("ansible_play_hosts_all"))

    def known(self, host: str) -> bool:
        """Return whether the inventory has this host."""
        return self._inventory_host(host) is not None

    def whole_inventory(self) -> list[str]:
        """Return all hosts of the inventory, regardless of limit and batch."""
        inventory = self._action._task.get_variable_manager()._inventory
        return [str(host) for host in inventory.get_hosts(ignore_limits=True, ignore_restrictions=True)]

    def templar(self, host: str) -> Any:
        """Return a templar with the unevaluated variables of this task on this host."""
        task = self._action._task
        variables = task.get_variable_manager().get_vars(
            play=task.get_play(),
            host=self._inventory_host(host),
            task=task,
            include_hostvars=True,
            _hosts=self._batch,
            _hosts_all=self._all,
        )
        return self._action._templar.copy_with_new_env(available_variables=variables)

    def _inventory_host(self, host: str) -> Any:
        return self._action._task.get_variable_manager()._inventory.get_host(host)


def _names(hosts: Sequence[Any] | None) -> list[str] | None:
    return None if hosts is None else [str(host) for host in hosts]
