# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Mask secrets, for SSH, REST and cloud.

A process that knows the secrets of a whole run adds them with C(know). From then on, every C(Secrets) masks them too.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

MASK = "********"

# The form of a registration token in the portal (grade S): an answer can contain a token that is not yet known.
_TOKEN_LIKE = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{32}(?![0-9a-fA-F])")
_ESCAPED_BYTE = re.compile("%[0-9A-F]{2}")
_BOTH_QUOTES = "'\""
_BEGINNING, _FEW = 4, 500
"""Characters of a form that find it: a fleet can have thousands of secrets, and each text is searched only once."""
_SEARCHED, _LONGEST = 65536, 8192
"""Characters of a long text that are searched, and of a secret in its longest form: a part of one may be where the search ends."""
_WEAK = re.compile(r".{0,5}|[A-Za-z][a-z]{5,11}[0-9]{0,4}", re.S)
"""Secrets that are probably a part of a name too. Only the texts of their own system are masked."""
NAMES = re.compile(r"password|passphrase|token|proxy|secret|notify_url|notify_headers")
"""Names of variables, options and keys that may hold a secret."""
_NOT_SECRET = re.compile(r"_(?:file|lifetime)$")


class Secrets:
    """The secrets of one task. Mask them in text and in data, in all encodings."""

    def __init__(self, *values: str | None) -> None:
        self._forms: defaultdict[str, set[str]] = defaultdict(set)
        self.add(*values)

    def add(self, *values: str | None) -> None:
        """Add secrets. Ignore empty and blank values."""
        for value in values:
            if value and value.strip():
                for form in filter(str.strip, _forms(str(value))):
                    self._forms[form[:_BEGINNING]].add(form)

    def mask(self, text: str) -> str:
        """Return the text with every known secret masked."""
        # Longest first: a secret can be part of another secret.
        for form in sorted(self._forms_in(text) | OF_RUN._forms_in(text), key=len, reverse=True):
            text = text.replace(form, MASK)
        return text

    def _forms_in(self, text: str) -> set[str]:
        forms: Iterable[str]
        if len(self._forms) < _FEW:
            forms = (form for beginning in self._forms.values() for form in beginning)
        else:
            cuts = (text[at : at + size] for size in {len(key) for key in self._forms} for at in range(len(text)))
            forms = (
                form for beginning in {cut for cut in cuts if cut in self._forms} for form in self._forms[beginning]
            )
        return {form for form in forms if form in text}

    def beginning(self, text: str, most: int, tokens: bool = False) -> str:
        """Return at most ``most`` characters of the beginning of the text, masked. No part of a secret is at its end.

        ``tokens``: also mask strings in the form of a registration token.
        """
        return self._masked_beginning(text, tokens)[:most]

    def line(self, text: str, most: int, tokens: bool = False) -> str:
        """Return the C(beginning) in one line with single spaces. They are joined last: a secret can have several."""
        return " ".join(self._masked_beginning(text, tokens).split())[:most]

    def _masked_beginning(self, text: str, tokens: bool) -> str:
        mask = self.mask_tokens_too if tokens else self.mask
        masked = mask(text[:_SEARCHED])
        return masked[:-_LONGEST] if len(text) > _SEARCHED else masked

    def end(self, text: str) -> str:
        """Return the last 56 KB of the text, masked. No part of a secret is at its beginning."""
        masked = self.mask(text[-_SEARCHED:])
        return masked[_LONGEST:] if len(text) > _SEARCHED else masked

    def mask_data(self, data: Any) -> Any:
        """Return the data with every known secret masked, keys included: str, list, tuple, dict, and dataclasses of them."""
        # One search in all texts: most data has no secret, and a large fleet has many texts.
        together = "\n".join(_texts(data))
        return self._masked(data) if self._forms_in(together) or OF_RUN._forms_in(together) else data

    def _masked(self, data: Any) -> Any:
        if isinstance(data, str):
            return self.mask(data)
        if isinstance(data, dict):
            return {self._masked(key): self._masked(value) for key, value in data.items()}
        if isinstance(data, (list, tuple)):
            masked = [self._masked(value) for value in data]
            return masked if isinstance(data, list) else tuple(masked)
        if is_dataclass(data) and not isinstance(data, type):
            # ansible-core 2.19 and later describes errors and warnings with dataclasses.
            return replace(data, **{each.name: self._masked(getattr(data, each.name)) for each in fields(data)})
        return data

    def mask_tokens_too(self, text: str) -> str:
        """Return the text with known secrets masked, and all strings in the form of a registration token."""
        return _TOKEN_LIKE.sub(MASK, self.mask(text))

    def __repr__(self) -> str:
        return "<Secrets>"


OF_RUN = Secrets()
_known: dict[str, None] = {}


def know(values: Iterable[str | None]) -> None:
    """Mask these secrets in all texts of this process, except weak ones."""
    for value in values:
        if value and value not in _known and not _WEAK.fullmatch(value):
            _known[str(value)] = None
            OF_RUN.add(value)


def known() -> list[str]:
    """Return the secrets of the run that this process knows."""
    return list(_known)


def forget() -> None:
    """Forget the secrets of the run."""
    _known.clear()
    OF_RUN._forms.clear()


def secrets_in(name: str, value: Any) -> Iterator[str]:
    """Yield the secrets in the value of a variable or option: all texts below a name of a secret."""
    secret = NAMES.search(name) and not _NOT_SECRET.search(name)
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from secrets_in(name if secret else str(key), one)
        for user, word in (("client_id", "client_password"), ("username", "password")):
            if value.get(user) and value.get(word):
                yield from (f"{value[user]}:{value[word]}", f"\0{value[user]}\0{value[word]}")
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from secrets_in(name, one)
    elif secret and value and isinstance(value, str):
        yield from _secrets_in_text(name, str(value))


def _secrets_in_text(name: str, text: str) -> Iterator[str]:
    if "notify_headers" in name:
        yield from text.split()
    if "://" in text:
        try:
            parts = urlsplit(text)
            yield from filter(None, (parts.password, unquote(parts.password or "")))
        except ValueError:
            parts = urlsplit("")
        if "proxy" in name:
            return
        whole = (parts.path, parts.query, parts.path.lstrip("/").partition("/")[2])
        yield from (*whole, *parts.path.split("/"), *(value for _name, value in parse_qsl(parts.query)))
    yield text


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from _texts(value)
    elif is_dataclass(data) and not isinstance(data, type):
        for each in fields(data):
            yield from _texts(getattr(data, each.name))


def _forms(value: str) -> Iterator[str]:
    raw = _bytes(value)
    yield value
    yield unquote(value)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        padded = encode(raw).decode("ascii")
        yield padded
        yield padded.rstrip("=")
    yield raw.hex()
    yield raw.hex().upper()
    yield "\0".join(value)
    for quoted in (quote(raw), quote(raw, safe=""), quote_plus(raw), "".join(f"%{byte:02X}" for byte in raw)):
        yield quoted
        yield _ESCAPED_BYTE.sub(lambda byte: byte[0].lower(), quoted)
    for flag in (True, False):
        yield json.dumps(value, ensure_ascii=flag)[1:-1]
        yield json.dumps(value, ensure_ascii=flag)[1:-1].replace("/", "\\/")
        yield html.escape(value, quote=flag)
        yield html.escape(value, quote=flag).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    yield repr(value)[1:-1]
    # In a longer text with both kinds of quotes, Python escapes the single quotes.
    yield repr(_BOTH_QUOTES + value)[len(repr(_BOTH_QUOTES)) - 1 : -1]


def _bytes(value: str) -> bytes:
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that does not represent a byte
        return value.encode("utf-8", "surrogatepass")
