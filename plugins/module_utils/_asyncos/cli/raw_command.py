# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Run one command for ansible.builtin.raw, and return its output and a return code."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import UnexpectedScreen

from . import screens
from .session import Session


@dataclass(frozen=True)
class Answer:
    rc: int
    stdout: str
    stderr: str


async def run(session: Session, command: str) -> Answer:
    """Run one command. End a question with Ctrl-C and report it with return code 1."""
    line = command.strip()
    if not line or not line.isprintable():
        return Answer(1, "", "give one command on one line; AsyncOS has no shell\n")
    try:
        screen = await session.send(line)
    except UnexpectedScreen as error:
        return Answer(1, f"{error.screen}\n", f"{error.problem} {error.fix} {await _interrupt(session)}\n")
    stdout = session.secrets.mask(screen.text) + "\n"
    if not screen.at_prompt:
        return Answer(1, stdout, f"the command asks a question; {await _interrupt(session)}\n")
    if screen.shows(screens.UNKNOWN_COMMAND) or screen.shows(screens.SAYS_NO):
        return Answer(1, stdout, "the appliance did not accept the command\n")
    return Answer(0, stdout, "")


async def _interrupt(session: Session) -> str:
    try:
        await session.back_out()
    except UnexpectedScreen:
        return "Ctrl-C did not end it, so the session ends and its input is dropped"
    return "Ctrl-C ended it, and its input is dropped"
