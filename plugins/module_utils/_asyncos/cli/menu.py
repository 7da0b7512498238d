# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What a screen waits for: an operation of a menu, a server of a list, or an answer."""

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
_IDENTIFYING = {COMMAND: frozenset(_STATE_KEYWORDS), SWITCH_COMMAND: frozenset({"ENABLE", "DISABLE"})}
"""Keywords by which the menu of a command is recognized (grade B)."""
_KNOWN = {COMMAND: frozenset(_STATE_KEYWORDS | _OTHER_KEYWORDS), SWITCH_COMMAND: _IDENTIFYING[SWITCH_COMMAND]}
_EXCLUSIVE = (frozenset({"ENABLE", "DISABLE"}), frozenset({"REGISTER", "DEREGISTER"}))
"""Pairs of which a menu lists one: an operation is listed only where it applies (grade R)."""
NO_DEFAULT = ("",)
NO = ("n", "no")
YES_OR_NO = ("y", "yes", *NO)
_PROMPTS = ("[]>", ">")
_LONGEST_LINE = 400


@dataclass(frozen=True)
class Server:
    """One line of the list of servers: the number to answer, and the FQDN by which we choose."""

    number: str
    label: str
    fqdn: str


def operations(screen: Screen) -> frozenset[str]:
    """Return the keywords (upper case) of the menu that waits at the end of the screen; never judged by version.

    Empty for anything else: a numbered choice, a prompt with a default, menu lines in another place.
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
    """Whether these keywords can be the menu of this command; newer releases may add some to C(cloudserviceconfig)."""
    known = command == COMMAND or keywords <= _KNOWN[command]
    return known and bool(keywords & _IDENTIFYING[command]) and not any(pair <= keywords for pair in _EXCLUSIVE)


def resembles(command: str, screen: Screen) -> bool:
    """Whether the screen may be a damaged menu of this command, rather than a question that nobody knows."""
    above, prompt = _split_at_prompt(screen)
    found = {match["keyword"].upper() for line in above if (match := screens.MENU_LINE.match(line))}
    return prompt in _PROMPTS and bool(found & _IDENTIFYING[command])


async def leave(session: Session, screen: Screen, command: str, entered: Set[str] = frozenset()) -> None:
    """Leave the menu of this command by empty lines, which keep what was entered (grade B).

    ``entered`` are the keywords that the menu had when it was entered. Raises UnexpectedScreen at anything but this menu:
    an empty line would take the default of a question.
    """
    for _level in range(3):
        if screen.at_prompt:
            return
        keywords = operations(screen)
        if not is_menu_of(command, keywords) or not keywords <= _KNOWN[command] | entered:
            break
        screen = await session.send("")
    raise session.unexpected(screen, f"leave {command}")


def question(screen: Screen) -> str:
    """Return the words of the question that the screen ends in, as one line: its last paragraph, without lists above it."""
    above, prompt = _split_at_prompt(screen)
    words = [prompt.rsplit("[", 1)[0] if prompt.endswith("]>") else prompt.rstrip("> ")]
    for line in reversed(above):
        if not line.strip() or screens.NUMBERED_LINE.match(line) or screens.MENU_LINE.match(line):
            break
        words.insert(0, line)
    return collapsed(" ".join(words))


def asks(screen: Screen, text: screens.Text, defaults: Collection[str] | None = None) -> bool:
    """Whether the screen ends in this question, with one of these defaults (in lower case; None: with any) in brackets."""
    if screen.default is None or (defaults is not None and screen.default.strip().lower() not in defaults):
        return False
    return text.shown_in(question(screen))


def servers(screen: Screen) -> tuple[Server, ...]:
    """Return the list of servers of the screen; empty where it is not whole, or not the only numbered list."""
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
    """Whether the question for the server waits for an answer, below a whole list of servers."""
    if not servers(screen) or not asks(screen, screens.SERVER_QUESTION):
        return False
    return not screen.default or default_server(screen) is not None


def named_server(screen: Screen) -> str | None:
    """Return the server (FQDN) that a sentence names as the one in use."""
    match = screens.CURRENT_SERVER.search(screen.text)
    return match["server"].rstrip(".").lower() if match else None


def default_server(screen: Screen) -> str | None:
    """Return the server (FQDN) that the default answer of the question stands for."""
    default = (screen.default or "").strip().lower()
    for server in servers(screen):
        if default and (default in (server.number, server.fqdn, server.label.lower()) or server.fqdn in default):
            return server.fqdn
    return None


def _split_at_prompt(screen: Screen) -> tuple[list[str], str]:
    """The lines above the one that waits for an answer, and that line; blank lines between them are left out."""
    lines = [line.rstrip() for line in screen.text.rstrip().split("\n")]
    if screen.at_prompt:
        return lines, ""
    prompt = lines.pop().strip()
    while lines and not lines[-1]:
        lines.pop()
    return lines, prompt
