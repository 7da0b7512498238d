# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What a module is: its options, their checks, and its work, in a process of its own or in an action."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import know
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task


@dataclass(frozen=True)
class Module:
    """``work`` returns the result of a task; with C(failed) and C(msg) the task fails. ``checks``: as of AnsibleModule."""

    argument_spec: dict[str, Any]
    work: Callable[[Task], dict[str, Any]]
    checks: Mapping[str, Any] = field(default_factory=dict)

    def main(self) -> None:
        """Run as a module: read the options from the input, and write the result to the output."""
        module = AnsibleModule(argument_spec=self.argument_spec, supports_check_mode=True, **self.checks)
        know(module.no_log_values)
        result = self.work(module)
        (module.fail_json if result.pop("failed", False) else module.exit_json)(**result)

    def result(self, options: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
        """Run in this process, and return the result with its warnings."""
        checked = ArgumentSpecValidator(self.argument_spec, **self.checks).validate(dict(options))
        know(checked._no_log_values)
        if checked.error_messages:
            unsupported = "Unsupported parameters: " if isinstance(checked.errors[0], UnsupportedError) else ""
            return {"failed": True, "msg": unsupported + checked.errors.msg}
        task = Task(checked.validated_parameters, check_mode)
        result = self.work(task)
        know(task.no_log_values)
        if task.warnings:
            result["warnings"] = task.warnings
        plain: dict[str, Any] = json.loads(json.dumps(result))
        return plain
