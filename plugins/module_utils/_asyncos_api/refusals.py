# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What the words of a refusal of the AsyncOS REST API say.

The status does not tell: 404 answers a path that is not there and an attribute with a wrong value (grade A), always with
the explanation "404 = Nothing matches the given URI.". Only the message tells them apart.
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
"""The messages of a 401 to a token that is no longer good (grade C); the appliance ends them with a full stop."""


def refusal_of(body: Mapping[str, Any] | None) -> str:
    """Return the kind of refusal: one of WORDS, or OTHER for words that match none of them, or several."""
    message = _message(body)
    kinds = [kind for kind, words in WORDS.items() if words.search(message)]
    return kinds[0] if len(kinds) == 1 else OTHER


def says_token_ended(body: Mapping[str, Any] | None) -> bool:
    """Return whether a 401 is about the token, and not about what the account's role may do."""
    return _message(body).rstrip(".") in TOKEN_ENDED


def _message(body: Mapping[str, Any] | None) -> str:
    """The message of an answer ``{"error": {"message": ...}}`` or ``{"error": "..."}``, in lower case."""
    error = (body or {}).get("error")
    message = error.get("message") if isinstance(error, dict) else error
    return " ".join(message.lower().split())[:500] if isinstance(message, str) else ""
