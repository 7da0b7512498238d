# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`commit`, `clearchanges`, `showchanges`."""

from __future__ import annotations

from tests.lab.appliance import refusals
from tests.lab.appliance.dates import date_text
from tests.lab.appliance.session import Session

FOREIGN_CHANGE = "  smtproutes: example.net -> 192.0.2.25"


async def commit(session: Session) -> None:
    """Commit this session's changes (B, C)."""
    if not session.finds_changes:
        await session.say("There is no data to commit.")
        return
    if await refusals.commit_is_locked(session):
        return
    dialect = session.dialect
    if dialect.discard_question:
        await discard(session)
        return
    await session.say("", "Please enter some comments describing your changes:")
    await session.ask(f"[{dialect.comment_default}]> ")
    if dialect.rollback_question:
        await session.say("")
        question = "Do you want to save the current configuration for rollback?"
        await session.ask_yes_no(question, default=dialect.rollback_default == "Y")
    await session.takes_effect()
    appliance = session.appliance
    resets = appliance.resets
    await session.terminal.pause(appliance.settings.commit_seconds)
    if appliance.resets != resets:
        return
    appliance.commit(session.pending)
    appliance.commit_foreign(session.pending)
    session.pending.clear()
    await session.say("", f"Changes committed: {date_text()} GMT")


async def discard(session: Session) -> None:
    """Run the variant of `commit` that offers to discard (question B; its result is I)."""
    await session.say("")
    if await session.ask_yes_no("Are you ready to discard all of your changes?", default=False):
        await session.takes_effect()
        await session.drop_changes()
        await session.say("", "Changes discarded.")


async def clearchanges(session: Session) -> None:
    """Drop this session's changes (question B, C; default and the other sentences R)."""
    if not session.finds_changes:
        await session.say("There are no changes to clear.")
        return
    question = "Are you sure you want to clear all changes since the last commit?"
    if await session.ask_yes_no(question, default=True):
        await session.drop_changes()
        await session.say(f"Changes cleared: {date_text()} GMT")


async def showchanges(session: Session) -> None:
    """Show the uncommitted changes (the form is I, because no source documents it)."""
    if not session.finds_changes:
        await session.say("There are no uncommitted changes.")
        return
    if session.appliance.foreign_pending:
        await session.say("", "Uncommitted changes:", FOREIGN_CHANGE)
    for box, changes in session.appliance.changes_of_others(session.pending):
        shown = (f"  {box.spec.hostname}: {key}: {value}" for key, value in sorted(changes.items()))
        await session.say("", "Uncommitted changes of another session:", *shown)
    if not session.pending:
        await session.say("")
        return
    await session.say("", "Uncommitted changes of this session:")
    await session.show_list(*(f"  {key}: {value}" for key, value in sorted(session.pending.items())), "")
