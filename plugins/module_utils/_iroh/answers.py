# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. An answer of the API, and what it means when it is a refusal.

Source: the error shape ``{"error", "error_description", "trace_id"}`` of the API's documentation (grade A).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.errors import (
    AccessRefused,
    AnswerLate,
    AnswerLost,
    AnswerUnreadable,
    IrohError,
    QuotaExceeded,
    Refused,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.scopes import remedy_of_missing_scopes
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.secrets import Secrets
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import Region

EXCERPT = 100
LONGEST_WORDS = 500
GATEWAY_TIMEOUT = 504
SOMETHING_ELSE = "Something other than the API may have answered (a portal, a proxy): check api_url and proxy."

REMEDIES = {
    404: "It may have been removed meanwhile: run again, which looks first.",
    409: "It may have been changed or made meanwhile: run again, which looks first.",
}


@dataclass(frozen=True, repr=False)
class Answer:
    """One answer: what was asked of whom, status, headers (of any case), body in bytes."""

    method: str
    path: str
    host: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def asked(self) -> str:
        return f"{self.method} {self.path}"

    def json(self, secrets: Secrets, *, secret: bool = False) -> Any:
        """The body as data. Raises AnswerUnreadable, which shows its type and beginning.

        Where the answer is to hold a secret, the beginning is shown only if it is plainly a page for people.
        """
        try:
            return json.loads(self.body.decode("utf-8"))
        except (UnicodeDecodeError, ValueError):
            pass
        kind = self.headers.get("Content-Type", "no type given")
        is_json = "json" in kind.lower()
        what = "broken JSON" if is_json else f"not JSON but {kind}"
        raise AnswerUnreadable(
            f"the answer is {what}, {len(self.body)} bytes{self._beginning(secrets, secret)}",
            method=self.method,
            path=self.path,
            host=self.host,
            http_status=self.status,
            remedy="Try again later." if is_json else SOMETHING_ELSE,
        )

    def _beginning(self, secrets: Secrets, secret: bool) -> str:
        # Masked before it is cut, lest half a secret stay at the edge.
        text = secrets.mask_tokens_too(" ".join(self.body.decode("utf-8", "replace").split()))
        if not text or (secret and not text.startswith("<")):
            return ""
        return f", beginning with {text[:EXCERPT]!r}"

    def is_json(self) -> bool:
        """Whether the body can be read as JSON."""
        try:
            json.loads(self.body.decode("utf-8"))
        except (UnicodeDecodeError, ValueError):
            return False
        return True

    def error_body(self) -> dict[str, Any] | None:
        """The JSON object of a refusal, or None where something else came."""
        body = json.loads(self.body.decode("utf-8")) if self.is_json() else None
        return body if isinstance(body, dict) else None

    def said(self, secrets: Secrets, secret: bool) -> dict[str, str | None]:
        """The server's own words about a failure: error, error_description, trace_id; masked."""
        mask = secrets.mask_tokens_too if secret else secrets.mask
        try:
            body = json.loads(self.body.decode("utf-8"))
        except (UnicodeDecodeError, ValueError):
            kind = self.headers.get("Content-Type", "no type given")
            words = f"an answer of {kind}{self._beginning(secrets, secret)}" if self.body else None
            return {"error": None, "error_description": words, "trace_id": None}
        if not isinstance(body, dict) or not {"error", "error_description"} & set(body):
            # Such as the 400 of iroh-inspect, which names the field that is wrong (grade A).
            came = json.dumps(body) if body else None
            trace_id = body.get("trace_id") if isinstance(body, dict) else None
            return {
                "error": None,
                "error_description": None if secret else _words(came, mask),
                "trace_id": _words(trace_id, secrets.mask),
            }
        return {
            "error": _words(body.get("error"), mask),
            "error_description": _words(body.get("error_description"), mask),
            "trace_id": _words(body.get("trace_id"), secrets.mask),
        }


def failure_of(
    answer: Answer, secrets: Secrets, region: Region, *, secret: bool = False, login: bool = False
) -> IrohError:
    """The error that an answer other than 2xx stands for. ``login``: it was asked for an access token."""
    parts: dict[str, Any] = {
        "method": answer.method,
        "path": answer.path,
        "host": answer.host,
        "http_status": answer.status,
        **answer.said(secrets, secret),
    }
    reason = f"answered {answer.status}"
    body = answer.error_body()
    if answer.status < 500 and answer.body and not answer.is_json():
        kind = AccessRefused if answer.status in (401, 403) else QuotaExceeded if answer.status == 429 else Refused
        return kind(reason, remedy=SOMETHING_ELSE, **parts)
    if answer.status == 401 or (login and answer.status in (400, 403)):
        return AccessRefused(
            reason,
            remedy=f"Check client_id and client_password, and that this API client was made in the region "
            f"{region.label}: an API client of one region is unknown in the others.",
            **parts,
        )
    if answer.status == 403:
        remedy = secrets.mask(remedy_of_missing_scopes(answer.method, answer.path, body, region))
        return AccessRefused(reason, remedy=remedy, **parts)
    if answer.status == 429:
        return QuotaExceeded(reason, **parts)
    if answer.status == GATEWAY_TIMEOUT:
        return AnswerLate(reason, remedy="The API is slow: try again later.", **parts)
    if answer.status >= 500:
        return AnswerLost(reason, remedy="The API is in trouble: try again later.", **parts)
    return Refused(reason, remedy=REMEDIES.get(answer.status), **parts)


def _words(value: Any, mask: Any) -> str | None:
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    return mask(text)[:LONGEST_WORDS]
