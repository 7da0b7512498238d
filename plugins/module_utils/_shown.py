# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The one place where text from outside becomes part of a message for people."""

from __future__ import annotations

import re

# C0 and C1 controls steer a terminal, Unicode Bidi_Control and the line separators change the text around them, and a
# lone surrogate cannot be written as UTF-8.
_HARMFUL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)

ENDS_A_SENTENCE = (".", "!", "?")


def shown(text: str) -> str:
    r"""Return the text with every character that could harm a terminal or a log as its escape, such as C(\\x1b).

    Text that is shown already stays the same. For messages only: data (names to compare, results) keeps its characters.
    """
    return _HARMFUL.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def message(host: str | None, problem: str, fix: str | None) -> str:
    """Return an error in the one form of this collection, C(<host>: <problem>. Fix: <fix>.)"""
    where = f"{host}: " if host else ""
    return where + " Fix: ".join(_sentence(text) for text in (problem, fix) if text)


def _sentence(text: str) -> str:
    return text if text.endswith(ENDS_A_SENTENCE) else f"{text}."
