# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Run a module, in this process if the task is local, and mask the secrets of the run in its result."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import plain_tree
from ansible_collections.emailsec.ctr.plugins.module_utils._http.transport import REQUESTS_IMPORT_ERROR
from ansible_collections.emailsec.ctr.plugins.module_utils._modules.module import Module

from ._run_secrets import know_secrets_of_task, masked_result


class ModuleAction(ActionBase):  # type: ignore[misc]  # ansible-core has no types
    """Run the module of this name.

    With the connection C(local), it runs in this process: that saves most of a second, and its arguments are in no file.
    With another connection, C(become), C(async), or without the library requests, Ansible runs it as any module.
    """

    NAME: str
    MODULE: Module
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        know_secrets_of_task(self, task_vars)
        return self.result(task_vars)

    def result(self, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Return the result of the task."""
        return self.run_module(task_vars)

    def run_module(self, task_vars: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
        """Run the module once, with the options of the task and more. Return its result, masked."""
        options = {**self._task.args, **more}
        if self._is_local():
            with _environment(self._task_environment()):
                return masked_result(self.MODULE.result(plain_tree(options), bool(self._task.check_mode)))
        return masked_result(
            self._execute_module(
                module_name=f"emailsec.ctr.{self.NAME}",
                module_args=options,
                task_vars=task_vars,
                wrap_async=bool(self._task.async_val),
            )
        )

    def _is_local(self) -> bool:
        own_process = self._task.async_val or self._connection.become or REQUESTS_IMPORT_ERROR
        return self._connection.transport == "local" and not own_process

    def _task_environment(self) -> dict[str, str]:
        variables: dict[str, Any] = {}
        self._compute_environment_string(variables)
        return {str(name): str(value) for name, value in variables.items()}


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set these variables in the environment, as the keyword C(environment) does for the process of a module."""
    before = os.environ.copy()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
