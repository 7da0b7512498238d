# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The shared options of the cloud modules, and the work of a module with a client of the cloud.

The documentation of these options is the doc fragment C(emailsec.ctr.cloud).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import env_fallback

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import UNKNOWN_QUOTA, IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.options import DEFAULT_RETRY_BUDGET, DEFAULT_TIMEOUT
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._seconds import seconds_fault
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task

from .api import api_result
from .module import Module

CloudWork = Callable[[Task, IrohClient], dict[str, Any]]


def cloud_module(work: CloudWork, argument_spec: dict[str, Any], **checks: Any) -> Module:
    """Return a module with the shared options and its own, whose result has also the requests sent and the quota."""
    shared: dict[str, Any] = {
        "region": {"type": "str", "required": True},
        "api_url": {"type": "str"},
        "client_id": {"type": "str", "required": True, "fallback": (env_fallback, ["CTR_CLIENT_ID"])},
        "client_password": {
            "type": "str",
            "required": True,
            "no_log": True,
            "fallback": (env_fallback, ["CTR_CLIENT_PASSWORD"]),
        },
        "ca_path": {"type": "path"},
        "validate_certs": {"type": "bool", "default": True},
        "proxy": {"type": "str"},
        "profile": {"type": "dict"},
        "record": {"type": "path"},
        "timeout": {"type": "float", "default": DEFAULT_TIMEOUT},
        "retry_budget": {"type": "float", "default": DEFAULT_RETRY_BUDGET},
    }
    return Module({**shared, **argument_spec}, lambda task: cloud_result(task, work), checks)


def cloud_result(task: Task, work: CloudWork) -> dict[str, Any]:
    """Return the result of ``work`` with a client, or of the failure, plus the requests sent and the quota."""

    def work_and_warn(client: IrohClient) -> dict[str, Any]:
        result = work(task, client)
        if client.budget.waited:
            task.warn(f"{client.region.label}: waited {client.budget.waited:.0f} s for the API before retries.")
        return result

    result, client = api_result(task, lambda: client_of_task(task), work_and_warn)
    return {**result, **spent(client)}


def spent(client: IrohClient | None) -> dict[str, Any]:
    """Return the keys of every result that report API usage: ``api_calls`` and ``quota``."""
    if client is None:
        return {"api_calls": 0, "quota": dict(UNKNOWN_QUOTA)}
    return {"api_calls": client.calls, "quota": dict(client.quota)}


def client_of_task(task: Task) -> IrohClient:
    """Return the client for the shared options. Raise OptionRefused before any request."""
    options = task.params
    if fault := seconds_fault(options, "timeout", above_0=True) or seconds_fault(options, "retry_budget"):
        raise OptionRefused(fault[0], fix=fault[1])
    return IrohClient(
        region=options["region"],
        api_url=options["api_url"],
        client_id=options["client_id"],
        client_password=options["client_password"],
        ca_path=options["ca_path"],
        validate_certs=options["validate_certs"],
        proxy=options["proxy"],
        timeout=options["timeout"],
        retry_budget=options["retry_budget"],
        record=options["record"],
    )
