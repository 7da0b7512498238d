# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`cloudserviceconfig` in its four generations: the operations of the menu, and the questions of each.

A menu lists an operation only if it applies (R). Generations 1 and 2 have no ENABLE and DISABLE in this menu, and
show only SETTRS while Threat Response is off.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.lab.appliance.commands import texts
from tests.lab.appliance.commands.menu import choose_operation
from tests.lab.appliance.commands.servers import choose_server
from tests.lab.appliance.refusals import passes_unknown_screen
from tests.lab.appliance.session import Session


async def run(session: Session) -> None:
    """Show the state and the menu, until the administrator exits or an operation returns to the prompt."""
    while True:
        status = status_text(session)
        if status:
            await session.say("", status)
        if status in (texts.BUSY, texts.PROGRESS) and session.appliance.spec.generation == 4:
            return
        if session.dialect.lines_before_menu:
            await session.show_list("", *session.dialect.lines_before_menu)
        chosen = await choose_operation(session, operations_that_apply(session))
        if chosen is None or not await passes_unknown_screen(session, chosen) or not await OPERATIONS[chosen](session):
            return


def status_text(session: Session) -> str | None:
    """Return the status line; generations 1 and 2 have none for enabled and disabled."""
    appliance = session.appliance
    if appliance.registering and session.dialect.registering_text == "progress":
        return texts.PROGRESS
    if appliance.busy:
        return texts.BUSY
    if appliance.registered:
        return texts.REGISTERED
    if appliance.registration_failed and session.setting("enabled"):
        return texts.BAD_TOKEN
    if appliance.spec.generation <= 2:
        return None
    return texts.ENABLED if session.setting("enabled") else texts.DISABLED


def operations_that_apply(session: Session) -> list[str]:
    """Return the keywords of the menu, in its order."""
    appliance = session.appliance
    generation = appliance.spec.generation
    enabled = session.setting("enabled")
    keywords = []
    if generation >= 3:
        keywords.append("DISABLE" if enabled else "ENABLE")
    if enabled or generation <= 2:
        keywords.append("SETTRS")
    if generation == 2 and enabled:
        keywords.append("SETFQDN")
    if appliance.registered and not appliance.busy:
        keywords.append("DEREGISTER")
    elif may_register(session):
        keywords.append("REGISTER")
    if generation >= 3:
        keywords.append("FETCHCERTIFICATE")
    if generation == 4 and enabled:
        keywords.append("DISABLECSN" if session.setting("csn") else "ENABLECSN")
        keywords.append("DISABLESECUREX" if session.setting("securex") else "ENABLESECUREX")
    return keywords


def may_register(session: Session) -> bool:
    """Return whether the appliance is enabled with a server, committed, idle, not registered, and offers REGISTER."""
    appliance = session.appliance
    if not appliance.asks_for_token:
        return False
    committed = appliance.committed["enabled"] and appliance.committed["server"]
    unchanged = not {"enabled", "server"} & session.uncommitted_keys
    return bool(committed and unchanged and not appliance.busy and not appliance.registered)


async def enable(session: Session) -> bool:
    """Run ENABLE, which also asks for the server (B)."""
    server = await choose_server(session)
    await session.change(enabled=True, server=server)
    await session.say("", texts.COMMIT_REMINDER)
    return session.dialect.after_choice == "menu"


async def disable(session: Session) -> bool:
    """Run DISABLE, which is refused while registered (R)."""
    if await refused_while_registered(session):
        return True
    await session.change(enabled=False)
    await session.say("", texts.COMMIT_REMINDER)
    return session.dialect.after_choice == "menu"


async def set_server(session: Session) -> bool:
    """Run SETTRS, which is refused while registered (R), at once or after the choice of a server."""
    if session.dialect.settrs_while_registered == "refused" and await refused_while_registered(session):
        return True
    server = await choose_server(session)
    if await refused_while_registered(session):
        return True
    await session.change(server=server)
    await session.say("", texts.COMMIT_REMINDER)
    return session.dialect.after_choice == "menu"


async def refused_while_registered(session: Session) -> bool:
    """Refuse and return True if the appliance is registered or registering."""
    if session.appliance.registering:
        await session.say("", texts.BUSY)
        return True
    if session.appliance.registered:
        await session.say("", texts.DEREGISTER_FIRST)
        return True
    return False


async def register(session: Session) -> bool:
    """Run REGISTER: ask for the token, pause for the handshake, show the result and return to the prompt."""
    await session.say("", texts.ENTER_TOKEN)
    token = await session.ask("[]> ")
    if not token:
        return True
    if not await passes_unknown_screen(session, "token"):
        return False
    await session.takes_effect()
    if session.appliance.registering or session.appliance.registered:
        # Another session registered first.
        await session.say("", status_text(session) or texts.BUSY)
        return False
    begun = session.appliance.register(token)
    await session.terminal.pause(session.appliance.settings.handshake_seconds)
    await session.say("", texts.REQUEST_INITIATED if begun else texts.BAD_TOKEN)
    return False


async def deregister(session: Session) -> bool:
    """Run DEREGISTER, which asks one question with the default N (B)."""
    await session.say("")
    if await session.ask_yes_no(texts.DEREGISTER, default=False, spelled=session.dialect.deregister_default):
        await session.takes_effect()
        session.appliance.deregister()
        await session.say("", texts.DEREGISTERED)
        return False
    return True


async def set_fqdn(session: Session) -> bool:
    """Run SETFQDN, a test aid that accepts any FQDN and must not be used."""
    fqdn = await session.ask("Enter the FQDN:\n[]> ")
    if fqdn:
        await session.change(fqdn=fqdn)
    return True


async def fetch_certificate(session: Session) -> bool:
    """Run FETCHCERTIFICATE, which is unrelated to Threat Response."""
    await session.takes_effect()
    await session.say("", "The Cisco Talos certificate and key were downloaded.")
    return True


def switch(key: str, value: bool) -> Callable[[Session], Awaitable[bool]]:
    """Return the operation that sets one of the unrelated switches of generation 4."""

    async def operation(session: Session) -> bool:
        await session.change(**{key: value})
        await session.say("", texts.COMMIT_REMINDER)
        return True

    return operation


OPERATIONS: dict[str, Callable[[Session], Awaitable[bool]]] = {
    "ENABLE": enable,
    "DISABLE": disable,
    "SETTRS": set_server,
    "SETFQDN": set_fqdn,
    "REGISTER": register,
    "DEREGISTER": deregister,
    "FETCHCERTIFICATE": fetch_certificate,
    "ENABLECSN": switch("csn", True),
    "DISABLECSN": switch("csn", False),
    "ENABLESECUREX": switch("securex", True),
    "DISABLESECUREX": switch("securex", False),
}
"""Each operation returns true to go back to the menu, and false to go to the main prompt."""
