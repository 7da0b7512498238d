# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Errors of an API over HTTPS, in the cloud or on an appliance.

Each message contains the host, the problem in the words of the server, the request, and the fix; these parts are also
result keys. Callers mask secrets first. Characters that could harm a terminal are escaped here.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._shown import ENDS_A_SENTENCE, message, shown


class ApiError(Exception):
    """An error of an API. ``reason`` is a sentence; the other parts can be None."""

    def __init__(
        self,
        reason: str,
        *,
        method: str | None = None,
        path: str | None = None,
        host: str | None = None,
        http_status: int | None = None,
        error: str | None = None,
        error_description: str | None = None,
        trace_id: str | None = None,
        fix: str | None = None,
    ) -> None:
        self.reason = shown(reason)
        self.method = method
        self.path = _shown(path)
        self.host = _shown(host)
        self.http_status = http_status
        self.error = _shown(error)
        self.error_description = _shown(error_description)
        self.trace_id = _shown(trace_id)
        self.fix = _shown(fix)
        super().__init__(message(self.host, self.problem, self.fix))

    @property
    def problem(self) -> str:
        """Return the reason, the words of the server if any, and the request."""
        said = self._said()
        request = f"{self.method} {self.path}" if self.method and self.path else ""
        trace = f"trace_id {self.trace_id}" if self.trace_id else ""
        details = ", ".join(filter(None, (request, trace)))
        text = f"{self.reason}: {said}" if said else self.reason
        return f"{text.rstrip('.')} ({details})" if details else text

    def _said(self) -> str:
        """Return the words of the server."""
        between = " " if (self.error or "").endswith(ENDS_A_SENTENCE) else ": "
        return between.join(part for part in (self.error, self.error_description) if part)

    def as_result(self) -> dict[str, Any]:
        """Return the keys for C(fail_json): msg and its parts, always the same keys. C(remedy) is an alias of C(fix)."""
        return {
            "msg": str(self),
            "error": self.error,
            "error_description": self.error_description,
            "trace_id": self.trace_id,
            "http_status": self.http_status,
            "path": f"{self.method} {self.path}" if self.method and self.path else self.path,
            "problem": self.problem,
            "fix": self.fix,
            "remedy": self.fix,
        }


class OptionRefused(ApiError):
    """An option is invalid. Nothing was sent."""


class NotSent(ApiError):
    """The request did not reach the server: DNS, refused connection, TLS, proxy. A retry is safe."""


class CertificateRefused(NotSent):
    """The TLS handshake failed, for example because the certificate is not trusted."""


class ProxyFailed(NotSent):
    """The proxy could not be reached, or refused the connection."""


class AnswerLost(ApiError):
    """The outcome is unknown: the connection broke or timed out, or the server answered 5xx."""


class AnswerLate(AnswerLost):
    """The answer timed out. The server may still process the request, so a read now proves nothing."""


class AnswerEndless(AnswerLate):
    """The answer takes too long or is too large. A retry would fail in the same way."""


class AnswerUnreadable(ApiError):
    """The answer is not a valid answer of the API: HTML, invalid JSON, a redirect, a missing field."""


class Refused(ApiError):
    """The API answered 4xx for this request: not found, conflict, invalid."""


class AccessRefused(ApiError):
    """The API answered 401 or 403: credentials, region or scopes are wrong for all requests."""


def _shown(text: str | None) -> str | None:
    return None if text is None else shown(text)


def converted_error(failure: ApiError, kind: type[ApiError], **changes: str | None) -> ApiError:
    """Return the error as another class of ApiError, with the parts in ``changes`` replaced."""
    parts: dict[str, Any] = {
        "reason": failure.reason,
        "method": failure.method,
        "path": failure.path,
        "host": failure.host,
        "http_status": failure.http_status,
        "error": failure.error,
        "error_description": failure.error_description,
        "trace_id": failure.trace_id,
        "fix": failure.fix,
        **changes,
    }
    return kind(parts.pop("reason"), **parts)
