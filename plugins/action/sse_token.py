# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the module sse_token, and hide a result that contains tokens, also without no_log."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._modules.sse_token import MODULE
from ansible_collections.emailsec.ctr.plugins.plugin_utils._module_action import ModuleAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._waiting import region_label


class ActionModule(ModuleAction):
    """Run the module, hide the tokens, and show the number of issued tokens and the error."""

    NAME = "sse_token"
    MODULE = MODULE
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        # Without this, connection plugins print the output of the module at -vvv.
        self._play_context.no_log = True
        return self._hide_tokens(super().run(tmp, task_vars))

    def _hide_tokens(self, result: dict[str, Any]) -> dict[str, Any]:
        if not result.get("tokens"):
            return result
        result["_ansible_no_log"] = True
        count = len(result["tokens"])
        issued = f"{count:,} registration token{'' if count == 1 else 's'} issued"
        self._display.display(f"{region_label(self._task.args.get('region'))}: {issued}")
        if result.get("failed"):
            self._display.error(str(result.get("msg")), wrap_text=False)
        return result
