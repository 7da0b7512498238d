# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The work of a module that sends requests to an API, with the options profile, proxy and record."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from ansible.module_utils.basic import missing_required_lib

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import activate
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._http.transport import (
    REQUESTS_IMPORT_ERROR,
    password_of_proxy,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._profile.option import BadProfile, profile_of_option
from ansible_collections.emailsec.ctr.plugins.module_utils._records import warn_of_records
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task

Client = TypeVar("Client", bound=AbstractContextManager[Any])


def api_result(
    task: Task,
    open_client: Callable[[], Client],
    work: Callable[[Client], dict[str, Any]],
    failure_parts: Callable[[ApiError], dict[str, Any]] = lambda error: error.as_result(),
) -> tuple[dict[str, Any], Client | None]:
    """Return the result of ``work`` or of its failure, and the closed client, or None if it was not opened.

    ``open_client`` and ``work`` may raise ApiError.
    """
    client: Client | None = None
    if REQUESTS_IMPORT_ERROR:
        missing = missing_required_lib("requests")
        return {"failed": True, "msg": missing, "exception": REQUESTS_IMPORT_ERROR}, client
    result: dict[str, Any]
    try:
        # A proxy address can contain a password: let Ansible mask it like any other secret.
        task.no_log_values.update(filter(None, [password_of_proxy(task.params["proxy"] or "")]))
        activate(profile_of_option(task.params["profile"]))
        client = open_client()
        with client:
            result = work(client)
    except BadProfile as bad:
        result = {"failed": True, "msg": str(bad)}
    except ApiError as error:
        result = {"failed": True, **failure_parts(error)}
    warn_of_records(task.warn)
    return result, client
