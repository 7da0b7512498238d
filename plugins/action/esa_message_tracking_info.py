# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the module esa_message_tracking_info, with a line of progress per change while it waits."""

from __future__ import annotations

from typing import Any

from ansible import constants as C
from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.plugin_utils._login_records import ApiLogin
from ansible_collections.emailsec.ctr.plugins.plugin_utils._waiting import wait_with_progress

MODULE = "emailsec.ctr.esa_message_tracking_info"


class ActionModule(ActionBase):
    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        login = ApiLogin(self, task_vars)
        result = login.refused_before()
        if result is None:
            result = self._search(task_vars)
            login.note(result)
        return result

    def _search(self, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        if not self._task.args.get("wait_timeout"):
            return self._execute_module(module_name=MODULE, task_vars=task_vars)
        host = (task_vars or {}).get("inventory_hostname")
        where = self._task.args.get("host") if host is None or host in C.LOCALHOST else host
        return wait_with_progress(self, MODULE, task_vars, "tracked", str(where))
