# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Texts of others made harmless: host names and messages from devices are data."""

from __future__ import annotations

import re
from typing import Any

_SURROGATES = re.compile(r"[\ud800-\udfff]")
# What steers a terminal, or turns the direction of the text around it (Unicode Bidi_Control).
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# What XML 1.0 forbids (production 2, Char).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_of(value: Any) -> str:
    """Any value as a plain text that can be written as UTF-8."""
    return _SURROGATES.sub("\ufffd", str(value))


def one_line(text: str) -> str:
    """The text on one line, without what steers a terminal or the direction of writing."""
    return " ".join(_STEERING.sub(" ", text).split())


def shorten(text: str, most: int) -> str:
    """The text with at most so many characters; the last three say that it was longer."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def xml_text(text: str) -> str:
    """The text without the characters that XML 1.0 forbids."""
    return _NOT_XML.sub("", text)


def value_text(value: str | float | bool | None) -> str:
    """What was wanted or found, for people: yes or no, a number, a text, or a dash where there is nothing."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
