# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What an answer of the cloud's API means when it is a refusal.

Source: the error shape ``{"error", "error_description", "trace_id"}`` of the API's documentation (grade A).
"""

from __future__ import annotations

import json

from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import NOT_FROM_THE_API, Answer, server_text
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import (
    AccessRefused,
    AnswerLate,
    AnswerLost,
    ApiError,
    Refused,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import Region
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from .errors import QuotaExceeded
from .scopes import fix_of_missing_scopes

GATEWAY_TIMEOUT = 504

FIXES = {
    404: "It may have been removed meanwhile: run again, which looks first.",
    409: "It may have been changed or made meanwhile: run again, which looks first.",
}


def failure_of(
    answer: Answer, secrets: Secrets, region: Region, *, secret: bool = False, login: bool = False
) -> ApiError:
    """The error that an answer other than 2xx stands for. ``login``: it was asked for an access token."""
    parts = {**answer.where, **_said(answer, secrets, secret)}
    reason = f"answered {answer.status}"
    body = answer.json_object()
    if login and answer.status == 404:
        return Refused(
            f"there is no log-in at this address ({reason})",
            fix=f"The address is wrong: check api_url and proxy. The API of {region.label} is {region.api_url}.",
            **parts,
        )
    if answer.status < 500 and answer.body and not answer.is_json():
        kind = AccessRefused if answer.status in (401, 403) else QuotaExceeded if answer.status == 429 else Refused
        return kind(reason, fix=NOT_FROM_THE_API, **parts)
    if answer.status == 401 or (login and answer.status in (400, 403)):
        return AccessRefused(
            reason,
            fix=f"Check client_id and client_password, and that this API client was made in the region "
            f"{region.label}: an API client of one region is unknown in the others.",
            **parts,
        )
    if answer.status == 403:
        fix = secrets.mask(fix_of_missing_scopes(answer.method, answer.path, body, region))
        return AccessRefused(reason, fix=fix, **parts)
    if answer.status == 429:
        return QuotaExceeded(reason, **parts)
    if answer.status == GATEWAY_TIMEOUT:
        return AnswerLate(reason, fix="The API is slow: try again later.", **parts)
    if answer.status >= 500:
        return AnswerLost(reason, fix="The API is in trouble: try again later.", **parts)
    return Refused(reason, fix=FIXES.get(answer.status), **parts)


def _said(answer: Answer, secrets: Secrets, secret: bool) -> dict[str, str | None]:
    """The server's own words about a failure: error, error_description, trace_id; masked."""
    mask = secrets.mask_tokens_too if secret else secrets.mask
    if not answer.is_json():
        words = f"an answer of {answer.kind}{answer.beginning(secrets, secret)}" if answer.body else None
        return {"error": None, "error_description": words, "trace_id": None}
    body = answer.json(secrets)
    if not isinstance(body, dict) or not {"error", "error_description"} & set(body):
        # Such as the 400 of iroh-inspect, which names the field that is wrong (grade A).
        came = json.dumps(body) if body else None
        trace_id = body.get("trace_id") if isinstance(body, dict) else None
        return {
            "error": None,
            "error_description": None if secret else server_text(came, mask),
            "trace_id": server_text(trace_id, secrets.mask),
        }
    return {
        "error": server_text(body.get("error"), mask),
        "error_description": server_text(body.get("error_description"), mask),
        "trace_id": server_text(body.get("trace_id"), secrets.mask),
    }
