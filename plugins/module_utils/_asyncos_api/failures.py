# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What a failure of the REST API of an appliance means, and what to do about it.

Source: the error shape ``{"error": {"message", "code", "explanation"}}`` (grade C).
"""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._https.answer import Answer, server_words
from ansible_collections.emailsec.ctr.plugins.module_utils._https.errors import (
    AccessRefused,
    AnswerLost,
    AnswerUnreadable,
    ApiError,
    CertificateRefused,
    OptionRefused,
    ProxyFailed,
    Refused,
    same_failure,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._https.secrets import Secrets

UNAUTHORIZED, FORBIDDEN = 401, 403
WRONG_PORT = (
    "Check port (6443 unless it was changed; it must be the port of the AsyncOS API over HTTPS, enabled under Network > "
    "IP Interfaces) and product: an ESA serves the path /esa, an SMA /sma. The API came with AsyncOS 13.0 on an ESA and "
    "12.0 on an SMA."
)
REMEDIES = {
    400: "Check the filters and the times: the appliance does not take this search.",
    UNAUTHORIZED: "Check that the account's role may see message tracking.",
    FORBIDDEN: "Enable message tracking (Security Services > Message Tracking), and check that the account's role may see it.",
    404: "Enable message tracking (Security Services > Message Tracking), and check product; an older AsyncOS does not serve "
    "message tracking through the API.",
}


def not_reached(error: ApiError) -> ApiError:
    """The same error with what to do about it where an appliance was asked."""
    return same_failure(error, type(error), remedy=_remedy_of_not_reached(error))


def _remedy_of_not_reached(error: ApiError) -> str | None:
    if isinstance(error, CertificateRefused):
        return (
            "If the appliance has a certificate of its own making or of a private CA, give that certificate, or the CA's, in "
            "ca_path; the certificate must be for the name or address in host."
        )
    if isinstance(error, AnswerUnreadable):
        return WRONG_PORT
    if isinstance(error, ProxyFailed):
        return error.remedy
    if isinstance(error, OptionRefused):
        return "Check host, port and proxy."
    if isinstance(error, AnswerLost):
        return "Raise timeout, or search a shorter time: large searches take an appliance long."
    return f"Check host, DNS and firewall. {WRONG_PORT}"


def log_in_refused(answer: Answer, secrets: Secrets) -> ApiError:
    """What an answer to a log-in other than 2xx stands for."""
    reason = f"the log-in was answered {answer.status}"
    if answer.status in (UNAUTHORIZED, FORBIDDEN):
        remedy = "Check username and password, and that the account's role may use the API."
        return said_by(AccessRefused, answer, secrets, reason, remedy)
    if answer.status >= 500:
        return said_by(AnswerLost, answer, secrets, reason, "The appliance is in trouble: try again later.")
    return said_by(Refused, answer, secrets, reason, WRONG_PORT)


def search_refused(answer: Answer, secrets: Secrets) -> ApiError:
    """What an answer to a search other than 2xx stands for. A 401 has been tried with a new log-in by then."""
    if answer.status == UNAUTHORIZED:
        reason = "answered 401 twice, right after a new log-in too"
        return said_by(AccessRefused, answer, secrets, reason, REMEDIES[UNAUTHORIZED])
    reason = f"answered {answer.status}"
    if answer.status >= 500:
        remedy = "The appliance is in trouble, or the search is too large: try a shorter time, or later."
        return said_by(AnswerLost, answer, secrets, reason, remedy)
    remedy = REMEDIES.get(answer.status, "Look at the log gui_logs of the appliance.")
    return said_by(Refused, answer, secrets, reason, remedy)


def no_token(answer: Answer, data: Any) -> ApiError:
    """What a log-in that gave no JWT stands for. ``data`` is what it gave."""
    if isinstance(data, dict) and data.get("is2FactorRedirectRequired") in (True, "true", "True"):
        return AccessRefused(
            "this account logs in with a second factor, which the API cannot ask for",
            remedy="Use a local account without two-factor authentication.",
            **answer.where,
        )
    came = ", ".join(sorted(data)) if isinstance(data, dict) else "none"
    return AnswerUnreadable(
        f'the log-in gave no usable "data.jwtToken"; the fields that came are: {came}',
        remedy=WRONG_PORT,
        **answer.where,
    )


def said_by(kind: type[ApiError], answer: Answer, secrets: Secrets, reason: str, remedy: str) -> ApiError:
    """An error with the appliance's own words, masked."""
    body = answer.json_object() or {}
    error, explanation = body.get("error"), None
    if isinstance(error, dict):
        error, explanation = error.get("message"), error.get("explanation")
    return kind(
        reason,
        **answer.where,
        error=server_words(error, secrets.mask),
        error_description=server_words(explanation, secrets.mask),
        remedy=remedy,
    )
