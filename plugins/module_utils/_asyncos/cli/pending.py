# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Whether the session finds uncommitted changes that are not its own."""

from __future__ import annotations

from . import screens
from .session import Session
from .text import collapsed


async def find_pending_changes(session: Session) -> bool | None:
    """Ask C(showchanges): False where its whole answer says that there are none, None where it does not say.

    What it prints is not documented (grade I). Nothing else is asked: C(commit) would say it too (grade B), but a release
    that commits without a question would then commit the changes of others. Raises UnexpectedScreen at a question.
    """
    screen = await session.send("showchanges")
    if not screen.at_prompt:
        raise session.unexpected(screen, "look at the uncommitted changes")
    if screen.shows(screens.NO_CHANGES):
        return False
    refused = screen.shows(screens.UNKNOWN_COMMAND) or screen.shows(screens.SAYS_NO)
    return None if refused or not collapsed(screen.text) else True
