# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Check the patterns of a profile: a slow pattern would block a run, a broad one would mislead it."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import screens

LONGEST = 300
"""Characters of a pattern."""
MOST_STEPS = 2000
"""The number of ways to match at one place of the text, so that the matching time grows with the text only linearly."""
FEWEST_LITERALS = 8
"""Fixed characters that every match must contain."""
ORDINARY = (
    "",
    "Choose the operation you want to perform:",
    "- ENABLE - Enable the Cisco Cloud Service on your appliance.",
    "- DISABLE - Disable the Cisco Cloud Service on your appliance.",
    "- SETTRS - Set the Cisco Secure Cloud Server to connect to the Cisco Cloud Service portal.",
    "- REGISTER - To register the appliance with the Cisco Cloud Service portal.",
    "- DEREGISTER - To deregister the appliance from the Cisco Cloud Service portal.",
    "Current Version",
    "Product: Cisco C100V Email Security Virtual Appliance",
    "Model: C100V",
    "Build Date: 2021-08-10",
    "NOTE: This session will expire if left idle for 30 minutes. Any uncommitted configuration changes will be lost.",
    "Welcome to the Cisco C100V Email Security Virtual Appliance",
    "Last login: Sat Nov 28 10:00:00 2026 from 192.0.2.1",
    "mail.example.com>",
    "(Machine mail.example.com)>",
)
"""Lines that appear on every appliance and have no meaning of their own."""

_parser: Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")
_SINGLE = {"LITERAL", "NOT_LITERAL", "ANY", "IN", "CATEGORY"}
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}


class BadPattern(ValueError):
    """The pattern is not accepted. The message is the problem, ``fix`` the fix."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.fix = fix


def compiled(text_id: str, pattern: str) -> re.Pattern[str]:
    """Return the further pattern of a text, anchored as the text demands. Raise BadPattern."""
    text = screens.TEXTS[text_id]
    if len(pattern) > LONGEST:
        raise BadPattern(f"has {len(pattern)} characters", f"shorten it to at most {LONGEST} characters")
    try:
        parsed = _parser.parse(screens.lower(pattern))
        regex = re.compile(text.frame.format(screens.lower(pattern)))
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPattern(f"is not a regular expression: {error}", "escape characters such as ( and ? with \\") from None
    steps, literals = _measured(parsed)
    if steps > MOST_STEPS:
        raise BadPattern(
            f"is slow: it has {steps} ways to match at one place",
            f"use fewer or shorter repeats (at most {MOST_STEPS} ways)",
        )
    if literals < FEWEST_LITERALS:
        raise BadPattern(
            "matches too much: it contains too few fixed characters",
            f"write at least {FEWEST_LITERALS} characters of the sentence as the appliance shows them",
        )
    if set(regex.groupindex) != set(text.regex.groupindex):
        named = ", ".join(f"(?P<{name}>...)" for name in text.regex.groupindex) or "no named group"
        raise BadPattern("has other named groups than the text needs", f"use {named}")
    for other, example in _examples(text_id):
        if regex.search(example.lower()):
            raise BadPattern(
                f"matches too much: it also matches {other}", "write more of the sentence that the appliance shows"
            )
    return regex


def _examples(text_id: str) -> Iterable[tuple[str, str]]:
    yield from ((f"the ordinary line {line!r}", line) for line in ORDINARY)
    for other, text in screens.TEXTS.items():
        if other != text_id:
            yield f"the text {other} ({text.example!r})", text.example


def _measured(items: Any) -> tuple[int, int]:
    """Return the number of ways to match, and the fewest literal characters of a match. Raise BadPattern."""
    steps, literals = 1, 0
    for operation, argument in items:
        name = str(operation)
        if name in _REPEATS:
            low, high, inner = argument
            ways, fixed = _repeated(low, high, inner)
        elif name == "BRANCH":
            branches = [_measured(branch) for branch in argument[1]]
            ways, fixed = sum(one for one, _fixed in branches), min(one for _ways, one in branches)
        elif name == "SUBPATTERN":
            ways, fixed = _measured(argument[3])
        elif name in _SINGLE or name == "AT":
            ways, fixed = 1, int(name == "LITERAL")
        else:
            raise BadPattern("uses references or conditions, which may be slow", "use plain words and bounded repeats")
        steps, literals = steps * ways, literals + fixed
    return steps, literals


def _repeated(low: int, high: int, inner: Any) -> tuple[int, int]:
    if high == _parser.MAXREPEAT:
        raise BadPattern(
            "is slow: it has a repeat without a limit (* or +)",
            "use a limit such as .{0,80}; blanks and line ends are single blanks in the compared text",
        )
    ways, fixed = _measured(inner)
    if high > 1 and (len(inner) != 1 or str(inner[0][0]) not in _SINGLE):
        raise BadPattern("is slow: it repeats a group", "repeat only single characters or classes")
    return (int(high) - int(low) + 1) * ways, int(low) * fixed
