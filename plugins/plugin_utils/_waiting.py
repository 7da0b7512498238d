# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Runs a module repeatedly while it waits, and shows progress in between.

Such a module has the option C(wait_progress), returns when the number it waits for has changed, and tells it in C(waited).
"""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS


class WaitingAction(ActionBase):  # type: ignore[misc]  # ansible-core has no types
    """Run the module until it is done, with a line per change at normal verbosity; once where it does not wait."""

    MODULE: str
    WAITS_WITH: str
    """The option without which the module does not wait."""
    COUNTED: str
    """The key counted in C(waited)."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        if self._task.args.get(self.WAITS_WITH):
            return self._wait(task_vars or {})
        return self._module(task_vars)

    def place(self, task_vars: dict[str, Any]) -> str:
        """Return the region or the appliance that a line of progress begins with."""
        return region_label(self._task.args.get("region"))

    def _wait(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        started = time.monotonic()
        seen = None
        calls = 0
        warnings: list[Any] = []
        while True:
            result = self._module(task_vars, wait_progress={"seen": seen, "elapsed": time.monotonic() - started})
            warnings += [text for text in result.get("warnings") or [] if text not in warnings]
            calls += result.get("api_calls") or 0
            waited = result.get("waited")
            if not result.get("failed") and waited:
                seen = waited[self.COUNTED]
                line = progress_line(self.place(task_vars), self.COUNTED, waited, time.monotonic() - started)
                self._display.display(line)
            if result.get("failed") or not waited or waited["done"]:
                if "api_calls" in result:
                    result["api_calls"] = calls
                if warnings:
                    result["warnings"] = warnings
                return result

    def _module(self, task_vars: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
        options = {**self._task.args, **more}
        result: dict[str, Any] = self._execute_module(module_name=self.MODULE, module_args=options, task_vars=task_vars)
        return result


def progress_line(where: str, what: str, waited: dict[str, Any], seconds: float) -> str:
    """Return a line of progress, such as ``EUROPE: 3 of 5 registered, 0:20``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{where}: {waited[what]} of {waited['of']} {what}, {minutes}:{rest:02d}"


def region_label(region: Any) -> str:
    """Return the region as the portals write it, and an unknown region unchanged."""
    return REGIONS[region].label if region in REGIONS else str(region)
