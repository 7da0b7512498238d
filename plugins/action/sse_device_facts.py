# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the module sse_device_facts, with a line of progress per change while it waits."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.plugin_utils._waiting import region_label, wait_with_progress

MODULE = "emailsec.ctr.sse_device_facts"


class ActionModule(ActionBase):
    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        if self._task.args.get("wait_for") is None:
            return self._execute_module(module_name=MODULE, task_vars=task_vars)
        return wait_with_progress(self, MODULE, task_vars, "registered", region_label(self._task.args.get("region")))
