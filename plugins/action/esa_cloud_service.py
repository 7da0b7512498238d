# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run esa_cloud_service in this process, over the connection emailsec.ctr.asyncos."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader, shell_loader

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.options import (
    ARGUMENT_SPEC,
    MUTUALLY_EXCLUSIVE,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.task import run_task
from ansible_collections.emailsec.ctr.plugins.plugin_utils._profile_option import apply_profile
from ansible_collections.emailsec.ctr.plugins.plugin_utils._run_secrets import know_secrets_of_task
from ansible_collections.emailsec.ctr.plugins.plugin_utils._token_renewal import TokenRenewal, register

# Ansible imports this file once, then starts a process for each host. What is not loaded here, each process loads and parses again.
connection_loader.get("emailsec.ctr.asyncos", class_only=True)
shell_loader.get("sh", class_only=True)


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC, mutually_exclusive=MUTUALLY_EXCLUSIVE)
        apply_profile(options["profile"])
        know_secrets_of_task(self, task_vars)
        host = str((task_vars or {}).get("inventory_hostname", ""))
        check = bool(self._task.check_mode)

        def attempt(token: str | None) -> dict[str, Any]:
            return run_task(self._connection, host, {**options, "registration_token": token}, check)

        token, renewal = options["registration_token"], options["token_renewal"]
        if token and renewal and not check:
            result.update(register(attempt, token, TokenRenewal(renewal)))
        else:
            result.update(attempt(token))
        return result
