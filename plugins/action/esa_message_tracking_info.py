# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the module esa_message_tracking_info, and show progress while it waits."""

from __future__ import annotations

from typing import Any

from ansible import constants as C

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.tracking import failure_parts
from ansible_collections.emailsec.ctr.plugins.module_utils._modules.esa_message_tracking_info import MODULE
from ansible_collections.emailsec.ctr.plugins.plugin_utils._login_records import log_in_of_task
from ansible_collections.emailsec.ctr.plugins.plugin_utils._waiting import WaitingAction


class ActionModule(WaitingAction):
    NAME = "esa_message_tracking_info"
    MODULE = MODULE
    WAITS_WITH = "wait_timeout"
    COUNTED = "tracked"

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        log_in = log_in_of_task(self, task_vars)
        refused = log_in.refused_before()
        if refused is not None:
            return {"failed": True, "api_calls": 0, **failure_parts(refused)}
        result = super().run(tmp, task_vars)
        if result.get("failed"):
            log_in.note(result.get("path"), result.get("http_status"))
        return result

    def place(self, task_vars: dict[str, Any]) -> str:
        host = task_vars.get("inventory_hostname")
        return str(self._task.args.get("host") if host is None or host in C.LOCALHOST else host)
