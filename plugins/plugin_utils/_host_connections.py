# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Resolve the SSH options of any host as Ansible does for a task on that host.

ansible-core resolves variables, keywords, command line, environment and configuration only for the host of a task
(TaskExecutor, _set_connection_options). This module does the same for any host, with the same connection plugin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible import constants as C
from ansible.plugins.action import ActionBase
from ansible.utils.sentinel import Sentinel

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import files as ssh_files
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import (
    SshOptions,
    ssh_options_of,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets, know

from ._evaluated import is_literal
from ._host_variables import HostVariables
from ._login_records import folder_of_this_run

PLUGIN = "emailsec.ctr.asyncos"
_UNDEFINED = re.compile(r"'(?P<name>[^'\n]{1,100})' is undefined")


class Unresolved(AsyncOSError):
    """The connection options of a host cannot be resolved."""


class HostConnections:
    """Resolve one host at a time, and keep nothing of the others."""

    def __init__(self, action: ActionBase, variables: HostVariables, task_vars: Mapping[str, Any]) -> None:
        self._task = action._task
        self._variables = variables
        self._plugin = action._shared_loader_obj.connection_loader.get(PLUGIN, action._play_context, new_stdin=None)
        self._names = sorted(C.config.get_plugin_vars("connection", self._plugin._load_name))
        self._secrets = {
            variable["name"]
            for option, definition in self._plugin.option_definitions.items()
            if option.endswith(("password", "passphrase"))
            for variable in definition.get("vars", [])
        }
        self._password_from_prompt = _password_from_prompt(action, task_vars)
        self._display = action._display
        self._warned: set[str] = set()

    def ssh_options(self, host: str) -> SshOptions:
        """Return the SSH options, and warn once of each skipped line in known_hosts. Raise Unresolved, without secrets."""
        options = self._resolved(host)
        for text in ssh_files.warnings_of(options, all_hosts=True):
            if text not in self._warned:
                self._warned.add(text)
                self._display.warning(text)
        return options

    def _resolved(self, host: str) -> SshOptions:
        templar = self._variables.templar(host)
        connection = self._connection(templar, host)
        if not self._plugin.matches_name([connection]):
            raise Unresolved(
                host,
                f"the connection is {connection}, not {PLUGIN}.",
                f"set ansible_connection: {PLUGIN} for the appliances.",
            )
        keywords = {
            name: self._evaluate(templar, host, name, _keyword(self._task, name)) for name in ("port", "remote_user")
        }
        if self._password_from_prompt:
            keywords["password"] = self._password_from_prompt
        found = templar.available_variables
        values = {name: self._evaluate(templar, host, name, found[name]) for name in self._names if name in found}
        secrets = [text for name in self._secrets for text in _texts(values.get(name))]
        know([*secrets, self._password_from_prompt])
        try:
            self._plugin.set_options(
                task_keys=_without_omitted(keywords), var_options={"_extras": {}, **_without_omitted(values)}
            )
            return ssh_options_of(self._plugin.get_option, folder_of_this_run())
        except Exception as error:  # the classes differ between releases of ansible-core
            raise Unresolved(
                host,
                f"the connection options are invalid: {Secrets(*secrets).mask(str(error))}",
                "correct the variable in the inventory.",
            ) from None

    def _connection(self, templar: Any, host: str) -> str:
        value = templar.available_variables.get("ansible_connection")
        if value is None:
            value = _keyword(self._task, "connection")
        return str(self._evaluate(templar, host, "ansible_connection", value))

    def _evaluate(self, templar: Any, host: str, name: str, value: Any) -> Any:
        if is_literal(value):
            return value
        try:
            return templar.template(value)
        except Exception as error:
            if type(error).__name__ == "AnsibleValueOmittedError":  # from ansible-core 2.19 on
                return _OMITTED
            undefined = _UNDEFINED.search(str(error))
            # only the class of other errors: some releases show the value, which may be a secret
            raise Unresolved(
                host,
                f"{name} cannot be evaluated ({undefined.group() if undefined else type(error).__name__}).",
                "define this variable." if undefined else "correct the template or the vaulted value.",
            ) from None


_OMITTED = object()


def _without_omitted(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not _OMITTED}


def _keyword(task: Any, name: str) -> Any:
    """Return the unevaluated keyword of the task, its block or its play. Ansible has evaluated the task's own."""
    written = task.get_ds() or {}
    if name in written:
        return written[name]
    inherited = task._get_parent_attribute(name, omit=True)
    return getattr(task, name) if inherited is Sentinel else inherited


def _password_from_prompt(action: ActionBase, task_vars: Mapping[str, Any]) -> str | None:
    """Return the password from C(--ask-pass), unless a password variable of the task's own host overrides it."""
    own = task_vars
    if action._task.delegate_to:
        own = (task_vars.get("ansible_delegated_vars") or {}).get(action._task.delegate_to) or task_vars
    hidden = any(name in own for name in C.MAGIC_VARIABLE_MAPPING["password"])
    return None if hidden else action._play_context.password or None


def _texts(value: Any) -> list[str]:
    """Return all texts in the value of a secret, which may have any type."""
    if isinstance(value, Mapping):
        return [text for item in value.items() for part in item for text in _texts(part)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _texts(item)]
    return [] if value is None else [str(value)]
