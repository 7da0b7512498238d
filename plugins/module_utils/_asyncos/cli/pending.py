# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Find another administrator's uncommitted changes."""

from __future__ import annotations

from . import screens
from .session import Session
from .text import collapsed


async def find_pending_changes(session: Session) -> bool | None:
    """Return whether C(showchanges) lists uncommitted changes; None if its answer is unclear.

    The output of C(showchanges) is not documented (grade I). C(commit) shows pending changes too (grade B), but a release
    that commits without a question would commit another administrator's changes. Raise UnexpectedScreen at a question.
    """
    screen = await session.send("showchanges")
    if not screen.at_prompt:
        raise session.unexpected(screen, "read the uncommitted changes")
    if screen.shows(screens.NO_CHANGES):
        return False
    refused = screen.shows(screens.UNKNOWN_COMMAND) or screen.shows(screens.SAYS_NO)
    return None if refused or not collapsed(screen.text) else True
