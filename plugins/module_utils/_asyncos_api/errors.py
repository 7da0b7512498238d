# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What can go wrong between us and the REST API of an appliance, as a small family.

Every message says what was asked, where, with which status, in the appliance's words, and what to do next; the same
parts are result keys. Texts from outside come in already masked.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """Any failure of the appliance's API. ``reason`` is a sentence; the other parts may be None."""

    def __init__(
        self,
        reason: str,
        *,
        host: str | None = None,
        method: str | None = None,
        path: str | None = None,
        http_status: int | None = None,
        error: str | None = None,
        explanation: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.reason = reason
        self.host = host
        self.method = method
        self.path = path
        self.http_status = http_status
        self.error = error
        self.explanation = explanation
        self.remedy = remedy
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        where = ""
        if self.method and self.path:
            where = f"{self.method} {self.path} at {self.host}: "
        elif self.host:
            where = f"{self.host}: "
        said = " ".join(part for part in (self.error, self.explanation) if part)
        text = f"{where}{self.reason}" + (f": {said}" if said else "")
        if not text.endswith((".", "!", "?")):
            text += "."
        return f"{text} {self.remedy}" if self.remedy else text

    def as_result(self) -> dict[str, Any]:
        """The keys of C(fail_json): msg and the parts of it, always the same keys."""
        return {
            "msg": str(self),
            "error": self.error,
            "explanation": self.explanation,
            "http_status": self.http_status,
            "path": f"{self.method} {self.path}" if self.method and self.path else self.path,
            "remedy": self.remedy,
        }


class OptionRefused(ApiError):
    """An option that must not be used as it is; nothing was sent."""


class NotReached(ApiError):
    """No answer came: name, network, firewall, certificate, proxy or time-out."""


class AccessRefused(ApiError):
    """401: user name or password are not right, or the log-in needs a second factor."""


class SearchRefused(ApiError):
    """The appliance answered a search with an error: tracking is off, not allowed or not there, or the query is bad."""


class AnswerUnreadable(ApiError):
    """An answer came that is not what the API sends."""


class WaitedInVain(ApiError):
    """Time is up, and no message was found."""
