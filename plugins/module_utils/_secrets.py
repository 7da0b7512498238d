# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Mask secrets, for SSH, REST and cloud."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote

MASK = "********"

# The form of a registration token in the portal (grade S): an answer can contain a token that is not yet known.
_TOKEN_LIKE = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{32}(?![0-9a-fA-F])")
_ESCAPED_BYTE = re.compile("%[0-9A-F]{2}")
_BOTH_QUOTES = "'\""


class Secrets:
    """The secrets of one task. Mask them in text and in data, in all encodings."""

    def __init__(self, *values: str | None) -> None:
        self._forms: list[str] = []
        self.add(*values)

    def add(self, *values: str | None) -> None:
        """Add secrets. Ignore empty and blank values."""
        found = set(self._forms)
        for value in values:
            if value and value.strip():
                found.update(form for form in _forms(str(value)) if form.strip())
        # Longest first: a secret can be part of another secret.
        self._forms = sorted(found, key=len, reverse=True)

    def mask(self, text: str) -> str:
        """Return the text with every known secret masked."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text

    def mask_data(self, data: Any) -> Any:
        """Return the data (str, numbers, None, list, tuple, dict) with every known secret masked, keys included."""
        if isinstance(data, str):
            return self.mask(data)
        if isinstance(data, dict):
            return {self.mask_data(key): self.mask_data(value) for key, value in data.items()}
        if isinstance(data, (list, tuple)):
            return [self.mask_data(value) for value in data]
        return data

    def mask_tokens_too(self, text: str) -> str:
        """Return the text with known secrets masked, and all strings in the form of a registration token."""
        return _TOKEN_LIKE.sub(MASK, self.mask(text))

    def __repr__(self) -> str:
        return "<Secrets>"


def _forms(value: str) -> Iterator[str]:
    raw = _bytes(value)
    yield value
    yield unquote(value)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        padded = encode(raw).decode("ascii")
        yield padded
        yield padded.rstrip("=")
    for quoted in (quote(raw), quote(raw, safe=""), quote_plus(raw)):
        yield quoted
        yield _ESCAPED_BYTE.sub(lambda byte: byte[0].lower(), quoted)
    for flag in (True, False):
        yield json.dumps(value, ensure_ascii=flag)[1:-1]
        yield html.escape(value, quote=flag)
    yield repr(value)[1:-1]
    # In a longer text with both kinds of quotes, Python escapes the single quotes.
    yield repr(_BOTH_QUOTES + value)[len(repr(_BOTH_QUOTES)) - 1 : -1]


def _bytes(value: str) -> bytes:
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that does not represent a byte
        return value.encode("utf-8", "surrogatepass")
