# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A menu of operations: answered with a number or a keyword in any case, and left with an empty line (B)."""

from __future__ import annotations

import random

from tests.lab.appliance.commands.wording import EXPLANATIONS, INTRODUCTIONS
from tests.lab.appliance.session import Session


async def choose_operation(session: Session, keywords: list[str], menu: str = "") -> str | None:
    """Show these operations and return the chosen keyword, or None to leave the menu.

    `menu` names a menu whose keywords have other meanings than in `cloudserviceconfig`.
    """
    dialect = session.dialect
    keywords = in_order(keywords, dialect.menu_order, dialect.menu_seed)
    while True:
        await session.say("", INTRODUCTIONS[dialect.menu_wording])
        await session.show_list(*(line(session, number, keyword, menu) for number, keyword in enumerate(keywords, 1)))
        answer = (await session.ask("[]> ")).upper()
        if not answer:
            return None
        if answer in keywords:
            return answer
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(keywords):
            return keywords[int(answer) - 1]
        await session.say("", "Unknown option")


def in_order(keywords: list[str], order: str, seed: int) -> list[str]:
    """Return the keywords in the order of this appliance."""
    if order == "reversed":
        return keywords[::-1]
    if order == "shuffled":
        return random.Random(seed).sample(keywords, len(keywords))
    return keywords


def line(session: Session, number: int, keyword: str, menu: str) -> str:
    """Return a line of the menu."""
    dialect = session.dialect
    shown = keyword.lower() if dialect.keyword_case == "lower" else keyword
    start = f"{number}." if dialect.menu_style == "numbered" else "-"
    return f"{start} {shown} - {EXPLANATIONS[dialect.menu_wording][f'{menu} {keyword}'.strip()]}"
