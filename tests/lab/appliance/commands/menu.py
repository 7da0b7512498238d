# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A menu of operations: answered by number or by keyword in any case, left by an empty line (B)."""

from __future__ import annotations

from tests.lab.appliance.session import Session


async def choose_operation(session: Session, operations: dict[str, str]) -> str | None:
    """Show the operations (keyword to explanation) and return the chosen keyword, or None to leave the menu."""
    keywords = list(operations)
    while True:
        await session.say("", "Choose the operation you want to perform:")
        await session.say(*(f"- {keyword} - {text}" for keyword, text in operations.items()))
        answer = (await session.ask("[]> ")).upper()
        if not answer:
            return None
        if answer in operations:
            return answer
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(keywords):
            return keywords[int(answer) - 1]
        await session.say("", "Unknown option")
