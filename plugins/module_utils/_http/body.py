# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read the body of an answer up to a limit, and parse JSON strictly."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Callable
from typing import Any

LARGEST_BODY = 50 * 1024 * 1024
"""Bytes of a body, decoded."""
MOST_VALUES = 2_000_000
"""Limit of commas and opening brackets in JSON, which bounds the number of values (about 100 bytes each)."""
DEEPEST = 100
LONGEST_INTEGER = 19
CHUNK = 64 * 1024
ACCEPTED_ENCODINGS = "gzip, deflate"

# An escape in a JSON string: a pair of surrogates, one alone, or any other.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


class BodyRefused(Exception):
    """The body was not read completely. The text is the reason."""


class BodyTooLarge(BodyRefused):
    """The body is larger than C(LARGEST_BODY)."""


def read_body(read: Callable[[int], bytes], encoding: str) -> bytes:
    """Return the whole decoded body. ``read`` returns up to the given number of bytes, and none at the end.

    ``encoding`` is the Content-Encoding. Raise BodyTooLarge at the limit, BodyRefused if decoding fails, and the errors
    of ``read``.
    """
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise BodyRefused(f"the answer has the encoding {encoding[:40]!r}, which was not requested")
    # 32: zlib detects gzip and zlib by their first bytes.
    decoder = zlib.decompressobj(32 + zlib.MAX_WBITS) if encoding not in ("", "identity") else None
    parts: list[bytes] = []
    left = LARGEST_BODY
    while chunk := read(CHUNK):
        while chunk:
            part, chunk = _decode(decoder, chunk) if decoder else (chunk, b"")
            left -= len(part)
            if left < 0:
                raise BodyTooLarge(f"the answer is larger than {LARGEST_BODY // 1024**2} MB")
            parts.append(part)
    if decoder and parts:
        # All input is read: the remaining output is less than one match of 258 bytes.
        parts.append(decoder.flush())
        if not decoder.eof:
            raise BodyRefused("the compressed answer is incomplete")
    return b"".join(parts)


def _decode(decoder: Any, chunk: bytes) -> tuple[bytes, bytes]:
    """Return a decoded part of limited size, and the rest of the chunk."""
    if decoder.eof:
        return b"", b""
    try:
        part = decoder.decompress(chunk, CHUNK)
    except zlib.error:
        pass
    else:
        return part, decoder.unconsumed_tail
    raise BodyRefused("the compressed answer cannot be decoded")


def parse_json(body: bytes) -> Any:
    """Return a JSON document as data. Lone surrogates become U+FFFD.

    Raise ValueError with the reason for invalid JSON, NaN, infinite numbers, integers beyond 64 bits, more than
    C(MOST_VALUES) values, and more than C(DEEPEST) levels.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_VALUES:
        raise ValueError(f"it has more than {MOST_VALUES} values")
    text = body.decode("utf-8")
    if "\\ud" in text or "\\uD" in text:
        text = _ESCAPE.sub(lambda match: "\\ufffd" if match["lone"] else match[0], text)
    try:
        data = json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=_constant)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    level = [data]
    for _depth in range(DEEPEST + 1):
        inside = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, (dict, list)))
        level = [value for values in inside for value in values if isinstance(value, (dict, list))]
        if not level:
            return data
    raise ValueError(_TOO_DEEP)


_TOO_DEEP = f"it is nested deeper than {DEEPEST} levels"


def whole_number(text: str) -> int | None:
    """Return the whole number in a header; None for other text or too many digits."""
    text = text.strip()
    return int(text) if len(text) < LONGEST_INTEGER and text.isascii() and text.isdigit() else None


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > LONGEST_INTEGER:
        raise ValueError("an integer has too many digits")
    return int(digits)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not valid JSON")
