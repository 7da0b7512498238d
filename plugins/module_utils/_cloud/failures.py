# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Turn answers of the cloud API other than 2xx into errors.

Source: the error object ``{"error", "error_description", "trace_id"}`` in the API documentation (grade A).
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
    404: "rerun; the object may have been removed, and the next run reads the current state before it writes",
    409: "rerun; the object may have been created or changed, and the next run reads the current state before it "
    "writes",
}


def failure_of(
    answer: Answer, secrets: Secrets, region: Region, *, secret: bool = False, login: bool = False
) -> ApiError:
    """Return the error for an answer other than 2xx. ``login``: the request was a log-in."""
    parts = {**answer.where, **_said(answer, secrets, secret)}
    reason = f"answered {answer.status}"
    body = answer.json_object()
    if login and answer.status == 404:
        return Refused(
            f"the API has no log-in at this address ({reason})",
            fix=f"check api_url and proxy; the API of {region.label} is {region.api_url}",
            **parts,
        )
    if answer.status < 500 and answer.body and not answer.is_json():
        kind = AccessRefused if answer.status in (401, 403) else QuotaExceeded if answer.status == 429 else Refused
        return kind(reason, fix=NOT_FROM_THE_API, **parts)
    if answer.status == 401 or (login and answer.status in (400, 403)):
        return AccessRefused(
            reason,
            fix=f"check client_id and client_password, and that this API client was created in {region.label}. An API "
            "client is valid in one region only.",
            **parts,
        )
    if answer.status == 403:
        fix = secrets.mask(fix_of_missing_scopes(answer.method, answer.path, body, region))
        return AccessRefused(reason, fix=fix, **parts)
    if answer.status == 429:
        return QuotaExceeded(reason, **parts)
    if answer.status == GATEWAY_TIMEOUT:
        return AnswerLate(reason, fix="rerun later; the API is slow", **parts)
    if answer.status >= 500:
        return AnswerLost(reason, fix="rerun later; the API reports a server error", **parts)
    return Refused(reason, fix=FIXES.get(answer.status), **parts)


def _said(answer: Answer, secrets: Secrets, secret: bool) -> dict[str, str | None]:
    """Return error, error_description and trace_id as the server sent them, masked."""
    if not answer.is_json():
        words = f"the answer is {answer.kind(secrets)}{answer.beginning(secrets, secret)}" if answer.body else None
        return {"error": None, "error_description": words, "trace_id": None}
    body = answer.json(secrets)
    if not isinstance(body, dict) or not {"error", "error_description"} & set(body):
        # For example, the 400 of iroh-inspect names the wrong field (grade A).
        came = json.dumps(body) if body else None
        trace_id = body.get("trace_id") if isinstance(body, dict) else None
        return {
            "error": None,
            "error_description": None if secret else server_text(came, secrets),
            "trace_id": server_text(trace_id, secrets),
        }
    return {
        "error": server_text(body.get("error"), secrets, tokens=secret),
        "error_description": server_text(body.get("error_description"), secrets, tokens=secret),
        "trace_id": server_text(body.get("trace_id"), secrets),
    }
