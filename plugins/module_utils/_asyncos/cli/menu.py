# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Recognize what a screen asks for: an operation of a menu, a server of a list, or an answer."""

from __future__ import annotations

from collections.abc import Collection, Set
from dataclasses import dataclass

from . import screens
from .session import Screen, Session
from .text import collapsed

COMMAND = "cloudserviceconfig"
SWITCH_COMMAND = "threatresponseconfig"

_STATE_KEYWORDS = {"ENABLE", "DISABLE", "SETTRS", "REGISTER", "DEREGISTER", "AUTOREGISTER"}
_OTHER_KEYWORDS = {"SETFQDN", "FETCHCERTIFICATE", "ENABLECSN", "DISABLECSN", "ENABLESECUREX", "DISABLESECUREX"}
IDENTIFYING = {COMMAND: frozenset(_STATE_KEYWORDS), SWITCH_COMMAND: frozenset({"ENABLE", "DISABLE"})}
"""Keywords that identify the menu of a command (grade B)."""
KNOWN = {COMMAND: frozenset(_STATE_KEYWORDS | _OTHER_KEYWORDS), SWITCH_COMMAND: IDENTIFYING[SWITCH_COMMAND]}
_EXCLUSIVE = (frozenset({"ENABLE", "DISABLE"}), frozenset({"REGISTER", "DEREGISTER"}))
"""Pairs of which a menu lists only one: it lists an operation only if it applies (grade R)."""
NO_DEFAULT = ("",)
NO = ("n", "no")
YES_OR_NO = ("y", "yes", *NO)
_PROMPTS = ("[]>", ">")
_LONGEST_LINE = 400


@dataclass(frozen=True)
class Server:
    """One line of the list of servers. The FQDN selects the server, the number is the answer."""

    number: str
    label: str
    fqdn: str


def operations(screen: Screen) -> frozenset[str]:
    """Return the keywords (upper case) of the menu at the end of the screen, regardless of the release.

    Return an empty set for a numbered choice, a prompt with a default, or menu lines elsewhere.
    """
    above, prompt = _split_at_prompt(screen)
    if prompt not in _PROMPTS:
        return frozenset()
    found = [match["keyword"].upper() for line in above if (match := screens.MENU_LINE.match(line))]
    block = above[len(above) - len(found) :]
    if len(set(found)) < len(found) or not all(screens.MENU_LINE.match(line) for line in block):
        return frozenset()
    return frozenset(found)


def is_menu_of(command: str, keywords: Set[str]) -> bool:
    """Return whether these keywords fit the menu of this command; newer releases may add some to C(cloudserviceconfig)."""
    known = command == COMMAND or keywords <= KNOWN[command]
    return known and bool(keywords & IDENTIFYING[command]) and not any(pair <= keywords for pair in _EXCLUSIVE)


def resembles(command: str, screen: Screen) -> bool:
    """Return whether the screen may be a damaged menu of this command, not an unknown question."""
    above, prompt = _split_at_prompt(screen)
    found = {match["keyword"].upper() for line in above if (match := screens.MENU_LINE.match(line))}
    return prompt in _PROMPTS and bool(found & IDENTIFYING[command])


async def leave(session: Session, screen: Screen, command: str, entered: Set[str] = frozenset()) -> None:
    """Leave the menu of this command with empty lines, which keep the input (grade B).

    ``entered`` are the keywords of the menu at entry. Raise UnexpectedScreen at any other screen: an empty line would
    accept the default of a question.
    """
    for _level in range(3):
        if screen.at_prompt:
            return
        keywords = operations(screen)
        if not is_menu_of(command, keywords) or not keywords <= KNOWN[command] | entered:
            break
        screen = await session.send("")
    raise session.unexpected(screen, f"leave {command}")


def question(screen: Screen) -> str:
    """Return the question at the end of the screen as one line: the last paragraph, without lists above it."""
    above, prompt = _split_at_prompt(screen)
    words = [prompt.rsplit("[", 1)[0] if prompt.endswith("]>") else prompt.rstrip("> ")]
    for line in reversed(above):
        if not line.strip() or screens.NUMBERED_LINE.match(line) or screens.MENU_LINE.match(line):
            break
        words.insert(0, line)
    return collapsed(" ".join(words))


def asks(screen: Screen, text: screens.Text, defaults: Collection[str] | None = None) -> bool:
    """Return whether the screen ends in this question with one of these defaults (lower case; None: any) in brackets."""
    if screen.default is None or (defaults is not None and screen.default.strip().lower() not in defaults):
        return False
    return text.shown_in(question(screen))


def servers(screen: Screen) -> tuple[Server, ...]:
    """Return the list of servers on the screen; empty if it is incomplete or not the only numbered list."""
    found = []
    for line in screen.text.split("\n"):
        if not screens.NUMBERED_LINE.match(line):
            continue
        match = screens.SERVER_LINE.match(line) if len(line) < _LONGEST_LINE else None
        if match is None:
            return ()
        found.append(Server(match["number"], match["label"].strip(), match["fqdn"].lower()))
    whole = [server.number for server in found] == [str(number) for number in range(1, len(found) + 1)]
    return tuple(found) if whole and len({server.fqdn for server in found}) == len(found) else ()


def asks_for_server(screen: Screen) -> bool:
    """Return whether the screen asks for a server below a complete list of servers."""
    if not servers(screen) or not asks(screen, screens.SERVER_QUESTION):
        return False
    return not screen.default or default_server(screen) is not None


def named_server(screen: Screen) -> str | None:
    """Return the server in use (FQDN), if a sentence names it."""
    match = screens.CURRENT_SERVER.search(screen.text)
    return match["server"].rstrip(".").lower() if match else None


def default_server(screen: Screen) -> str | None:
    """Return the server (FQDN) of the default answer."""
    default = (screen.default or "").strip().lower()
    for server in servers(screen):
        if default and (default in (server.number, server.fqdn, server.label.lower()) or server.fqdn in default):
            return server.fqdn
    return None


def _split_at_prompt(screen: Screen) -> tuple[list[str], str]:
    """Return the lines above the input line, and the input line, without blank lines between them."""
    lines = [line.rstrip() for line in screen.text.rstrip().split("\n")]
    if screen.at_prompt:
        return lines, ""
    prompt = lines.pop().strip()
    while lines and not lines[-1]:
        lines.pop()
    return lines, prompt
