# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Classify refusals of the AsyncOS REST API by their message.

The status is ambiguous: 404 stands for a missing path and for a wrong value of an attribute (grade A), always with the
explanation "404 = Nothing matches the given URI.". Only the message distinguishes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

TRACKING_OFF, BAD_ATTRIBUTE, NO_PATH, NO_MESSAGE, OTHER = (
    "tracking_off",
    "bad_attribute",
    "no_path",
    "no_message",
    "other",
)
WORDS: dict[str, re.Pattern[str]] = {
    # Not observed on a real appliance (grade I).
    TRACKING_OFF: re.compile(
        r"\btracking (?:service |feature )?(?:is |was |has been |has |currently )*"
        r"(?:not (?:been )?(?:enabled|activated)|disabled|turned off|switched off|off)"
        r"(?: (?:on|for|in) (?:this|the) (?:appliance|machine|system|device))?(?=[.,;!]|$)"
    ),
    # "startDate and endDate attribute supports only 00 seconds and 000 microseconds." (grade A),
    # "Missing attribute - startDate or endDate." (grade C).
    BAD_ATTRIBUTE: re.compile(r"\b(?:attributes?|parameters?)\b"),
    # "Not Found." (grade A).
    NO_PATH: re.compile(r"^(?:not found|invalid (?:uri|url|path|resource)|nothing matches the given uri)\.?$"),
    # Not observed on a real appliance (grade I).
    NO_MESSAGE: re.compile(
        r"\bno (?:such |matching )?(?:messages?|records?|results?)(?: (?:was|were|is|are))*(?: found| available)?\.?$"
        r"|\b(?:messages?|records?)(?: (?:was|were|is|are))* not found\b"
    ),
}
TOKEN_ENDED = ("expiredsignatureerror", "invalidtokenerror")
"""Messages of a 401 for an expired or invalid token (grade C); the appliance adds a full stop."""


def refusal_of(body: Mapping[str, Any] | None) -> str:
    """Return the kind of refusal: a key of WORDS, or OTHER if the message matches none or several."""
    message = _message(body)
    kinds = [kind for kind, words in WORDS.items() if words.search(message)]
    return kinds[0] if len(kinds) == 1 else OTHER


def says_token_ended(body: Mapping[str, Any] | None) -> bool:
    """Return whether a 401 is about the token, not about the rights of the role."""
    return _message(body).rstrip(".") in TOKEN_ENDED


def _message(body: Mapping[str, Any] | None) -> str:
    """Return the message of ``{"error": {"message": ...}}`` or ``{"error": "..."}`` in lower case."""
    error = (body or {}).get("error")
    message = error.get("message") if isinstance(error, dict) else error
    return " ".join(message.lower().split())[:500] if isinstance(message, str) else ""
