# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Abnormal JSON is refused with the reason; other JSON is read as json.loads reads it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._http.body import (
    DEEPEST,
    MOST_VALUES,
    parse_json,
    whole_number,
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[" * 200_000, "Expecting|nested"),
        (b"[" * 5000 + b"]" * 5000, "nested deeper than 100"),
        (b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2), "nested deeper than 100"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "nested deeper than 100"),
        (b"1" + b"0" * 400, "too many digits"),
        (b"-" + b"9" * 5000, "too many digits"),
        (b"[NaN]", "NaN is not valid JSON"),
        (b"-Infinity", "-Infinity is not valid JSON"),
        (b"1e999", "too large"),
        (b"[" + b"[]," * (MOST_VALUES // 2) + b"1]", "more than 2000000 values"),
        (b"\xff", "utf-8"),
        (b"", "Expecting"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_abnormal_json_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_json(content)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\ud83d"', "\ufffd"),
        (b'"\\uDE00\\ud83d"', "\ufffd\ufffd"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'"\\\\\\ud800"', "\\\ufffd"),
        (b'{"\\ud800": "\\u00e9\\n"}', {"\ufffd": "\u00e9\n"}),
        (b"9223372036854775807", 2**63 - 1),
        (b"[" * DEEPEST + b"]" * DEEPEST, json.loads("[" * DEEPEST + "]" * DEEPEST)),
    ],
    ids=str,
)
def test_what_is_read(content: bytes, value: object) -> None:
    assert parse_json(content) == value


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=20,
)


@given(plain, st.booleans())
def test_other_json_is_unchanged(data: object, ascii_only: bool) -> None:
    assert parse_json(json.dumps(data, ensure_ascii=ascii_only).encode()) == data


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (" 17 ", 17),
        ("0", 0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("\u00b2", None),
        ("9" * 5000, None),
        ("x", None),
    ],
)
def test_numbers_in_headers(text: str, number: int | None) -> None:
    assert whole_number(text) == number
