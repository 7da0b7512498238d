# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Escape external text for messages, and build error messages."""

from __future__ import annotations

import re

# C0 and C1 controls can control a terminal, Bidi_Control characters and line separators change the text around them,
# and lone surrogates cannot be written as UTF-8.
_HARMFUL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)

ENDS_A_SENTENCE = (".", "!", "?")


def shown(text: str) -> str:
    r"""Return the text with characters that could harm a terminal or a log escaped, such as C(\\x1b).

    Escaped text does not change again. Use this for messages only, not for data such as names and results.
    """
    return _HARMFUL.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


RUN_PROBE = "run the playbook emailsec.ctr.probe; it compares these systems with what the collection expects, and proposes a profile"
"""The fix for words, fields and paths that the collection does not recognize."""


def message(host: str | None, problem: str, fix: str | None) -> str:
    """Return an error message of the form C(<host>: <problem>. Fix: <fix>.)"""
    where = f"{host}: " if host else ""
    return where + " Fix: ".join(_sentence(text) for text in (problem, fix) if text)


def _sentence(text: str) -> str:
    return text if text.endswith(ENDS_A_SENTENCE) else f"{text}."
