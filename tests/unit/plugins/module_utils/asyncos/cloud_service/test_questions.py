# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An unknown question gets no answer: every shape of question at every line of every dialogue.

The appliance takes the line and then asks; all that may follow is Ctrl-C, C(clearchanges) and C(exit).
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import INTERRUPT
from tests.lab.regions import SERVERS
from tests.unit.plugins.module_utils.asyncos.inprocess import NAME, Box, BoxChannel, at_once, ensure_on

EUROPE = SERVERS["europe"]
ON = {"enabled": True, "region": "europe"}
FLOWS: dict[str, tuple[dict[str, Any], str, bool]] = {
    "onboard": ({}, "registered", False),
    "only read": ({}, "registered", True),
    "only read a registered one": ({**ON, "registered": True}, "registered", True),
    "change the server": ({**ON, "region": "americas"}, "registered", False),
    "deregister": ({**ON, "registered": True}, "unregistered", False),
    "disable": ({**ON, "registered": True}, "disabled", False),
}
"""What the appliance is at first, what is wanted, and whether it is in check mode."""
LIKE_THE_MENU = {
    "an unknown menu with a known keyword": "- ENABLE - Send it now.\n- LATER - Send it later.\n[]> ",
    "a menu that contradicts itself": "- ENABLE - On.\n- DISABLE - Off.\n[]> ",
}
"""In place of the menu they are left with Ctrl-C as well, and then the state is read once more, as after any damage."""
SHAPES = {
    "yes/no, default Y": "Would you like to take part in a survey? [Y]> ",
    "yes/no, default N": "Would you like to take part in a survey? [N]> ",
    "yes/no about something to enable": "Do you want to enable SecureX as well? [Y]> ",
    "yes/no about something to disable": "Do you want to disable Cisco Cloud Service logs? [N]> ",
    "yes/no about another deregistration": "Do you also want to deregister the users of your appliance? [N]> ",
    "yes/no about the token": "Do you want to keep the registration token key? [Y]> ",
    "yes/no after well-known words": (
        "Enter a registration token key. You are about to deregister.\n"
        "Are you sure you want to deregister your appliance?\n\nDo you accept the new terms? [N]> "
    ),
    "yes/no in the paragraph of well-known words": (
        "Are you sure you want to deregister your appliance? Then accept the new terms, will you? [N]> "
    ),
    "yes/no after the comment's words": (
        "Please enter some comments describing your changes:\nShould they be sent to support? [Y]> "
    ),
    "numbered, with a default": "1. Full\n2. Limited\n3. None\n[1]> ",
    "numbered like a menu, with a default": "1. ENABLE - All\n2. DISABLE - Nothing\n[1]> ",
    "numbered, no default": "Choose the level:\n1. Full\n2. Limited\n3. None\n[]> ",
    "numbered servers of another kind": (
        "Choose the update server:\n1. EUROPE (update.eu.example.com)\n2. NAM (update.us.example.com)\n[1]> "
    ),
    "another list in front of the servers": (
        "1. Full\n2. Limited\n1. EUROPE (api.eu.sse.itd.cisco.com)\n2. NAM (api-sse.cisco.com)\n"
        "Enter Cisco Secure Cloud Server to connect to the Cisco Cloud Service portal:\n[1]> "
    ),
    "free text, no default": "Enter the name of a contact:\n[]> ",
    "free text, with a default": "Enter the name of a contact: [admin]> ",
    "free text without brackets": "Enter the name of a contact: ",
    "a bare prompt": "Enter the name of a contact\n> ",
    "a key": "Press Return to continue",
    "a key, with dots": "-- Press Return to continue ... ",
    "an unknown menu": "- FULL - Send everything.\n- LIMITED - Send less.\n- NONE - Send nothing.\n[]> ",
    "an unknown menu with a default": "- ENABLE - Send everything.\n- SETTRS - Send less.\n[ENABLE]> ",
    **LIKE_THE_MENU,
}
ALLOWED = {INTERRUPT, "clearchanges\n", "Y\n", "exit\n", "y\n"}


class Asking(BoxChannel):
    """Passes line number ``at`` on, and shows the question in place of the answer, until Ctrl-C is typed."""

    def __init__(self, box: Box, at: int | None = None, question: str = "") -> None:
        self.box = box
        self.at = at
        self.question = question
        self.waits = False
        self.answers: list[str] = []
        self.found: tuple[dict[str, Any], int] | None = None
        super().__init__(box, self._replaced)

    def write(self, text: str) -> None:
        if self.waits and text != INTERRUPT:
            self.answers.append(text)
            self.typed.append(text)
            return
        self.waits = len(self.typed) == self.at
        if self.waits:
            # the line has taken effect before the question appears
            asyncio.get_running_loop().call_later(0.02, self._show_question)
        super().write(text)

    def _replaced(self, text: str) -> list[str]:
        return [] if self.waits else [text]

    def _show_question(self) -> None:
        self.found = (self.box.state, len(self.box.writes))
        self.arrives(self.typed[-1].replace("\n", "\r\n") + self.question.replace("\n", "\r\n"))


async def typed_lines(generation: int, flow: str) -> list[str]:
    """What an undisturbed task types, without the log-in and the end."""
    initial, desired, check = FLOWS[flow]
    box = Box(generation=generation, initial=initial)
    channel = Asking(box)
    outcome = await ensure_on(channel, desired, *server_and_token(box, desired), check=check)
    assert outcome.error is None
    return channel.typed[1:-1]


def server_and_token(box: Box, desired: str) -> tuple[str | None, str | None]:
    return (EUROPE, box.new_token()) if desired == "registered" else (None, None)


def fulfils(state: dict[str, Any], desired: str) -> bool:
    return (state["enabled"], state["registered"]) == {
        "registered": (True, True),
        "unregistered": (True, False),
        "disabled": (False, False),
    }[desired]


async def ask(generation: int, flow: str, at: int, question: str) -> None:
    initial, desired, check = FLOWS[flow]
    box = Box(generation=generation, initial=initial)
    channel = Asking(box, at, question)
    server, token = server_and_token(box, desired)
    outcome = await ensure_on(channel, desired, server, token, check)
    assert channel.found is not None
    state, writes = channel.found
    assert channel.answers == []
    assert channel.typed[at + 1] == INTERRUPT
    if question in LIKE_THE_MENU.values() and channel.typed[at] == "cloudserviceconfig\n":
        assert outcome.error is not None or fulfils(box.state, desired) or check
        return
    assert set(channel.typed[at + 1 :]) <= ALLOWED
    assert len(box.writes) == writes
    finished = {"registering": box.appliance.registering, "registered": box.appliance.registered}
    assert box.state == {**state, **finished}
    assert outcome.error is not None and NAME in str(outcome.error) and "Fix:" in str(outcome.error)
    if "NotAsyncOS" not in type(outcome.error).__name__:
        assert " ".join(question.split())[-20:].strip() in " ".join(outcome.error.screen.split())


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("generation", [1, 2, 3, 4])
def test_an_unknown_question_gets_only_ctrl_c(generation: int, flow: str) -> None:
    lines = at_once(typed_lines(generation, flow))
    for at, line in enumerate(lines, 1):
        for shape, question in SHAPES.items():
            try:
                at_once(ask(generation, flow, at, question))
            except AssertionError as error:
                raise AssertionError(f"line {at} of {lines}: {line!r}: {shape}") from error
    print(f"\n{len(lines)} places x {len(SHAPES)} shapes")
