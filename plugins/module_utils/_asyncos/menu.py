# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Menus and numbered lists of servers, as AsyncOS prints them."""

from __future__ import annotations

from dataclasses import dataclass

from . import screens
from .session import Screen


@dataclass(frozen=True)
class Server:
    """One line of the list of servers: the number to answer, and the FQDN by which we choose."""

    number: str
    label: str
    fqdn: str


def operations(screen: Screen) -> frozenset[str]:
    """The keywords (upper case) that this menu offers; never judged by version."""
    if screen.at_prompt:
        return frozenset()
    return frozenset(match["keyword"].upper() for match in screens.MENU_LINE.finditer(screen.text))


def servers(screen: Screen) -> tuple[Server, ...]:
    return tuple(
        Server(match["number"], match["label"].strip(), match["fqdn"].lower())
        for match in screens.SERVER_LINE.finditer(screen.text)
    )


def asks_for_server(screen: Screen) -> bool:
    """A numbered list of servers waits for an answer; a menu that happens to name servers does not count."""
    plainly = screen.shows(screens.SERVER_QUESTION) or not operations(screen)
    return not screen.at_prompt and plainly and bool(servers(screen))


def current_server(screen: Screen) -> str | None:
    """The server in use (FQDN), from the sentence that names it or from the question's default answer."""
    match = screens.CURRENT_SERVER.search(screen.text)
    if match:
        return match["server"].rstrip(".").lower()
    if not screen.default:
        return None
    default = screen.default.strip().lower()
    for server in servers(screen):
        if default in (server.number, server.fqdn, server.label.lower()) or server.fqdn in default:
            return server.fqdn
    return None
