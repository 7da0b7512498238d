# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the module sse_device_facts, again and again while it waits, and shows progress between its repetitions."""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

MODULE = "emailsec.ctr.sse_device_facts"


class ActionModule(ActionBase):
    """Run the module until nothing is left to wait for; a line of progress per change, at normal verbosity."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        options = dict(self._task.args)
        if options.get("wait_for") is None:
            return self._execute_module(module_name=MODULE, task_vars=task_vars)
        return self._wait(options, task_vars)

    def _wait(self, options: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        started = time.monotonic()
        seen = None
        warnings: list[Any] = []
        while True:
            elapsed = time.monotonic() - started
            options["wait_progress"] = {"seen": seen, "elapsed": elapsed}
            result = self._execute_module(module_name=MODULE, module_args=options, task_vars=task_vars)
            warnings += [text for text in result.get("warnings") or [] if text not in warnings]
            waited = result.get("waited")
            if not result.get("failed") and waited:
                seen = waited["registered"]
                self._display.display(progress_line(str(options["region"]), waited, time.monotonic() - started))
            if result.get("failed") or not waited or waited["done"]:
                if warnings:
                    result["warnings"] = warnings
                return result


def progress_line(region: str, waited: dict[str, Any], seconds: float) -> str:
    """Such as ``EUROPE: 3 of 5 registered, 0:20``."""
    label = REGIONS[region].label if region in REGIONS else region
    minutes, rest = divmod(int(seconds), 60)
    return f"{label}: {waited['registered']} of {waited['of']} registered, {minutes}:{rest:02d}"
