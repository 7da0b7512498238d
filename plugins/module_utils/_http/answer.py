# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read the answer of an API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN, Secrets

from .body import parse_json
from .errors import AnswerUnreadable

EXCERPT = 100
LONGEST_WORDS = 500
LONGEST_NAMES = 300
LONGEST_BEGINNING = 300_000
"""Bytes of a body for an excerpt: more characters than Secrets searches, in any encoding."""
UNREADABLE = object()
NOT_FROM_THE_API = "check api_url and proxy; a portal or proxy may have answered instead of the API"


@dataclass(frozen=True, repr=False)
class Answer:
    """An answer: request, host, status, headers (not case-sensitive), and body in bytes."""

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
    def request(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def where(self) -> dict[str, Any]:
        """Return the parts of an ApiError that describe this answer."""
        return {"method": self.method, "path": self.path, "host": self.host, "http_status": self.status}

    @property
    def date(self) -> datetime | None:
        """Return the time of the answer by the clock of the server, or None if it does not show it."""
        try:
            when = parsedate_to_datetime(str(self.headers.get("Date")))
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
        return when if when.tzinfo else when.replace(tzinfo=timezone.utc)

    def kind(self, secrets: Secrets) -> str:
        """Return the media type that the server sent, masked."""
        return secrets.beginning(header_text(self.headers.get("Content-Type", "no type given")), EXCERPT)

    def json(self, secrets: Secrets, *, secret: bool = False) -> Any:
        """Return the body as data. Raise AnswerUnreadable, which shows its type and beginning.

        If the answer should contain a secret, show the beginning only if it is a web page.
        """
        if self.is_json():
            return self._data
        kind = self.kind(secrets)
        is_json = "json" in kind.lower()
        what = f"invalid JSON{self._why}" if is_json else f"{kind}, not JSON"
        raise AnswerUnreadable(
            f"the answer is {what}, {len(self.body)} bytes{self.beginning(secrets, secret)}",
            **self.where,
            fix="rerun later" if is_json else NOT_FROM_THE_API,
        )

    def json_value(self) -> Any:
        """Return the data of a JSON answer, or None for any other answer."""
        return None if self._data is UNREADABLE else self._data

    def is_json(self) -> bool:
        """Return whether the body is valid JSON."""
        return self._data is not UNREADABLE

    def json_object(self) -> dict[str, Any] | None:
        """Return the body if it is a JSON object, or None."""
        return self._data if isinstance(self._data, dict) else None

    def beginning(self, secrets: Secrets, secret: bool) -> str:
        """Return the beginning of the body, such as C(, beginning with '<html>'), or an empty string."""
        text = secrets.line(self.body[:LONGEST_BEGINNING].decode("utf-8", "replace"), EXCERPT, tokens=True)
        if not text or (secret and not text.startswith("<")):
            return ""
        return f", beginning with {text!r}"

    @property
    def _data(self) -> Any:
        return self._parsed[0]

    @property
    def _why(self) -> str:
        return self._parsed[1]

    @cached_property
    def _parsed(self) -> tuple[Any, str]:
        """Return the data, or UNREADABLE and the reason. Messages of the JSON library are omitted."""
        try:
            return parse_json(self.body), ""
        except ValueError as error:
            return UNREADABLE, f" ({error})" if error.__class__ is ValueError else ""


def header_text(value: Any) -> str:
    """Return the text of a header or status line, which http.client reads as Latin-1. A server may send UTF-8."""
    text = str(value)
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def field_names(record: Any, secrets: Secrets = OF_RUN) -> str:
    """Return the field names of a JSON object, masked, up to a limit, or the type of another value."""
    if not isinstance(record, dict):
        return {list: "a list", str: "a string", type(None): "none"}.get(type(record), "a value")
    names = secrets.beginning(", ".join(sorted(record)), LONGEST_NAMES + 1) or "none"
    return names if len(names) <= LONGEST_NAMES else f"{names[:LONGEST_NAMES]}..."


def server_text(value: Any, secrets: Secrets, tokens: bool = False) -> str | None:
    """Return the text of a field of an answer, masked and shortened; None if it is empty. ``tokens``: see Secrets.beginning."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    return secrets.beginning(text, LONGEST_WORDS, tokens)
