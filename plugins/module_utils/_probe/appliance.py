# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Walk every screen of an appliance that can be entered without changing anything.

Every question that is opened is left with Ctrl-C, which drops its input (grade B). Nothing is answered and nothing is committed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import menu
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.cluster import enter_machine_mode
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.identity import fields_of, product_of
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Screen, Session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError

NO_COMMAND = "emailsecctrprobe"
"""A line that is no command of AsyncOS; its answer shows how the appliance refuses a command."""
SERVER_KEYWORDS = ("ENABLE", "SETTRS")
"""Operations whose question shows the list of servers; the drift report opens it too."""


@dataclass(frozen=True)
class Step:
    """One line that was typed, and the screen that came. ``id`` names it within the walk."""

    id: str
    typed: str
    screen: Screen
    seconds: float


@dataclass
class Walk:
    """What an appliance showed, masked. ``failure`` ended the walk, ``seconds`` is its duration."""

    host: str
    region: str
    login: str = ""
    prompt: str = ""
    mode: str = "standalone"
    hostname: str = ""
    left_questions: bool = False
    steps: list[Step] = field(default_factory=list)
    failure: AsyncOSError | None = None
    seconds: float = 0.0

    def step(self, step_id: str) -> Step | None:
        """Return the step with this id, if it was taken."""
        return next((one for one in self.steps if one.id == step_id), None)

    def version_fields(self) -> dict[str, str]:
        """Return the values of C(version) by name in lower case."""
        shown = self.step("version")
        return fields_of(shown.screen.text) if shown else {}

    @property
    def product(self) -> str:
        """Return C(ESA), C(SMA) or C(WSA), or an empty text if the model does not show it."""
        return product_of(self.version_fields().get("model", ""))

    def keywords(self) -> frozenset[str]:
        """Return the keywords of the menu of C(cloudserviceconfig); empty if no menu came."""
        shown = self.step(menu.COMMAND)
        return menu.operations(shown.screen) if shown else frozenset()

    @property
    def registered(self) -> bool:
        """Return whether the menu shows that the appliance is registered, whatever the texts say."""
        return "DEREGISTER" in self.keywords()

    @property
    def unregistered(self) -> bool:
        """Return whether the menu shows that the service is enabled and the appliance not registered."""
        return "REGISTER" in self.keywords() and "ENABLE" not in self.keywords()


async def walk(session: Session, walked: Walk, questions: Sequence[str] = ()) -> None:
    """Fill in ``walked``. ``questions`` are further operations of the menu whose question is opened and left.

    Raise AsyncOSError at the first screen that cannot be left.
    """
    walked.login, walked.prompt = session.secrets.mask(session.login_text), session.prompt
    walked.mode, walked.hostname = session.mode, session.hostname
    await enter_machine_mode(session)
    walked.hostname = session.hostname
    await _type(session, walked, "version", "version")
    await _type(session, walked, "unknown_command", NO_COMMAND)
    await _type(session, walked, "showchanges", "showchanges")
    entered = await _enter(session, walked, menu.COMMAND)
    for keyword in (*SERVER_KEYWORDS, *(one for one in questions if one not in SERVER_KEYWORDS)):
        if keyword in entered:
            await session.send(menu.COMMAND)
            await _type(session, walked, keyword, keyword)
    if not entered & {"ENABLE", "DISABLE"}:
        await _enter(session, walked, menu.SWITCH_COMMAND)


async def _enter(session: Session, walked: Walk, command: str) -> frozenset[str]:
    """Enter the menu of a command and leave it; return its keywords. An unknown menu is left with Ctrl-C."""
    screen = await _send(session, walked, command, command)
    keywords = menu.operations(screen)
    if menu.is_menu_of(command, keywords):
        await menu.leave(session, screen, command, keywords)
        return keywords
    if not screen.at_prompt:
        await _back_out(session, walked)
    return frozenset()


async def _type(session: Session, walked: Walk, step_id: str, line: str) -> None:
    screen = await _send(session, walked, step_id, line)
    if not screen.at_prompt:
        await _back_out(session, walked)


async def _send(session: Session, walked: Walk, step_id: str, line: str) -> Screen:
    began = time.monotonic()
    screen = await session.send(line)
    shown = replace(screen, text=session.secrets.mask(screen.text))
    walked.steps.append(Step(step_id, line, shown, time.monotonic() - began))
    return screen


async def _back_out(session: Session, walked: Walk) -> None:
    await session.back_out()
    walked.left_questions = True
