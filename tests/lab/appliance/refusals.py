# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an appliance turns an administrator away or surprises him: the `refusal` of its dialect.

That roles without rights are told `You are not in the correct access group to use ...` is B. That the other things
happen is common knowledge; their texts are R, and nobody should wait for more of them than a word.
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
    """Turn away whoever is one too many."""
    if session.appliance.refuse("session_limit"):
        await _cut_off(session, SESSION_LIMIT)


async def after_login_text(session: Session) -> None:
    """What can come between the login text and the first prompt."""
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
    if not await goes_on(session, "login"):
        await _cut_off(session, "")


async def while_waiting(session: Session) -> None:
    """Cut off an administrator who, it is pretended, left the prompt that was just shown alone for too long."""
    if session.lines_read >= session.dialect.idle_after_lines and session.appliance.refuse("idle_timeout"):
        await _cut_off(session, "", TIMED_OUT)


async def commit_is_locked(session: Session) -> bool:
    """Say so and return True while somebody else holds the configuration."""
    if not session.appliance.refuse("configuration_lock"):
        return False
    await session.say("", LOCKED)
    return True


async def goes_on(session: Session, place: str) -> bool:
    """Ask something that nobody expects, where this is the place for it; whether to go on with what was asked for.

    Every answer but No counts as a write: nobody knows what it has changed.
    """
    if place != session.dialect.unknown_screen_at or not session.appliance.refuse("unknown_screen"):
        return True
    await session.say("", TERMS)
    if (await session.ask(ACCEPT_TERMS)).lower() in ("n", "no"):
        return False
    session.took_effect()
    return True


async def _cut_off(session: Session, *lines: str) -> None:
    await session.say(*lines)
    raise CutOff
