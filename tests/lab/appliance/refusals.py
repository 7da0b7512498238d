# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals and unexpected questions of an appliance: the `refusal` of its dialect.

`You are not in the correct access group to use ...` for roles without rights is B. The other refusals are common
knowledge, but their texts are R: clients must not depend on more than a word of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.appliance.terminal import CutOff

if TYPE_CHECKING:
    from tests.lab.appliance.session import Session

NO_CLI_RIGHTS = "You are not in the correct access group to use the command line interface."
MAINTENANCE = "The system is in maintenance mode. Please try again later."
SESSION_LIMIT = "The maximum number of concurrent CLI sessions has been reached. Please try again later."
EXPIRED = "Your passphrase has expired. You must change your passphrase now."
NOT_CHANGED = "The passphrase was not changed."
BAD_PASSCODE = "The passcode is not correct."
TIMED_OUT = "Your session has timed out due to inactivity."
LOCKED = "The configuration is locked by another user."
TERMS = "The terms of use of this feature have changed."
ACCEPT_TERMS = "Do you accept the new terms on behalf of your organization? [Y]> "


async def before_login_text(session: Session) -> None:
    """Refuse a session above the limit."""
    if session.appliance.refuse("session_limit"):
        await _cut_off(session, SESSION_LIMIT)


async def after_login_text(session: Session) -> None:
    """Show what can come between the login text and the first prompt."""
    appliance = session.appliance
    if appliance.refuse("no_cli_rights"):
        await _cut_off(session, NO_CLI_RIGHTS)
    if appliance.refuse("maintenance"):
        await _cut_off(session, MAINTENANCE)
    if appliance.refuse("expired_password"):
        await session.say(EXPIRED)
        for question in ("Old passphrase: ", "New passphrase: "):
            await session.ask(question)
        await _cut_off(session, NOT_CHANGED)
    if session.dialect.two_factor_at == "login" and appliance.refuse("two_factor"):
        await session.ask("Passcode: ")
        await _cut_off(session, BAD_PASSCODE)
    if not await passes_unknown_screen(session, "login"):
        await _cut_off(session, "")


async def while_waiting(session: Session) -> None:
    """End the session as if the prompt had been idle for too long."""
    if session.lines_read >= session.dialect.idle_after_lines and session.appliance.refuse("idle_timeout"):
        await _cut_off(session, "", TIMED_OUT)


async def commit_is_locked(session: Session) -> bool:
    """Refuse and return True while another user holds the lock of the configuration."""
    if not session.appliance.refuse("configuration_lock"):
        return False
    await session.say("", LOCKED)
    return True


async def passes_unknown_screen(session: Session, place: str) -> bool:
    """Ask an unexpected question if it is due at this place; return whether to continue with the command.

    Every answer except No counts as a write, because its effect is unknown.
    """
    if place != session.dialect.unknown_screen_at or not session.appliance.refuse("unknown_screen"):
        return True
    await session.say("", TERMS)
    if (await session.ask(ACCEPT_TERMS)).lower() in ("n", "no"):
        return False
    await session.takes_effect()
    return True


async def _cut_off(session: Session, *lines: str) -> None:
    await session.say(*lines)
    raise CutOff
