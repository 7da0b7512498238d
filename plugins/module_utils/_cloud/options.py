# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The client and the secrets of an account: the values of a region in C(esa_ctr_regions)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import know, secrets_in

from .client import IrohClient

DEFAULT_TIMEOUT, DEFAULT_RETRY_BUDGET = 30.0, 300.0
"""Seconds."""


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


def know_accounts(accounts: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """Mask the secrets of these accounts in all texts of this process."""
    know([*secrets_in("regions", accounts), environment.get("CTR_CLIENT_PASSWORD")])
