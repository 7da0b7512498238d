# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. One CLI session: learns the prompt, then talks in question and answer with time-outs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from . import screens
from .errors import CommandRefused, NotAsyncOS, SessionLost, UnexpectedScreen
from .redact import Redactor
from .text import count_pagers, last_lines, visible

INTERRUPT = "\x03"
QUIET = 1.0
"""Seconds without output after which a line that looks like a question of unknown form is taken for one."""
PARTING = 2.0
"""Seconds to wait for each answer while a session is closed: who does not answer is left all the same."""
LATE = 0.05
"""Seconds more for output that has come, but that the event loop had no time to look at."""

_QUESTION = re.compile(r"(?:^|\n)(?P<line>[^\n]*\[(?P<default>[^\[\]\n]*)\]>|[ \t]*>)[ ]?$")
_LOOKS_LIKE_QUESTION = re.compile(r"[^\s][:?>][ \t]*$")
_PROMPT_TWICE = re.compile(r"(?:^|\n)(?P<prompt>[^\n]{1,300}?>)\s*(?P=prompt)\s*$")
_PROMPT_ONCE = re.compile(r"(?:^|\n)[^\n]*\S[^\n]*>[ ]?$")
_SHELL_PROMPT = re.compile(r"[$#%][ ]?$")
_MODE_AT_END = re.compile(r"(?:^|\n)[ \t]*(?P<prompt>\((?:Machine|Group|Cluster) [^)\n]*\)[^\n>]*>)\s*$", re.IGNORECASE)
_MODE_PROMPT = re.compile(r"^\((?P<mode>Machine|Group|Cluster)\s+(?P<name>[^)]*)\)", re.IGNORECASE)


class Channel(Protocol):
    """What a session needs of the transport: text in, text out. ``read`` returns an empty string at the end."""

    def write(self, text: str) -> None: ...

    async def read(self) -> str: ...

    async def close(self) -> None: ...


_LOGIN_REFUSALS = (
    (
        screens.NO_CLI_RIGHTS,
        "this user's role has no rights on the command line.",
        "log in as a user with the Administrator or Operator role.",
    ),
    (
        screens.PASSWORD_EXPIRED,
        "the user's password has expired.",
        "log in by hand, set a new password, and give it in ansible_password.",
    ),
    (
        screens.SECOND_FACTOR,
        "the log-in asks for a second factor, which a run without a person cannot give.",
        "use a user without two-factor authentication.",
    ),
    (
        screens.SESSION_LIMIT,
        "the appliance refuses another session.",
        "close idle sessions, or run with fewer at once, then run again.",
    ),
)


@dataclass(frozen=True)
class Screen:
    """What the appliance showed after one line of ours, up to where it waits for the next."""

    text: str
    at_prompt: bool
    default: str | None = None
    """The default answer between the brackets of a question; None at the main prompt or where there are none."""

    def shows(self, text: screens.Text) -> bool:
        return text.shown_in(self.text)


class Session:
    """A logged-in CLI session.

    ``host`` is the name for messages, ``machine`` the name that the appliance has in its cluster, if it is in one;
    ``timeout`` the seconds to wait for an answer.
    """

    def __init__(
        self, channel: Channel, host: str, redactor: Redactor, timeout: float = 30.0, machine: str = ""
    ) -> None:
        self.host = host
        self.machine = machine
        self.redactor = redactor
        self.timeout = timeout
        self.prompt = ""
        self.login_text = ""
        self._channel = channel
        self._at_rest = True

    @property
    def mode(self) -> str:
        """``standalone``, ``machine``, ``group`` or ``cluster``, as the prompt says."""
        match = _MODE_PROMPT.match(self.prompt)
        return match.group("mode").lower() if match else "standalone"

    @property
    def hostname(self) -> str:
        """The appliance's host name, as the prompt says."""
        match = _MODE_PROMPT.match(self.prompt)
        name = match.group("name") if match else re.sub(r"\s*(\[[^\]]*\])?>$", "", self.prompt)
        return name.strip()

    async def learn_prompt(self) -> None:
        """Read the log-in text and learn the main prompt: an empty line must bring the same line again (grade I).

        Raises NotAsyncOS where no such prompt appears, UnexpectedScreen where the log-in ends in a question.
        """
        asked = False

        def ready(text: str, quiet: bool) -> bool:
            nonlocal asked
            if quiet and self._refused_at_login(text):
                return True
            if _PROMPT_TWICE.search(text):
                return True
            question = _QUESTION.search(text)
            if question and "disconnected" not in text.lower():
                return quiet
            if not asked and _PROMPT_ONCE.search(text):
                asked = True
                self._channel.write("\n")
            return quiet and bool(_SHELL_PROMPT.search(text))

        try:
            text = await self._collect(ready, self.timeout)
        except (SessionLost, UnexpectedScreen) as error:
            raise self._refused_at_login(error.screen) or self._not_asyncos(error.screen) from error
        refused = self._refused_at_login(text)
        if refused:
            raise refused
        match = _PROMPT_TWICE.search(text)
        if match:
            self.prompt = match.group("prompt").strip()
            self.login_text = text
            return
        if _QUESTION.search(text):
            raise UnexpectedScreen(
                self.host,
                "the log-in ends in a question, not at the prompt.",
                "log in by hand, answer it, and run again.",
                self._excerpt(text),
            )
        raise self._not_asyncos(self._excerpt(text))

    async def send(self, line: str, timeout: float | None = None) -> Screen:
        """Type one line; return what the appliance shows until it waits again.

        Raises SessionLost at the end of the session, UnexpectedScreen when it does not wait within ``timeout``.
        """
        self._channel.write(line + "\n")
        return await self._screen(typed=line, timeout=timeout)

    async def interrupt(self) -> Screen:
        """Ctrl-C: leave the command and drop what was typed in it (grade B)."""
        self._channel.write(INTERRUPT)
        return await self._screen(typed="^C", timeout=None)

    async def switch_mode(self, line: str) -> str:
        """Type a C(clustermode) line and learn the prompt anew; returns what was shown (grades B and C)."""
        self._channel.write(line + "\n")

        def ready(text: str, quiet: bool) -> bool:
            return bool(_MODE_AT_END.search(text)) or (quiet and bool(_LOOKS_LIKE_QUESTION.search(text)))

        text = await self._collect(ready, self.timeout)
        match = _MODE_AT_END.search(text)
        if match is None:
            self._at_rest = False
            raise self.unexpected(Screen(text, at_prompt=False), line)
        self.prompt = match.group("prompt")
        return text[: match.start()]

    async def back_out(self) -> None:
        """To the main prompt from anywhere, dropping what was typed in the command. Raises UnexpectedScreen."""
        screen = await self.interrupt()
        if not screen.at_prompt:
            raise self.unexpected(screen, "leave the command with Ctrl-C")

    async def close(self) -> None:
        """End the session politely; uncommitted changes of it are lost, which is what we want (grade C).

        A question that is still open is left with Ctrl-C first: C(exit) must never be taken for its answer.
        """
        try:
            if not self._at_rest:
                self._channel.write(INTERRUPT)
                await self._screen(typed="^C", timeout=PARTING)
            self._channel.write("exit\n")
            screen = await self._screen(typed="exit", timeout=PARTING)
            if screen.shows(screens.EXIT_QUESTION):
                self._channel.write("y\n")
        except (SessionLost, UnexpectedScreen, OSError):
            pass
        finally:
            await self._channel.close()

    def unexpected(self, screen: Screen, step: str) -> UnexpectedScreen:
        return UnexpectedScreen(
            self.host,
            f"unexpected answer at the step {step!r}; nothing was changed by it.",
            "compare with the texts in docs/compatibility.md and report the difference with this output.",
            self._excerpt(screen.text),
        )

    def refused(self, screen: Screen, problem: str, remedy: str) -> CommandRefused:
        """The appliance understood and said no, in the words of this screen."""
        return CommandRefused(self.host, problem, remedy, self.redactor.text(screen.text))

    def _refused_at_login(self, text: str) -> UnexpectedScreen | None:
        if _PROMPT_TWICE.search(text):
            return None
        for said, problem, remedy in _LOGIN_REFUSALS:
            if said.shown_in(text):
                return UnexpectedScreen(self.host, problem, remedy, self._excerpt(text))
        return None

    def _excerpt(self, text: str) -> str:
        return self.redactor.text(last_lines(text))

    def _not_asyncos(self, excerpt: str) -> NotAsyncOS:
        return NotAsyncOS(
            self.host,
            "something answers SSH, but it is not the command line of an AsyncOS appliance.",
            "check ansible_host and ansible_port; take the host out of the group if it is no ESA or SMA.",
            excerpt,
        )

    async def _screen(self, typed: str, timeout: float | None) -> Screen:
        def ready(text: str, quiet: bool) -> bool:
            return (
                self._at_prompt(text)
                or bool(_QUESTION.search(text))
                or (quiet and bool(_LOOKS_LIKE_QUESTION.search(text)))
            )

        self._at_rest = False
        text = await self._collect(ready, self.timeout if timeout is None else timeout)
        at_prompt = self._at_rest = self._at_prompt(text)
        question = None if at_prompt else _QUESTION.search(text)
        body = text.rstrip()
        if at_prompt:
            body = body[: -len(self.prompt)]
        body = body.lstrip()
        if typed and body.startswith(typed):
            body = body[len(typed) :]
        return Screen(body.strip("\n"), at_prompt, question.group("default") if question else None)

    def _at_prompt(self, text: str) -> bool:
        return bool(self.prompt) and text.rstrip().endswith(self.prompt) and self._prompt_starts_line(text)

    def _prompt_starts_line(self, text: str) -> bool:
        before = text.rstrip()[: -len(self.prompt)].rsplit("\n", 1)[-1].strip()
        return not before or not re.search(r"\w$", before)

    async def _collect(self, ready: Callable[[str, bool], bool], timeout: float) -> str:
        """Read until ``ready(text, quiet)``; answers the pager on the way; ``quiet`` is True after QUIET seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        raw = ""
        pages = 0
        reading: asyncio.Future[str] | None = None
        try:
            while True:
                text = visible(raw)
                if ready(text, False):
                    return text
                remaining = deadline - loop.time()
                if remaining <= 0:
                    raise self._timed_out(text, timeout)
                reading = reading or asyncio.ensure_future(self._channel.read())
                await asyncio.wait({reading}, timeout=min(QUIET, remaining))
                if not reading.done():
                    # a busy loop may be late: what has come meanwhile is no silence
                    await asyncio.wait({reading}, timeout=min(QUIET, LATE))
                if not reading.done():
                    if ready(text, True):
                        return text
                    continue
                chunk, reading = reading.result(), None
                if not chunk:
                    raise self._lost(text)
                raw += chunk
                while pages < count_pagers(raw):
                    pages += 1
                    self._channel.write(" ")
        finally:
            if reading is not None:
                reading.cancel()

    def _timed_out(self, text: str, timeout: float) -> UnexpectedScreen:
        return UnexpectedScreen(
            self.host,
            f"no known prompt within {timeout:g} s.",
            "raise ansible_command_timeout if the appliance is slow.",
            self._excerpt(text),
        )

    def _lost(self, text: str) -> SessionLost:
        return SessionLost(
            self.host,
            "the appliance ended the session in the middle of the dialogue.",
            "run again: uncommitted changes are lost with the session, the state is read anew.",
            self._excerpt(text),
        )
