# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The shared options of the cloud modules, and the code that runs a cloud module.

The documentation of these options is the doc fragment C(emailsec.ctr.cloud).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError, OptionRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._http.transport import (
    REQUESTS_IMPORT_ERROR,
    password_of_proxy,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._records import warn_of_records
from ansible_collections.emailsec.ctr.plugins.module_utils._seconds import seconds_fault

from .client import UNKNOWN_QUOTA, IrohClient

DEFAULT_TIMEOUT, DEFAULT_RETRY_BUDGET = 30.0, 300.0
"""Seconds."""


def cloud_argument_spec(**options: Any) -> dict[str, Any]:
    """Return the shared options and the options of one module."""
    return {
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
        **options,
    }


def run_cloud_module(module: AnsibleModule, work: Callable[[AnsibleModule, IrohClient], dict[str, Any]]) -> None:
    """Run ``work`` with a client, and exit with its result, plus the requests sent and the quota.

    If the result has C(failed) and C(msg), the module fails with the whole result.
    """
    if REQUESTS_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR, **spent(None))
    result: dict[str, Any]
    client: IrohClient | None = None
    try:
        with client_from_options(module) as client:
            result = work(module, client)
            if client.budget.waited:
                module.warn(f"{client.region.label}: waited {client.budget.waited:.0f} s for the API before retries.")
    except ApiError as error:
        result = {"failed": True, **error.as_result()}
    warn_of_records(module.warn)
    result.update(spent(client))
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def spent(client: IrohClient | None) -> dict[str, Any]:
    """Return the keys of every result that report API usage: ``api_calls`` and ``quota``."""
    if client is None:
        return {"api_calls": 0, "quota": dict(UNKNOWN_QUOTA)}
    return {"api_calls": client.calls, "quota": dict(client.quota)}


def client_of_account(region: str, account: Mapping[str, Any], environment: Mapping[str, str]) -> IrohClient:
    """Return the client of a region for its account. Raise OptionRefused before any request.

    If the account has no credentials, use CTR_CLIENT_ID and CTR_CLIENT_PASSWORD from the environment.
    """

    def seconds(name: str, default: float) -> float:
        return float(account[name]) if account.get(name) not in (None, "") else default

    def text(name: str) -> str | None:
        return str(account[name]) if account.get(name) not in (None, "") else None

    ca_path = text("ca_path")
    return IrohClient(
        region=region,
        api_url=text("api_url"),
        client_id=text("client_id") or environment.get("CTR_CLIENT_ID", ""),
        client_password=text("client_password") or environment.get("CTR_CLIENT_PASSWORD", ""),
        ca_path=os.path.expanduser(os.path.expandvars(ca_path)) if ca_path else None,
        proxy=text("proxy"),
        timeout=seconds("timeout", DEFAULT_TIMEOUT),
        retry_budget=seconds("retry_budget", DEFAULT_RETRY_BUDGET),
        record=text("record"),
    )


def client_from_options(module: AnsibleModule) -> IrohClient:
    """Return the client for the shared options. Raise OptionRefused before any request."""
    options = module.params
    if fault := seconds_fault(options, "timeout", above_0=True) or seconds_fault(options, "retry_budget"):
        raise OptionRefused(fault[0], fix=fault[1])
    # A proxy address can contain a password: let Ansible mask it like any other secret.
    password = password_of_proxy(options["proxy"] or "")
    if password:
        module.no_log_values.add(password)
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
