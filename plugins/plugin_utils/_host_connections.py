# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The SSH options of single hosts, each resolved as Ansible does for a task on that host.

What ansible-core does with the variables, keywords, command line, environment and configuration for the one host of a
task (TaskExecutor, _set_connection_options) is done here for any host, with the options of the same connection plugin.
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
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from ._host_variables import HostVariables
from ._login_records import folder_of_this_run

PLUGIN = "emailsec.ctr.asyncos"
_UNDEFINED = re.compile(r"'(?P<name>[^'\n]{1,100})' is undefined")


class Unresolved(AsyncOSError):
    """The variables of a host do not say how to reach it."""


class HostConnections:
    """Resolves one host at a time and keeps nothing of the others."""

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
        """Warns once of each line that is skipped in a file of host keys. Raises Unresolved, without a secret in it."""
        options = self._resolved(host)
        for text in ssh_files.warnings_of(options):
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
                f"its connection is {connection}, not {PLUGIN}.",
                f"set ansible_connection: {PLUGIN} for the appliances.",
            )
        keywords = {
            name: self._evaluate(templar, host, name, _keyword(self._task, name)) for name in ("port", "remote_user")
        }
        if self._password_from_prompt:
            keywords["password"] = self._password_from_prompt
        found = templar.available_variables
        values = {name: self._evaluate(templar, host, name, found[name]) for name in self._names if name in found}
        try:
            self._plugin.set_options(
                task_keys=_without_omitted(keywords), var_options={"_extras": {}, **_without_omitted(values)}
            )
            return ssh_options_of(self._plugin.get_option, folder_of_this_run())
        except Exception as error:  # the classes differ between releases of ansible-core
            secrets = Secrets(*(text for name in self._secrets for text in _texts(values.get(name))))
            raise Unresolved(
                host,
                f"its connection options cannot be used: {secrets.mask(str(error))}",
                "correct the variable in the inventory.",
            ) from None

    def _connection(self, templar: Any, host: str) -> str:
        value = templar.available_variables.get("ansible_connection")
        if value is None:
            value = _keyword(self._task, "connection")
        return str(self._evaluate(templar, host, "ansible_connection", value))

    def _evaluate(self, templar: Any, host: str, name: str, value: Any) -> Any:
        try:
            return templar.template(value)
        except Exception as error:
            if type(error).__name__ == "AnsibleValueOmittedError":  # from ansible-core 2.19 on
                return _OMITTED
            undefined = _UNDEFINED.search(str(error))
            # the class alone of other errors: some releases show the value, which may hold a secret
            raise Unresolved(
                host,
                f"{name} cannot be evaluated ({undefined.group() if undefined else type(error).__name__}).",
                "define all that it uses." if undefined else "correct its template, or the vault that it is in.",
            ) from None


_OMITTED = object()


def _without_omitted(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not _OMITTED}


def _keyword(task: Any, name: str) -> Any:
    """The keyword of the task, its block or its play, as it is written: that of the task itself is evaluated already."""
    written = task.get_ds() or {}
    if name in written:
        return written[name]
    inherited = task._get_parent_attribute(name, omit=True)
    return getattr(task, name) if inherited is Sentinel else inherited


def _password_from_prompt(action: ActionBase, task_vars: Mapping[str, Any]) -> str | None:
    """What C(--ask-pass) was answered, unless it is hidden by a password variable of the task's own host."""
    own = task_vars
    if action._task.delegate_to:
        own = (task_vars.get("ansible_delegated_vars") or {}).get(action._task.delegate_to) or task_vars
    hidden = any(name in own for name in C.MAGIC_VARIABLE_MAPPING["password"])
    return None if hidden else action._play_context.password or None


def _texts(value: Any) -> list[str]:
    """Every piece of text in a value of whatever type was given for a secret."""
    if isinstance(value, Mapping):
        return [text for item in value.items() for part in item for text in _texts(part)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _texts(item)]
    return [] if value is None else [str(value)]
