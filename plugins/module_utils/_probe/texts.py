# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Where a screen should show a text but shows another one: the sentence that came instead."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import menu

from .appliance import NO_COMMAND, Walk
from .findings import offered_servers, sentences, unknown_sentences


def came_instead(walk: Walk, text_id: str) -> list[str]:
    """Return the sentences of the screen that should show this text; empty if no screen should, or none is unknown."""
    find = _PLACES.get(text_id)
    return find(walk) if find else []


def _status(applies: Callable[[Walk], bool]) -> Callable[[Walk], list[str]]:
    def find(walk: Walk) -> list[str]:
        entry = walk.step(menu.COMMAND)
        return unknown_sentences(entry.screen) if entry and applies(walk) else []

    return find


def _is_enabled(walk: Walk) -> bool:
    return walk.unregistered and "DISABLE" in walk.keywords()


def _busy(walk: Walk) -> bool:
    entry = walk.step(menu.COMMAND)
    return entry is not None and entry.screen.at_prompt


def _banner(walk: Walk) -> list[str]:
    lines = [line.strip() for line in walk.login.splitlines()]
    return [line for line in lines if line and not line.startswith("Last login")][:1]


def _no_changes(walk: Walk) -> list[str]:
    """Return the only line of showchanges. More lines list changes, which are data."""
    step = walk.step("showchanges")
    if step is None or not step.screen.at_prompt or len(step.screen.text.strip().splitlines()) > 1:
        return []
    return sentences(step.screen)


def _unknown_command(walk: Walk) -> list[str]:
    step = walk.step("unknown_command")
    found = sentences(step.screen) if step and step.screen.at_prompt else []
    return [one.split(NO_COMMAND, 1)[0].strip(" :'\"") for one in found if NO_COMMAND in one] or found


def _question(keyword: str) -> Callable[[Walk], list[str]]:
    def find(walk: Walk) -> list[str]:
        step = walk.step(keyword)
        if step is None or step.screen.at_prompt:
            return []
        asked = menu.question(step.screen)
        return [asked] if asked else []

    return find


def _server_question(walk: Walk) -> list[str]:
    for keyword in ("ENABLE", "SETTRS"):
        step = walk.step(keyword)
        if step is not None and menu.servers(step.screen):
            return _question(keyword)(walk)
    return []


def _current_server(walk: Walk) -> list[str]:
    """Return the sentences beside the list of servers that name one of them."""
    names = {server.fqdn for server in offered_servers(walk)}
    steps = [step for step in (walk.step("SETTRS"), walk.step("ENABLE"), walk.step(menu.COMMAND)) if step]
    return [one for step in steps for one in sentences(step.screen) if any(name in one.lower() for name in names)]


def _server_fixed(walk: Walk) -> list[str]:
    step = walk.step("SETTRS")
    if step is None or not walk.registered or menu.servers(step.screen):
        return []
    return unknown_sentences(step.screen)


_PLACES: dict[str, Callable[[Walk], list[str]]] = {
    "asyncos_banner": _banner,
    "registered": _status(lambda walk: walk.registered),
    "disabled": _status(lambda walk: "ENABLE" in walk.keywords()),
    "enabled": _status(_is_enabled),
    "busy": _status(_busy),
    "no_changes": _no_changes,
    "unknown_command": _unknown_command,
    "server_question": _server_question,
    "current_server": _current_server,
    "server_fixed": _server_fixed,
    "token_question": _question("REGISTER"),
    "deregister_question": _question("DEREGISTER"),
}
