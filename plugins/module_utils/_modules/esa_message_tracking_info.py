# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The module esa_message_tracking_info."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import activate
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.tracking import (
    client_of_options,
    failure_parts,
    find_messages,
    tracking_argument_spec,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._http.transport import (
    REQUESTS_IMPORT_ERROR,
    password_of_proxy,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._profile.option import BadProfile, profile_of_option
from ansible_collections.emailsec.ctr.plugins.module_utils._records import warn_of_records
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task

from .module import Module


def tracking_result(task: Task) -> dict[str, Any]:
    """Return the matching messages, or the failure, plus the requests sent."""
    if REQUESTS_IMPORT_ERROR:
        return {"failed": True, "msg": missing_required_lib("requests"), "exception": REQUESTS_IMPORT_ERROR}
    result: dict[str, Any]
    calls = 0
    try:
        task.no_log_values.update(filter(None, [password_of_proxy(task.params["proxy"] or "")]))
        activate(profile_of_option(task.params["profile"]))
        with client_of_options(task.params) as client:
            try:
                result = find_messages(client, task.params, warn=task.warn)
            finally:
                calls = client.calls
    except BadProfile as bad:
        return {"failed": True, "msg": str(bad)}
    except ApiError as error:
        result = {"failed": True, **failure_parts(error)}
    warn_of_records(task.warn)
    if result.get("bad_records"):
        task.warn(
            f"{task.params['host']}: the appliance could not read {result['bad_records']} of its tracking records."
        )
    return {"api_calls": calls, **result}


MODULE = Module(tracking_argument_spec(), tracking_result, {"mutually_exclusive": [("start", "last")]})
