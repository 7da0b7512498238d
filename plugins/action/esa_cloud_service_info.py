# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the cloud service of many appliances in this process, over parallel SSH connections."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.info_options import (
    ARGUMENT_SPEC,
    check_options,
    desired_states_of,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    read_many,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.library import (
    ASYNCSSH_MISSING,
    HAS_ASYNCSSH,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._event_loop import run
from ansible_collections.emailsec.ctr.plugins.plugin_utils._host_connections import HostConnections
from ansible_collections.emailsec.ctr.plugins.plugin_utils._host_variables import HostVariables
from ansible_collections.emailsec.ctr.plugins.plugin_utils._profile_option import apply_profile
from ansible_collections.emailsec.ctr.plugins.plugin_utils._reading_display import ReadingDisplay


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        if not HAS_ASYNCSSH:
            raise AnsibleActionFail(ASYNCSSH_MISSING)
        apply_profile(options["profile"])
        variables = HostVariables(self, task_vars)
        named = options["hosts"]
        hosts = list(dict.fromkeys(map(str, [task_vars["inventory_hostname"]] if named is None else named)))
        problems = check_options(options, hosts, variables.known)
        if problems:
            raise AnsibleActionFail(" ".join(problems))
        connections = HostConnections(self, variables, task_vars)
        display = ReadingDisplay(self, len(hosts))
        reading = read_many(
            hosts,
            lambda host: display.connecting(connections.ssh_options(host)),
            desired_states_of(options, hosts),
            options["concurrency"],
            display.finished,
        )
        result.update(changed=False, appliances=OF_RUN.mask_data([one.as_row() for one in run(reading)]))
        return result
