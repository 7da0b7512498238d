# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the cloud service of many appliances in this process, over parallel SSH connections."""

from __future__ import annotations

import time
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.info_options import (
    ARGUMENT_SPEC,
    check_options,
    desired_states_of,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.progress import Progress
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
    read_many,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.library import (
    ASYNCSSH_MISSING,
    HAS_ASYNCSSH,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._event_loop import run
from ansible_collections.emailsec.ctr.plugins.plugin_utils._host_connections import HostConnections
from ansible_collections.emailsec.ctr.plugins.plugin_utils._host_variables import HostVariables


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        if not HAS_ASYNCSSH:
            raise AnsibleActionFail(ASYNCSSH_MISSING)
        variables = HostVariables(self, task_vars)
        named = options["hosts"]
        hosts = list(dict.fromkeys(map(str, [task_vars["inventory_hostname"]] if named is None else named)))
        problems = check_options(options, hosts, variables.known)
        if problems:
            raise AnsibleActionFail(" ".join(problems))
        connections = HostConnections(self, variables, task_vars)
        progress = Progress(len(hosts), time.monotonic)

        def options_of(host: str) -> SshOptions:
            found = connections.ssh_options(host)
            self._display.vvv(f"ESTABLISH ASYNCOS CONNECTION FOR USER: {found.user} ON PORT {found.port}", found.host)
            return found

        def finished(reading: ApplianceReading) -> None:
            line = progress.count(failed=reading.service is None)
            if line:
                self._display.display(line)

        reading = read_many(hosts, options_of, desired_states_of(options, hosts), options["concurrency"], finished)
        result.update(changed=False, appliances=[one.as_row() for one in run(reading)])
        return result
