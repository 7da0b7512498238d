# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Meaning and fix of each failure of an appliance's REST API.

Source: the error shape ``{"error": {"message", "code", "explanation"}}`` (grade A).
"""

from __future__ import annotations

from typing import Any, TypeVar

from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import (
    Answer,
    field_names,
    server_text,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import (
    AccessRefused,
    AnswerLate,
    AnswerLost,
    AnswerUnreadable,
    ApiError,
    CertificateRefused,
    OptionRefused,
    ProxyFailed,
    Refused,
    converted_error,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.tls_errors import (
    CertificateExpired,
    CertificateOfOtherName,
    CertificateUntrusted,
    TlsAbsent,
    TlsTooOld,
    TrustUnreadable,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from .refusals import BAD_ATTRIBUTE, NO_PATH, OTHER, TRACKING_OFF, refusal_of

Kind = TypeVar("Kind", bound=ApiError)
UNAUTHORIZED, FORBIDDEN = 401, 403
WRONG_PORT = (
    "check port and product. port is that of the AsyncOS API over HTTPS (Network > IP Interfaces): 6443 by default, 443 on "
    "an appliance hosted by Cisco. product is esa or sma. The API needs AsyncOS 13.0 on an ESA and 12.0 on an SMA."
)
CHECK_ROLE = "check that the role of this user may see message tracking."
LARGE_SEARCH = (
    "raise timeout (esa_ctr_api_timeout in the role), or search a shorter time; a busy appliance takes 100 s or more."
)
UNKNOWN_LOG_IN = (
    "check username and password, then rerun. The log-in is not repeated, because failed log-ins lock the account."
)
TLS_FIXES: dict[type[ApiError], str] = {
    CertificateUntrusted: "set ca_path to the appliance's certificate if it is self-signed, or to the certificate of its CA "
    "if that is private.",
    CertificateOfOtherName: "set host to a name or address in the certificate, or install a certificate for this host on "
    "the appliance (Network > Certificates).",
    CertificateExpired: "renew the appliance's certificate (Network > Certificates), and check the clock of the machine that "
    "runs this task.",
    TlsTooOld: "enable TLS 1.2 on the appliance (System Administration > SSL Configuration), and install a certificate with "
    "a key of at least 2,048 bits (Network > Certificates).",
    TlsAbsent: WRONG_PORT,
}
REFUSAL_FIXES = {
    TRACKING_OFF: "enable message tracking (Security Services > Message Tracking).",
    BAD_ATTRIBUTE: "check the filters and the times; the appliance rejects this search.",
    NO_PATH: "check product. If it is right, upgrade the appliance: this release has no message tracking in its API.",
}
STATUS_FIXES = {
    400: REFUSAL_FIXES[BAD_ATTRIBUTE],
    FORBIDDEN: CHECK_ROLE,
    404: "check product and the filters, and that message tracking is enabled. The appliance's message is unknown to this "
    "collection.",
}


class LogInLost(AnswerLost):
    """A log-in without an answer; it may have been accepted, or count as failed."""


class SearchRefused(Refused):
    """The appliance answered a search with a 4xx. ``refusal`` is one of refusals.WORDS, or OTHER."""

    refusal: str = OTHER


def not_reached(error: ApiError) -> ApiError:
    """Return the same error with the fix for an appliance."""
    return converted_error(error, type(error), fix=_fix_of_not_reached(error))


def log_in_lost(error: AnswerLost) -> ApiError:
    """Return the error for a log-in without an answer."""
    return converted_error(error, LogInLost, fix=UNKNOWN_LOG_IN)


def _fix_of_not_reached(error: ApiError) -> str | None:
    if type(error) in TLS_FIXES:
        return TLS_FIXES[type(error)]
    if isinstance(error, (ProxyFailed, TrustUnreadable)) or error.__class__ is CertificateRefused:
        return error.fix
    if isinstance(error, AnswerUnreadable):
        return WRONG_PORT
    if isinstance(error, OptionRefused):
        return "check host, port and proxy."
    if isinstance(error, AnswerLate):
        return LARGE_SEARCH
    if isinstance(error, AnswerLost):
        return "rerun. If the error persists, check the appliance's log gui_logs."
    return f"check host, DNS and firewall; {WRONG_PORT}"


def log_in_refused(answer: Answer, secrets: Secrets) -> ApiError:
    """Return the error for an answer to a log-in other than 2xx."""
    reason = f"the log-in was answered {answer.status}"
    if answer.status in (UNAUTHORIZED, FORBIDDEN):
        fix = (
            "check username and password, and that the role of this user may use the API. The log-in was tried once, because "
            "an account locks after 5 failed log-ins by default."
        )
        return with_server_words(AccessRefused, answer, secrets, reason, fix)
    if answer.status >= 500:
        return with_server_words(LogInLost, answer, secrets, reason, UNKNOWN_LOG_IN)
    return with_server_words(Refused, answer, secrets, reason, WRONG_PORT)


def search_refused(answer: Answer, secrets: Secrets) -> ApiError:
    """Return the error for an answer to a search other than 2xx. A 401 may follow a new log-in."""
    if answer.status == UNAUTHORIZED:
        return with_server_words(AccessRefused, answer, secrets, "answered 401 right after a log-in", CHECK_ROLE)
    reason = f"answered {answer.status}"
    if answer.status >= 500:
        fix = "rerun later, or search a shorter time; the appliance has an internal error, or the search is too large."
        return with_server_words(AnswerLost, answer, secrets, reason, fix)
    refusal = refusal_of(answer.json_object())
    known = REFUSAL_FIXES.get(refusal) or STATUS_FIXES.get(answer.status)
    refused = with_server_words(SearchRefused, answer, secrets, reason, known or "check the appliance's log gui_logs.")
    refused.refusal = refusal
    return refused


def no_token(answer: Answer, data: Any, secrets: Secrets) -> ApiError:
    """Return the error for a log-in without a JWT. ``data`` is the data of its answer."""
    if isinstance(data, dict) and data.get("is2FactorRedirectRequired") in (True, "true", "True"):
        return AccessRefused(
            "this user has a second factor, which the API cannot ask for",
            fix="use a local user without two-factor authentication.",
            **answer.where,
        )
    came = field_names(data, secrets) if isinstance(data, dict) else "none"
    return AnswerUnreadable(
        f'the answer to the log-in has no valid "data.jwtToken"; its fields are: {came}',
        fix=WRONG_PORT,
        **answer.where,
    )


def with_server_words(kind: type[Kind], answer: Answer, secrets: Secrets, reason: str, fix: str) -> Kind:
    """Return an error with the appliance's own words, masked."""
    body = answer.json_object()
    if body is None:
        shown = f"an answer of {answer.kind(secrets)}{answer.beginning(secrets, secret=True)}" if answer.body else None
        return kind(reason, **answer.where, error_description=shown, fix=fix)
    error = body.get("error")
    explanation = None
    if isinstance(error, dict):
        explanation = error.get("explanation")
        error = error.get("message")
    return kind(
        reason,
        **answer.where,
        error=server_text(error, secrets),
        error_description=server_text(explanation, secrets),
        fix=fix,
    )
