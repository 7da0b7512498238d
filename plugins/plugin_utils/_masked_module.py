# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Run a module as Ansible does, and mask the secrets of the run in its result."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ._run_secrets import know_secrets_of_task, masked_result


class MaskedModule(ActionBase):  # type: ignore[misc]  # ansible-core has no types
    MODULE: str
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        know_secrets_of_task(self, task_vars)
        asynchronous = bool(self._task.async_val)
        return masked_result(
            self._execute_module(module_name=self.MODULE, task_vars=task_vars, wrap_async=asynchronous)
        )
