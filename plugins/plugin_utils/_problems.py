# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Show problems as lines, with any callback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible import constants as C
from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import Problem, grouped, lines
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN

HEADING = "Nothing was changed. Fix these settings first:"
JSON_CALLBACKS = ("json", "jsonl")


def refusal(action: ActionBase, problems: Iterable[Problem]) -> dict[str, Any]:
    """Show each problem once, and return a failed result with their number.

    With a callback that writes JSON, the result has the lines in C(problems), and the lines go to the standard error.
    """
    found = grouped(problems)
    text = OF_RUN.mask_data(lines(found, HEADING))
    machine = str(C.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2] in JSON_CALLBACKS
    for line in ["", *text, ""]:
        action._display.display(line, color=C.COLOR_ERROR, stderr=machine)
    # ansible-core 2.19 and later shows the source of a failed task, which does not help with a setting.
    action._task._ds = None
    count = "1 problem is" if len(found) == 1 else f"{len(found)} problems are"
    result = {"failed": True, "changed": False, "msg": f"Nothing was changed: {count} listed above."}
    if machine:
        result["problems"] = text[1:]
    return result
