# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Whether the session finds uncommitted changes that are not its own."""

from __future__ import annotations

import re

from . import screens
from .session import Session
from .text import collapsed

_SAYS_NONE = re.compile(r"\b(?:no|not|none|nothing|without)\b", re.IGNORECASE)
_SHORT = 200


async def find_pending_changes(session: Session) -> bool | None:
    """Ask C(showchanges); None where it cannot tell. Changes nothing. Raises UnexpectedScreen at a question.

    What it prints is not documented, so a short text with a negation counts as none, and any longer
    text as a list of changes (grade I).
    """
    screen = await session.send("showchanges")
    if not screen.at_prompt:
        raise session.unexpected(screen, "look at the uncommitted changes")
    text = collapsed(screen.text)
    if not text or screen.shows(screens.UNKNOWN_COMMAND):
        return None
    return not (len(text) < _SHORT and _SAYS_NONE.search(text))
