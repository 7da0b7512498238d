# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and checks the role's variables of all hosts of the play at once, each as a task on that host would see them."""

from __future__ import annotations

import os
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.settings import (
    PER_HOST,
    check_settings,
    regions_in_use,
    settings_of,
    smas_elsewhere,
)
from ansible_collections.emailsec.ctr.plugins.plugin_utils._host_variables import HostVariables

ARGUMENT_SPEC = {"regions": {"type": "dict", "required": True}}


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        settings: dict[str, dict[str, Any]] = {}
        problems: list[str] = []
        task_vars = task_vars or {}
        variables = HostVariables(self, task_vars)
        # All hosts of the play are checked with its first batch: a problem of a later one stops it before any write.
        for host in map(str, task_vars["ansible_play_hosts_all"]):
            values = {}
            templar = variables.templar(host)
            for name in PER_HOST:
                if name not in templar.available_variables:
                    continue
                try:
                    values[name] = templar.template(templar.available_variables[name])
                except Exception as error:  # the classes of templating errors differ between releases of ansible-core
                    problems.append(f"{host}: {name} cannot be evaluated ({error}). Remedy: define all that it uses.")
            settings[host] = settings_of(host, values)
        problems += check_settings(settings, options["regions"], os.environ)
        batch = {host: settings[host] for host in map(str, task_vars["ansible_play_batch"])}
        result.update(
            changed=False,
            hosts=batch,
            regions=regions_in_use(batch),
            smas_elsewhere=smas_elsewhere(settings),
            problems=problems,
        )
        return result
