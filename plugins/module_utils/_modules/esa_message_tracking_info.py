# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The module esa_message_tracking_info."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.tracking import (
    client_of_options,
    failure_parts,
    find_messages,
    tracking_argument_spec,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task

from .api import api_result
from .module import Module


def tracking_result(task: Task) -> dict[str, Any]:
    """Return the matching messages, or the failure, plus the requests sent."""
    result, client = api_result(
        task,
        lambda: client_of_options(task.params),
        lambda client: find_messages(client, task.params, warn=task.warn),
        failure_parts,
    )
    if result.get("bad_records"):
        task.warn(
            f"{task.params['host']}: the appliance could not read {result['bad_records']} of its tracking records."
        )
    return {"api_calls": client.calls if client else 0, **result}


MODULE = Module(tracking_argument_spec(), tracking_result, {"mutually_exclusive": [("start", "last")]})
