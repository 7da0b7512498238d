# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`exit` and `quit`."""

from __future__ import annotations

from tests.lab.appliance.session import Session


async def run(session: Session) -> None:
    """End the session; ask first if there are uncommitted changes (B; the default is R)."""
    if session.finds_changes and not await session.ask_yes_no("Are you sure you wish to exit?", default=False):
        return
    session.ended = True
