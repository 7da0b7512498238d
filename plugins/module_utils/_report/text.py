# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Sanitize texts from outside, such as host names and messages of devices."""

from __future__ import annotations

import re
from typing import Any

_SURROGATES = re.compile(r"[\ud800-\udfff]")
# Control characters of terminals, and of text direction (Unicode Bidi_Control).
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Characters that XML 1.0 forbids (production 2, Char) or discourages: C1 can control a terminal that shows the file.
_NOT_XML = re.compile("[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_of(value: Any) -> str:
    """Return any value as a text that can be encoded as UTF-8."""
    return _SURROGATES.sub("\ufffd", str(value))


def one_line(text: str) -> str:
    """Return the text on one line, without control characters of terminals and text direction."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def shorten(text: str, most: int) -> str:
    """Return at most ``most`` characters of the text; a shortened text ends with three dots."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def xml_text(text: str) -> str:
    """Return the text without the characters that XML 1.0 forbids, and without control characters of terminals."""
    return _NOT_XML.sub("", text)


def value_text(value: str | float | bool | None) -> str:
    """Return a wanted or found value for people: yes or no, a number, a text, or a dash for no value."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
