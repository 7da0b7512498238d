# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`threatresponseconfig` of generations 1 and 2: the switch for Threat Response (R, the texts too)."""

from __future__ import annotations

from tests.lab.appliance.commands.menu import choose_operation
from tests.lab.appliance.commands.texts import COMMIT_REMINDER, DEREGISTER_FIRST
from tests.lab.appliance.refusals import passes_unknown_screen
from tests.lab.appliance.session import Session


async def run(session: Session) -> None:
    """Show whether Threat Response is on, and switch it."""
    while True:
        enabled = session.setting("enabled")
        await session.say("", f"Threat Response is currently {'enabled' if enabled else 'disabled'} on your appliance.")
        chosen = await choose_operation(session, ["DISABLE" if enabled else "ENABLE"], "THREATRESPONSE")
        if chosen is None or not await passes_unknown_screen(session, chosen):
            return
        if enabled and (session.appliance.registered or session.appliance.registering):
            await session.say("", DEREGISTER_FIRST)
        else:
            await session.change(enabled=not enabled)
            await session.say("", COMMIT_REMINDER)
