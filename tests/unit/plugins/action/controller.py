# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions of the controller without a playbook: a task with arguments, and what its hosts have registered."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction


class Hostvars(dict[str, dict[str, Any]]):
    """C(hostvars): what was registered can be had without templating it."""

    def raw_get(self, host: str) -> dict[str, Any]:
        return self.get(host, {})


class Display:
    """Keeps what is shown."""

    verbosity = 0
    columns = 79

    def __init__(self) -> None:
        self.lines: list[str] = []

    def display(self, text: str, **_how: Any) -> None:
        self.lines += text.splitlines()

    vvv = display


def run_action(
    kind: type[ControllerAction],
    arguments: Mapping[str, Any],
    registered: Mapping[str, Mapping[str, Any]] | None = None,
    alive: Any = (),
    check_mode: bool = False,
) -> dict[str, Any]:
    """The result of the action; ``registered`` are variables by host, ``alive`` the hosts that Ansible still runs."""
    task = SimpleNamespace(args=dict(arguments), check_mode=check_mode, async_val=0, action="test", diff=False)
    shell = SimpleNamespace(_shell=SimpleNamespace(tmpdir="unused"))
    action = kind(task, shell, None, None, None, None)
    action._display = Display()
    variables = {"ansible_play_batch": list(alive), "hostvars": Hostvars(registered or {})}
    return action.run(task_vars=variables)
