# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. An answer of an API, and its body as data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from .body import parse_json
from .errors import AnswerUnreadable

EXCERPT = 100
LONGEST_WORDS = 500
LONGEST_NAMES = 300
LONGEST_BEGINNING = 10_000
"""Bytes that are masked for an excerpt; far more than it shows, so that no secret is cut at its edge."""
UNREADABLE = object()
NOT_FROM_THE_API = "Something other than the API may have answered (a portal, a proxy): check api_url and proxy."


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
    def request(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def where(self) -> dict[str, Any]:
        """What an ApiError says about this answer."""
        return {"method": self.method, "path": self.path, "host": self.host, "http_status": self.status}

    @property
    def kind(self) -> str:
        """The media type in the server's words."""
        return str(self.headers.get("Content-Type", "no type given"))[:EXCERPT]

    def json(self, secrets: Secrets, *, secret: bool = False) -> Any:
        """The body as data. Raises AnswerUnreadable, which shows its type and beginning.

        Where the answer is to hold a secret, the beginning is shown only if it is plainly a page for people.
        """
        if self.is_json():
            return self._data
        is_json = "json" in self.kind.lower()
        what = f"broken JSON{self._why}" if is_json else f"not JSON but {self.kind}"
        raise AnswerUnreadable(
            f"the answer is {what}, {len(self.body)} bytes{self.beginning(secrets, secret)}",
            **self.where,
            fix="Try again later." if is_json else NOT_FROM_THE_API,
        )

    def is_json(self) -> bool:
        """Whether the body can be read as JSON."""
        return self._data is not UNREADABLE

    def json_object(self) -> dict[str, Any] | None:
        """The body where it is a JSON object, or None where something else came."""
        return self._data if isinstance(self._data, dict) else None

    def beginning(self, secrets: Secrets, secret: bool) -> str:
        """Such as C(, beginning with '<html>'); empty where nothing may be shown."""
        # Masked before it is cut, lest half a secret stay at the edge.
        text = secrets.mask_tokens_too(" ".join(self.body[:LONGEST_BEGINNING].decode("utf-8", "replace").split()))
        if not text or (secret and not text.startswith("<")):
            return ""
        return f", beginning with {text[:EXCERPT]!r}"

    @property
    def _data(self) -> Any:
        return self._parsed[0]

    @property
    def _why(self) -> str:
        return self._parsed[1]

    @cached_property
    def _parsed(self) -> tuple[Any, str]:
        """The data, or UNREADABLE and why. The texts of the library's own errors tell engineers nothing."""
        try:
            return parse_json(self.body), ""
        except ValueError as error:
            return UNREADABLE, f" ({error})" if error.__class__ is ValueError else ""


def field_names(record: Any) -> str:
    """The names of the fields of a JSON object, not too many; for anything else, what it is instead."""
    if not isinstance(record, dict):
        return {list: "a list", str: "a text", type(None): "nothing"}.get(type(record), "a value")
    names = ", ".join(sorted(record)) or "none"
    return names if len(names) <= LONGEST_NAMES else f"{names[:LONGEST_NAMES]}..."


def server_text(value: Any, mask: Callable[[str], str]) -> str | None:
    """What a server says in a field of its answer, masked and not too long; None where it says nothing."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    return mask(text[:LONGEST_BEGINNING])[:LONGEST_WORDS]
