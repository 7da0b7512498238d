# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages contain no character that could harm a terminal or a log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import NotAsyncOS
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import shown

EVIL = "a\x1b[2J\x00\x9b31m\u202eb\ud800\r\nc"
HARMLESS = "a\\x1b[2J\\x00\\x9b31m\\u202eb\\ud800\\x0d\\x0ac"


@pytest.mark.parametrize("text", ["", "Büro", "日本語 \U0001f600", "a\\b", "\u05e9\u05dc\u05d5\u05dd"])
def test_harmless_text_is_unchanged(text: str) -> None:
    assert shown(text) == text


def test_harmful_characters_are_escaped() -> None:
    assert shown(EVIL) == HARMLESS


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Lu"])))
def test_any_text_can_be_written_and_is_shown_once(text: str) -> None:
    safe = shown(text)
    assert shown(safe) == safe
    safe.encode()
    assert not set(safe) & {chr(code) for code in [*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F)]}


def test_all_parts_of_errors_are_escaped() -> None:
    error = ApiError(
        EVIL, method="GET", path="/x", host=EVIL, error=EVIL, error_description=EVIL, fix=EVIL, trace_id=EVIL
    )
    for text in (str(error), repr(error), *map(str, error.as_result().values())):
        assert not set(text) & set("\x1b\x00\x9b\u202e\ud800\r\n")
    assert HARMLESS in str(error)
    assert HARMLESS in str(NotAsyncOS("esa1", EVIL, "Fix it."))
