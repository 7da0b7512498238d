# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The question for the server in ENABLE and SETTRS (question B; list and the line before it R)."""

from __future__ import annotations

from tests.lab.appliance.commands import texts
from tests.lab.appliance.session import Session
from tests.lab.dialect import SERVER_LABEL


async def choose_server(session: Session) -> str:
    """Ask until a listed server is chosen by number or label; return its FQDN."""
    labels = session.dialect.servers
    names = [SERVER_LABEL.fullmatch(label)["name"].lower() for label in labels]
    servers = [SERVER_LABEL.fullmatch(label)["fqdn"] for label in labels]
    current = session.setting("server")
    default = default_number(session, servers)
    if current and session.dialect.current_server_line:
        await session.say("", f"{texts.CURRENT_SERVER} {current}")
    await session.say("", texts.AVAILABLE_SERVERS)
    await session.show_list(*(f"{number}. {label}" for number, label in enumerate(labels, 1)))
    while True:
        await session.say(texts.CHOOSE_SERVER)
        answer = (await session.ask(f"[{default}]> ")).lower() or default
        if answer in names:
            return servers[names.index(answer)]
        for number, label in enumerate(labels, 1):
            if answer in (str(number), label.lower()):
                return servers[number - 1]
        await session.say(texts.NOT_VALID)


def default_number(session: Session, servers: list[str]) -> str:
    """Return the default in the brackets of the question."""
    current = session.setting("server")
    if session.dialect.server_default == "none":
        return ""
    if current in servers:
        return str(servers.index(current) + 1)
    return "1" if session.dialect.server_default == "first" else ""
