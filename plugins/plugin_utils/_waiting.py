# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Run a module repeatedly while it waits, and show progress.

The module has the option C(wait_progress), returns when its progress changes, and reports the progress in C(waited).
"""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions

from ._module_action import ModuleAction


class WaitingAction(ModuleAction):
    """Run the module until the wait is over, and show a line per change. Run it once if it does not wait."""

    WAITS_WITH: str
    """The option that makes the module wait."""
    COUNTED: str
    """The key of C(waited) that holds the progress."""
    _supports_async = False

    def result(self, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        if self._task.args.get(self.WAITS_WITH):
            return self._wait(task_vars or {})
        return super().result(task_vars)

    def place(self, task_vars: dict[str, Any]) -> str:
        """Return the region or appliance for the beginning of a progress line."""
        return region_label(self._task.args.get("region"))

    def _wait(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        started = time.monotonic()
        seen = None
        calls = 0
        warnings: list[Any] = []
        while True:
            result = self.run_module(task_vars, wait_progress={"seen": seen, "elapsed": time.monotonic() - started})
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


def progress_line(where: str, what: str, waited: dict[str, Any], seconds: float) -> str:
    """Return a progress line, such as ``EUROPE: 3 of 5 registered, 0:20``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{where}: {waited[what]} of {waited['of']} {what}, {minutes}:{rest:02d}"


def region_label(region: Any) -> str:
    """Return the label of the region in the portals, or an unknown region unchanged."""
    return all_regions()[region].label if region in all_regions() else str(region)
