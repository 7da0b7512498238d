# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The dialogues C(commit) and C(clearchanges) (grades B and C)."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError, NothingCommitted

from . import menu, screens
from .session import Session

COMMIT_TIMEOUT = 180.0
"""Seconds; commits in a cluster take long (grade I)."""


async def commit(session: Session, comment: str, nothing_is_fine: bool = False) -> None:
    """Commit the changes of this session. Raise CommandRefused or UnexpectedScreen if nothing was committed.

    ``nothing_is_fine`` accepts "nothing to commit", because the appliance may have had these settings already.
    """
    screen = await session.send("commit", timeout=COMMIT_TIMEOUT)
    known = [(screens.COMMIT_COMMENT, comment, None), (screens.COMMIT_ROLLBACK, "", menu.YES_OR_NO)]
    while True:
        if menu.asks(screen, screens.COMMIT_DISCARD, menu.YES_OR_NO):
            await session.send("N")
            await session.back_out()
            raise session.refused(
                screen,
                "the appliance offers to discard the changes instead of committing them; the answer was no.",
                "log in, check the output of showchanges, then rerun.",
            )
        if screen.shows(screens.COMMIT_LOCKED):
            if not screen.at_prompt:
                await session.back_out()
            raise session.refused(
                screen,
                "another user has locked the configuration, so nothing was committed.",
                "wait until that user releases the lock, then rerun.",
            )
        if screen.at_prompt:
            break
        asked = next((entry for entry in known if menu.asks(screen, entry[0], entry[2])), None)
        if asked is None:
            await session.back_out()
            raise session.unexpected(screen, "commit")
        known.remove(asked)
        screen = await session.send(asked[1], timeout=COMMIT_TIMEOUT)
    if screen.shows(screens.COMMITTED) or (nothing_is_fine and screen.shows(screens.NOTHING_TO_COMMIT)):
        return
    if screen.shows(screens.NOTHING_TO_COMMIT):
        raise session.refused(
            screen,
            "the appliance has nothing to commit, so it did not accept the change.",
            "rerun; if the error persists, report it.",
            NothingCommitted,
        )
    raise session.unexpected(screen, "commit")


async def abandon(session: Session) -> None:
    """Drop the uncommitted changes of this session. Never raise: the caller already reports the first error."""
    try:
        await session.back_out()
        screen = await session.send("clearchanges")
        if menu.asks(screen, screens.CLEAR_QUESTION, menu.YES_OR_NO):
            screen = await session.send("Y")
        if not screen.at_prompt:
            await session.back_out()
    except (AsyncOSError, OSError):
        return
