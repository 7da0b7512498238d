# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What a failure of the REST API of an appliance means, and what to do about it.

Source: the error shape ``{"error": {"message", "code", "explanation"}}`` (grade A).
"""

from __future__ import annotations

from typing import Any, TypeVar

from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import Answer, server_text
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
    "Check port: 6443 by default, 443 on an appliance that Cisco hosts. It must be the port of the AsyncOS API over HTTPS, "
    "enabled under Network > IP Interfaces. Check product: an ESA serves the path /esa, an SMA /sma. The API came with "
    "AsyncOS 13.0 on an ESA and 12.0 on an SMA."
)
MAY_NOT = "Check that the account's role may see message tracking."
LARGE_SEARCH = "Raise timeout (esa_ctr_api_timeout in the role), or search a shorter time: a loaded appliance takes 100 s and more."
UNKNOWN_LOG_IN = (
    "Check username and password, then run again. The log-in is not repeated by itself, because failed log-ins lock the "
    "account."
)
TLS_FIXES: dict[type[ApiError], str] = {
    CertificateUntrusted: "If the appliance has a self-signed certificate or one of a private CA, give that certificate, or "
    "the CA's, in ca_path.",
    CertificateOfOtherName: "Set host to a name or address that the certificate was issued for, or install a certificate for "
    "the present host on the appliance (Network > Certificates).",
    CertificateExpired: "Renew the appliance's certificate (Network > Certificates), and check the clock of the machine that "
    "runs this task.",
    TlsTooOld: "Enable TLS 1.2 on the appliance (System Administration > SSL Configuration), and give it a certificate whose "
    "key has at least 2,048 bits (Network > Certificates).",
    TlsAbsent: WRONG_PORT,
}
REFUSAL_FIXES = {
    TRACKING_OFF: "Enable message tracking (Security Services > Message Tracking).",
    BAD_ATTRIBUTE: "Check the filters and the times: the appliance does not take this search.",
    NO_PATH: "Check product. If it is right, this AsyncOS does not serve message tracking through the API: upgrade it.",
}
STATUS_FIXES = {
    400: REFUSAL_FIXES[BAD_ATTRIBUTE],
    FORBIDDEN: MAY_NOT,
    404: "The words of the appliance are not known to this collection. Check that message tracking is enabled, the product, "
    "and the filters.",
}


class LogInLost(AnswerLost):
    """Nobody knows whether a log-in was accepted, or counts as a failed one."""


class SearchRefused(Refused):
    """The appliance answered a search with a 4xx. ``refusal`` is one of refusals.WORDS, or OTHER."""

    refusal: str = OTHER


def not_reached(error: ApiError) -> ApiError:
    """Return the same error with what to do about it where an appliance was asked."""
    return converted_error(error, type(error), fix=_fix_of_not_reached(error))


def log_in_lost(error: AnswerLost) -> ApiError:
    """Return what a log-in without an answer stands for."""
    return converted_error(error, LogInLost, fix=UNKNOWN_LOG_IN)


def _fix_of_not_reached(error: ApiError) -> str | None:
    if type(error) in TLS_FIXES:
        return TLS_FIXES[type(error)]
    if isinstance(error, (ProxyFailed, TrustUnreadable)) or error.__class__ is CertificateRefused:
        return error.fix
    if isinstance(error, AnswerUnreadable):
        return WRONG_PORT
    if isinstance(error, OptionRefused):
        return "Check host, port and proxy."
    if isinstance(error, AnswerLate):
        return LARGE_SEARCH
    if isinstance(error, AnswerLost):
        return "Run again. If it stays, look at the log gui_logs of the appliance."
    return f"Check host, DNS and firewall. {WRONG_PORT}"


def log_in_refused(answer: Answer, secrets: Secrets) -> ApiError:
    """Return what an answer to a log-in other than 2xx stands for."""
    reason = f"the log-in was answered {answer.status}"
    if answer.status in (UNAUTHORIZED, FORBIDDEN):
        fix = (
            "Check username and password, and that the account's role may use the API. It was tried once: an account locks "
            "after 5 failed log-ins by default."
        )
        return said_by(AccessRefused, answer, secrets, reason, fix)
    if answer.status >= 500:
        return said_by(LogInLost, answer, secrets, reason, UNKNOWN_LOG_IN)
    return said_by(Refused, answer, secrets, reason, WRONG_PORT)


def search_refused(answer: Answer, secrets: Secrets) -> ApiError:
    """Return what an answer to a search other than 2xx stands for. A 401 may have been tried with a new log-in before."""
    if answer.status == UNAUTHORIZED:
        return said_by(AccessRefused, answer, secrets, "answered 401 right after a log-in", MAY_NOT)
    reason = f"answered {answer.status}"
    if answer.status >= 500:
        fix = "Try again later, or search a shorter time: the appliance is in trouble, or the search is too large."
        return said_by(AnswerLost, answer, secrets, reason, fix)
    refusal = refusal_of(answer.json_object())
    known = REFUSAL_FIXES.get(refusal) or STATUS_FIXES.get(answer.status)
    refused = said_by(SearchRefused, answer, secrets, reason, known or "Look at the log gui_logs of the appliance.")
    refused.refusal = refusal
    return refused


def no_token(answer: Answer, data: Any) -> ApiError:
    """Return what a log-in that gave no JWT stands for. ``data`` is what it gave."""
    if isinstance(data, dict) and data.get("is2FactorRedirectRequired") in (True, "true", "True"):
        return AccessRefused(
            "this account logs in with a second factor, which the API cannot ask for",
            fix="Use a local account without two-factor authentication.",
            **answer.where,
        )
    came = ", ".join(sorted(data)) if isinstance(data, dict) else "none"
    return AnswerUnreadable(
        f'the log-in gave no usable "data.jwtToken"; the fields that came are: {came}',
        fix=WRONG_PORT,
        **answer.where,
    )


def said_by(kind: type[Kind], answer: Answer, secrets: Secrets, reason: str, fix: str) -> Kind:
    """Return an error with the appliance's own words, masked."""
    body = answer.json_object()
    if body is None:
        shown = f"an answer of {answer.kind}{answer.beginning(secrets, secret=True)}" if answer.body else None
        return kind(reason, **answer.where, error_description=shown, fix=fix)
    error = body.get("error")
    explanation = None
    if isinstance(error, dict):
        explanation = error.get("explanation")
        error = error.get("message")
    return kind(
        reason,
        **answer.where,
        error=server_text(error, secrets.mask),
        error_description=server_text(explanation, secrets.mask),
        fix=fix,
    )
