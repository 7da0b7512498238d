# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Runs a module again and again while it waits, and shows progress in between.

Such a module has the option C(wait_progress), returns when the number it waits for has changed, and tells it in C(waited).
"""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS


def wait_with_progress(
    action: ActionBase, module: str, task_vars: dict[str, Any] | None, what: str, where: str
) -> dict[str, Any]:
    """Run ``module`` until it is done; a line per change at normal verbosity.

    ``what`` is the key counted in C(waited), ``where`` the region or the appliance that a line begins with.
    """
    options = dict(action._task.args)
    started = time.monotonic()
    seen = None
    calls = 0
    warnings: list[Any] = []
    while True:
        options["wait_progress"] = {"seen": seen, "elapsed": time.monotonic() - started}
        result: dict[str, Any] = action._execute_module(module_name=module, module_args=options, task_vars=task_vars)
        warnings += [text for text in result.get("warnings") or [] if text not in warnings]
        calls += result.get("api_calls") or 0
        waited = result.get("waited")
        if not result.get("failed") and waited:
            seen = waited[what]
            action._display.display(progress_line(where, what, waited, time.monotonic() - started))
        if result.get("failed") or not waited or waited["done"]:
            if "api_calls" in result:
                result["api_calls"] = calls
            if warnings:
                result["warnings"] = warnings
            return result


def progress_line(where: str, what: str, waited: dict[str, Any], seconds: float) -> str:
    """Such as ``EUROPE: 3 of 5 registered, 0:20``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{where}: {waited[what]} of {waited['of']} {what}, {minutes}:{rest:02d}"


def region_label(region: Any) -> str:
    """The region as the portals write it; one that is not known is left as it is."""
    return REGIONS[region].label if region in REGIONS else str(region)
