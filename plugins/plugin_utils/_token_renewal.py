# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Replace the registration token of an appliance once, if it expired or another run replaced it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Optional

from ansible_collections.emailsec.ctr.plugins.module_utils._change import Meanwhile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.options import client_of_account
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.tokens import NewToken, replace_token
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import LIFETIMES
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message

Result = dict[str, Any]
Attempt = Callable[[Optional[str]], Result]  # noqa: UP045 - ansible-test takes | for an operation on values

MARGIN = 30.0
"""Seconds before its expiry at which a token counts as expired: the log-in and the reading come before the token is typed."""
REPLACED_TWICE = (
    "the appliance refused the registration token, and also a new one. Another run probably issues tokens for the same "
    "device at the same time, and each new token invalidates the one before it.",
    "wait until the other run has ended, then rerun.",
)

EXPIRED_TWICE = (
    "the registration token expired before it was used, and the appliance refused a new one too.",
    "choose a longer lifetime (esa_ctr_token_lifetime), then rerun.",
)
REGISTERED_IN_SSE_ONLY = (
    "SSE shows a registered device with this name, but the appliance is not registered.",
    "if the record is orphaned, remove it (emailsec.ctr.sse_device with allow_registered), then rerun.",
)


class TokenRenewal:
    """How to replace the token: the option C(token_renewal) of C(esa_cloud_service)."""

    def __init__(self, option: Mapping[str, Any], clock: Callable[[], float] = time.monotonic) -> None:
        self._option = option
        self._clock = clock

    @property
    def expired(self) -> bool:
        """Return whether the token has expired, by the monotonic clock of this machine."""
        age = self._clock() - float(self._option["issued_at"])
        return age > LIFETIMES[self._option["lifetime"]] - MARGIN

    def new_token(self) -> NewToken:
        """Issue a new token. Raise ApiError."""
        option = self._option
        region = str(option["account"]["region"])
        with client_of_account(region, option["account"], os.environ) as client:
            old = option["device_id"], option.get("expires_at")
            return replace_token(client, str(option["device"]), str(option["lifetime"]), *old)


def register(attempt: Attempt, token: str, renewal: TokenRenewal) -> Result:
    """Return the result of ``attempt`` with this token, or with a new token if it has expired or is refused.

    Issue at most one new token.
    """
    first: Result = {}
    expired = renewal.expired
    if not expired:
        first = attempt(token)
        if not first.get("token_refused"):
            return first
    try:
        new = renewal.new_token()
    except ApiError as error:
        problem = f"the registration token is no longer valid, and no new one was issued: {error.problem}"
        return _failed({**first, "token_refused": True}, problem, error.fix)
    meanwhile = Meanwhile.TOKEN_EXPIRED if expired and new.meanwhile is Meanwhile.TOKEN_REPLACED else new.meanwhile
    result = _joined(first, attempt(new.token), meanwhile)
    if new.token is None and result.get("refused"):
        return _failed(result, *REGISTERED_IN_SSE_ONLY)
    if result.get("token_refused"):
        return _failed(result, *(EXPIRED_TWICE if meanwhile is Meanwhile.TOKEN_EXPIRED else REPLACED_TWICE))
    return result


def _joined(first: Result, second: Result, meanwhile: Meanwhile) -> Result:
    """Return the result of two attempts together."""
    found = [*first.get("meanwhile", []), meanwhile.value, *second.get("meanwhile", [])]
    result = {**second, "meanwhile": list(dict.fromkeys(found))}
    if first.get("cloud_service") and second.get("cloud_service"):
        result["changed"] = first["changed"] or second["changed"]
        result["diff"] = {**second["diff"], "before": first["diff"]["before"]}
        for key in ("steps", "actions"):
            result[key] = [*first[key], *second[key]]
    return result


def _failed(result: Result, problem: str, fix: str | None) -> Result:
    fix = fix or "rerun."
    return {
        "changed": False,
        "screen": "",
        "refused": False,
        **result,
        "failed": True,
        "msg": message(None, problem, fix),
        "problem": problem,
        "fix": fix,
        "remedy": fix,
    }
