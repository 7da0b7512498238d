# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read the devices of SSE for an inventory, without a play."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import activate
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.options import client_of_account, know_accounts
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import list_devices
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions, canonical_region
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message

from ._profile_files import load_profile

KEYS = {"client_id", "client_password", "api_url", "ca_path", "proxy", "timeout", "retry_budget"}
PREFIX = "sse_"


def apply_inventory_profile(profile: Any, loader: Any) -> None:
    """Apply a profile in the notation of C(esa_ctr_profile). Raise AnsibleParserError with its first problem."""
    found, faults = load_profile(profile, loader)
    if faults:
        raise AnsibleParserError(message(None, f"profile: {faults[0].where}: {faults[0].problem}", f"{faults[0].fix}."))
    activate(found)


def read_regions_of(regions: Any, templar: Any) -> list[dict[str, Any]]:
    """Return the records of all devices, as variables with the prefix C(sse_), in the order of the regions.

    ``regions``: the account by region, with templates. Raise AnsibleParserError for wrong options, AnsibleError for a region
    that cannot be read. No message contains a secret.
    """
    accounts = _accounts(regions, templar)
    know_accounts(accounts, os.environ)
    with ThreadPoolExecutor(max_workers=len(accounts)) as threads:
        readings = [
            threads.submit(copy_context().run, _read_region, region, account) for region, account in accounts.items()
        ]
        return [OF_RUN.mask_data(record) for reading in readings for record in reading.result()]


def _read_region(region: str, account: Mapping[str, Any]) -> list[dict[str, Any]]:
    failure = ""
    try:
        with client_of_account(region, account, os.environ) as client:
            return [_variables(region, device) for device in list_devices(client)]
    except ApiError as error:
        failure = str(error)
    raise AnsibleError(failure)


def _variables(region: str, device: Device) -> dict[str, Any]:
    values = {**asdict(device), "region": region, "registered": device.registered}
    return {f"{PREFIX}{name}": value for name, value in values.items()}


def _accounts(regions: Any, templar: Any) -> dict[str, dict[str, Any]]:
    """Return the evaluated account by region. Raise AnsibleParserError."""
    if not isinstance(regions, Mapping) or not regions:
        raise AnsibleParserError(message(None, "regions is empty", "set the account of each region, by its name."))
    accounts: dict[str, dict[str, Any]] = {}
    for name, account in regions.items():
        region = canonical_region(str(name))
        if region is None:
            fix = f"use {', '.join(all_regions())}, or a region of your profile."
            raise AnsibleParserError(message(None, f"regions: {name} is not a region", fix))
        if region in accounts:
            raise AnsibleParserError(message(None, f"regions: {region} has two accounts", "remove one."))
        if not isinstance(account, Mapping | None):
            raise AnsibleParserError(
                message(None, f"regions.{name} is not a map", "set client_id and client_password.")
            )
        unknown = sorted(set(account or {}) - KEYS)
        if unknown:
            fix = f"use {', '.join(sorted(KEYS))}."
            raise AnsibleParserError(message(None, f"regions.{name} has the unknown key {unknown[0]}", fix))
        accounts[region] = {
            str(key): _evaluated(templar, f"regions.{name}.{key}", one) for key, one in (account or {}).items()
        }
    return accounts


def _evaluated(templar: Any, where: str, value: Any) -> Any:
    try:
        return templar.template(value)
    except Exception as error:  # the classes differ between releases of ansible-core, and some texts show the value
        kind = type(error).__name__
    raise AnsibleParserError(
        message(None, f"{where} cannot be evaluated ({kind})", "correct the template, or give the vault password.")
    )
