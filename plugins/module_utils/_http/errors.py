# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What can go wrong between us and an API over HTTPS, of the cloud or of an appliance.

Every message says what was asked, where, with which answer, in the server's words, and what to do next; the same parts
are result keys. Nothing here ever holds a secret: texts from outside come in already masked by the client. What could
harm a terminal is escaped here.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._shown import ENDS_A_SENTENCE, message, shown


class ApiError(Exception):
    """Any failure of an API. ``reason`` is a sentence; the other parts may be None."""

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
        """What happened, in the words of the server where it has any, and to which request."""
        said = self._said()
        request = f"{self.method} {self.path}" if self.method and self.path else ""
        trace = f"trace_id {self.trace_id}" if self.trace_id else ""
        details = ", ".join(filter(None, (request, trace)))
        text = f"{self.reason}: {said}" if said else self.reason
        return f"{text.rstrip('.')} ({details})" if details else text

    def _said(self) -> str:
        """The server's own words."""
        between = " " if (self.error or "").endswith(ENDS_A_SENTENCE) else ": "
        return between.join(part for part in (self.error, self.error_description) if part)

    def as_result(self) -> dict[str, Any]:
        """The keys of C(fail_json): msg and its parts, always the same keys. C(remedy) is an alias of C(fix)."""
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
    """An option that must not be used as it is; nothing was sent."""


class NotSent(ApiError):
    """The request did not reach the server: DNS, refused connection, TLS, proxy. It is safe to send it again."""


class CertificateRefused(NotSent):
    """TLS could not be agreed: the certificate is not trusted, or is of another host."""


class ProxyFailed(NotSent):
    """The proxy could not be reached or would not let us through."""


class AnswerLost(ApiError):
    """The request may or may not have been carried out: the connection broke, timed out, or a 5xx came back."""


class AnswerLate(AnswerLost):
    """No answer in time, so that the server may still be at work on the request: a look now proves nothing yet."""


class AnswerEndless(AnswerLate):
    """An answer that goes on for too long, or is too large. Another try would cost the same: it is not repeated."""


class AnswerUnreadable(ApiError):
    """An answer came that is not what the API sends: HTML, broken JSON, a redirect, a missing field."""


class Refused(ApiError):
    """The API answered with a 4xx about this very request: not found, conflict, invalid."""


class AccessRefused(ApiError):
    """401 or 403: the credentials, the region or the scopes are not right, for every further request too."""


def _shown(text: str | None) -> str | None:
    return None if text is None else shown(text)


def converted_error(failure: ApiError, kind: type[ApiError], **changes: str | None) -> ApiError:
    """The same failure as another member of the family, with another reason or fix where one is given."""
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
