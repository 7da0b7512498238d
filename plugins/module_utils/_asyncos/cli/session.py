# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. One CLI session: learn the prompt, then send lines and read their output with time-outs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import (
    CommandRefused,
    NotAsyncOS,
    SessionLost,
    UnexpectedScreen,
    Unreachable,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import RUN_PROBE

from . import screens
from .text import TAIL, Display, folded, last_lines

INTERRUPT = "\x03"
CLOSE_TIMEOUT = 2.0
"""Seconds to wait for each answer while a session is closed. The session is closed even if no answer comes."""
LATE_OUTPUT_GRACE = 0.05
"""Extra seconds for output that has arrived but that a busy event loop has not read yet."""
LIMIT = 1_000_000
"""Maximum characters of one answer. Screens of an appliance are much shorter."""
LONGEST_LOGIN = 65536
"""Maximum characters of the log-in text that are searched for the AsyncOS banner."""
EXCERPT = 2048
"""Maximum characters of output in an error."""
PROBES = 3
"""Maximum number of empty lines typed to learn the prompt."""

_PIECE = 16384
_REFUSAL_LINES = 10
_QUESTION = re.compile(r"(?:\[(?!Disconnected\])(?P<default>[^\[\]]*)\]|\A[ \t]*)>\Z", re.IGNORECASE)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
_FQDN = rf"{_LABEL}(?:\.{_LABEL})+"
_ASKS = (
    r"(?:password|passphrase|passcode|pin|code|token|login|logon|user|username|name|answer|choice|selection|option|"
    r"continue|confirm|accept|agree|proceed|press|enter|return|yes|no|y|n|ok|more|next)"
)
_WORD = rf"(?!{_ASKS}>)(?=[A-Za-z]){_LABEL}"
"""A host name without a domain, unless the word asks for something."""
_PROMPT = (
    rf"(?:\((?:(?:Machine|Group|Cluster) [^()\n]{{1,255}}|{_FQDN})\)|{_FQDN}|{_WORD})"
    r"(?: \(SERVICE\))?(?: ?\[Disconnected\])?>"
)
_PROMPT_LINE = re.compile(rf"[ \t]*(?P<prompt>{_PROMPT})[ \t]*(?:(?P=prompt)[ \t]*)*", re.IGNORECASE)
_MODE_LINE = re.compile(
    r"[ \t]*(?P<prompt>\((?:Machine|Group|Cluster) [^()\n]{1,255}\)[^\n>]{0,40}>)[ \t]*", re.IGNORECASE
)
_MODE_PROMPT = re.compile(r"\((?P<mode>Machine|Group|Cluster) (?P<name>[^)]*)\)", re.IGNORECASE)
_NAME_IN_PROMPT = re.compile(r"\(?(?P<name>[^()\s>\[\]]+)")


class Channel(Protocol):
    """Transport of a session. ``read`` returns an empty string at the end."""

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
        "log in, set a new password, and update ansible_password.",
    ),
    (
        screens.SECOND_FACTOR,
        "the log-in asks for a second factor, which an unattended run cannot enter.",
        "use a user without two-factor authentication.",
    ),
    (
        screens.SESSION_LIMIT,
        "the appliance refuses another session.",
        "close idle sessions or lower the number of parallel sessions, then rerun.",
    ),
)


@dataclass(frozen=True)
class Screen:
    """Output of the appliance after one typed line, up to the point where it waits for input."""

    text: str
    at_prompt: bool
    default: str | None = None
    """Default answer in the brackets of a question; None at the main prompt or without brackets."""

    @cached_property
    def folded(self) -> str:
        return folded(self.text)

    def search(self, text: screens.Text) -> re.Match[str] | None:
        """Return the match in the folded text; its groups are in lower case."""
        return text.search_folded(self.folded)

    def shows(self, text: screens.Text) -> bool:
        return self.search(text) is not None


class Session:
    """A logged-in CLI session.

    ``host`` is the name for messages, ``machine`` the appliance's name in its cluster, if any. ``timeout`` is the time
    limit in seconds for the answer to a line, ``login_timeout`` that for the first prompt.
    """

    def __init__(
        self,
        channel: Channel,
        host: str,
        secrets: Secrets,
        timeout: float = 60.0,
        machine: str = "",
        login_timeout: float | None = None,
    ) -> None:
        self.host = host
        self.machine = machine
        self.secrets = secrets
        self.timeout = timeout
        self.login_timeout = timeout if login_timeout is None else login_timeout
        self.prompt = ""
        self.login_text = ""
        self._channel = channel
        self._at_rest = True
        self._reading: asyncio.Future[str] | None = None
        self._held = ""

    @property
    def mode(self) -> str:
        """Return ``standalone``, ``machine``, ``group`` or ``cluster``, read from the prompt."""
        match = _MODE_PROMPT.match(self.prompt)
        return match.group("mode").lower() if match else "standalone"

    @property
    def hostname(self) -> str:
        """Return the appliance's host name, read from the prompt."""
        match = _MODE_PROMPT.match(self.prompt) or _NAME_IN_PROMPT.match(self.prompt)
        return match.group("name").strip() if match else ""

    async def learn_prompt(self, since: float | None = None) -> None:
        """Read the log-in text and learn the main prompt: an empty line must bring the same line again (grade I).

        Type an empty line only if the output ends in a line that looks like a prompt. If more output follows, that line
        was not the prompt. Wait until every empty line has brought its prompt, or until the time-out, so that no prompt
        arrives later. Raise NotAsyncOS or UnexpectedScreen if no prompt appears in time, which begins at ``since``.
        """
        loop = asyncio.get_running_loop()
        deadline = (loop.time() if since is None else since) + self.login_timeout
        shown = Display(self._held)
        probe_interval = self.login_timeout / PROBES
        known, before, probes, again = "", 0, 0, deadline
        try:
            while True:
                prompt, times = _prompt_at_end(shown)
                if prompt:
                    # an earlier candidate was not the prompt: the lines typed there are answered now
                    before = times if not probes else 1 if prompt != known else min(before, times)
                    known = prompt
                    if probes and times >= before + probes:
                        break
                    if not probes or (probes < PROBES and loop.time() >= again):
                        self._channel.write("\n")
                        probes, again = probes + 1, loop.time() + probe_interval
                may_ask = prompt and probes < PROBES
                if await self._read_more(shown, min(again, deadline) if may_ask else deadline):
                    again = loop.time() + probe_interval
                if loop.time() >= deadline:
                    prompt, times = _prompt_at_end(shown)
                    if probes and times > 1:
                        break
                    raise self._no_prompt(shown, prompt).after_time_out()
        except SessionLost as error:
            raise self._refused_at_login(shown) or self._ended_at_login(shown, error) from error
        finally:
            self._stop_reading()
        self.prompt = prompt
        self.login_text = shown.text()[:LONGEST_LOGIN]

    async def send(self, line: str, timeout: float | None = None) -> Screen:
        """Type one line, and return the output up to the main prompt or a question of known form.

        Raise SessionLost if the session ends, UnexpectedScreen if neither appears before ``timeout``, or if the output
        exceeds LIMIT.
        """
        self._channel.write(line + "\n")
        return await self._screen(typed=line, timeout=timeout)

    async def interrupt(self) -> Screen:
        """Type Ctrl-C, which leaves the command and drops its input (grade B)."""
        self._channel.write(INTERRUPT)
        return await self._screen(typed="^C", timeout=None)

    async def switch_mode(self, line: str) -> str:
        """Type a C(clustermode) line, learn the new prompt, and return the output (grades B and C)."""
        self._channel.write(line + "\n")
        self._at_rest = False
        shown = await self._collect(lambda tail: bool(_MODE_LINE.fullmatch(tail)) or _question(tail) is not None, None)
        match = _MODE_LINE.fullmatch(shown.tail)
        if match is None:
            raise self.unexpected(Screen(shown.text(), at_prompt=False), line)
        self._at_rest = True
        self.prompt = match.group("prompt")
        return _without_last_line(shown.text())

    async def back_out(self) -> None:
        """Return to the main prompt and drop the input of the command. Raise UnexpectedScreen if that fails."""
        screen = await self.interrupt()
        if not screen.at_prompt:
            raise self.unexpected(screen, "leave the command with Ctrl-C")

    async def close(self) -> None:
        """End the session with C(exit). Its uncommitted changes are lost, as intended (grade C).

        Leave an open question with Ctrl-C first, so that C(exit) does not answer it.
        """
        try:
            if not self.prompt:
                return
            if not self._at_rest:
                self._channel.write(INTERRUPT)
                await self._screen(typed="^C", timeout=CLOSE_TIMEOUT)
            self._channel.write("exit\n")
            screen = await self._screen(typed="exit", timeout=CLOSE_TIMEOUT)
            if screen.shows(screens.EXIT_QUESTION):
                self._channel.write("y\n")
        except (SessionLost, UnexpectedScreen, OSError):
            pass
        finally:
            await self._channel.close()

    def unexpected(
        self, screen: Screen, step: str, kind: type[UnexpectedScreen] = UnexpectedScreen
    ) -> UnexpectedScreen:
        return kind(
            self.host,
            f"unexpected output at the step {step!r}; the step changed nothing.",
            f"{RUN_PROBE}. If only this step shows the text, add it to texts of the profile (docs/profiles.md).",
            self.excerpt(screen.text),
        )

    def refused(
        self, screen: Screen, problem: str, fix: str, kind: type[CommandRefused] = CommandRefused
    ) -> CommandRefused:
        """Return the error for a command that the appliance refused with this screen."""
        return kind(self.host, problem, fix, self.excerpt(screen.text, lines=100))

    def excerpt(self, text: str, lines: int = 4) -> str:
        """Return the last lines for an error, at most EXCERPT characters, with secrets masked."""
        return last_lines(self.secrets.end(text), lines)[-EXCERPT:]

    def _no_prompt(self, shown: Display, candidate: str) -> NotAsyncOS | UnexpectedScreen:
        """Return the error for a log-in that timed out."""
        refused = self._refused_at_login(shown)
        if refused:
            return refused
        text = shown.text()
        if _question(shown.tail) is not None:
            return UnexpectedScreen(
                self.host,
                f"the log-in stops at a question; no prompt appeared within {self.login_timeout:g} s.",
                "log in, answer the question, then rerun.",
                self.excerpt(text),
            )
        if candidate or screens.ASYNCOS_BANNER.shown_in(text[:LONGEST_LOGIN]):
            return UnexpectedScreen(
                self.host,
                f"no known prompt within {self.login_timeout:g} s after the log-in.",
                "if the appliance is slow, raise ansible_asyncos_login_timeout; otherwise log in and check the output.",
                self.excerpt(text),
            )
        return self._not_asyncos(shown)

    def _refused_at_login(self, shown: Display) -> UnexpectedScreen | None:
        """Return the error if the log-in text names a reason. Use it only without a prompt: a banner may match too."""
        last = last_lines(shown.text(), _REFUSAL_LINES)[-EXCERPT:]
        for said, problem, fix in _LOGIN_REFUSALS:
            if said.shown_in(last):
                return UnexpectedScreen(self.host, problem, fix, self.excerpt(shown.text()))
        return None

    def _ended_at_login(self, shown: Display, error: SessionLost) -> Unreachable:
        """Return the error for a log-in that ended early. An appliance that restarts shows nothing, or half of its text."""
        text = shown.text()
        if not text.strip() or screens.ASYNCOS_BANNER.shown_in(text[:LONGEST_LOGIN]):
            return error
        return self._not_asyncos(shown)

    def _not_asyncos(self, shown: Display) -> NotAsyncOS:
        return NotAsyncOS(
            self.host,
            "the SSH server is not the command line of an AsyncOS appliance.",
            "check ansible_host and ansible_port; if the host is not an ESA or SMA, remove it from the group.",
            self.excerpt(shown.text()),
        )

    async def _screen(self, typed: str, timeout: float | None) -> Screen:
        self._at_rest = False
        shown = await self._collect(lambda tail: self._at_prompt(tail, typed) or _question(tail) is not None, timeout)
        at_prompt = self._at_rest = self._at_prompt(shown.tail, typed)
        question = None if at_prompt else _question(shown.tail)
        body = shown.text()
        if at_prompt:
            body = _without_last_line(body)
        body = body.strip().removeprefix(typed)
        screen = Screen(body.strip("\n"), at_prompt, question.group("default") if question else None)
        await asyncio.sleep(0)  # folding and comparing a long screen each take a while
        _folded = screen.folded
        await asyncio.sleep(0)
        return screen

    def _at_prompt(self, tail: str, typed: str) -> bool:
        """Return whether the last line is the prompt, perhaps after an echo without a line end or after another prompt."""
        if not self.prompt or len(tail) >= TAIL or not tail.rstrip().endswith(self.prompt):
            return False
        return not tail.lstrip().removeprefix(typed).replace(self.prompt, "").strip()

    async def _collect(self, ready: Callable[[str], bool], timeout: float | None) -> Display:
        """Read until ``ready`` accepts the end of the last line. Raise UnexpectedScreen after ``timeout``."""
        loop = asyncio.get_running_loop()
        seconds = self.timeout if timeout is None else timeout
        deadline = loop.time() + seconds
        shown = Display(self._held)
        try:
            while True:
                came = await self._read_more(shown, deadline)
                if ready(shown.tail):
                    return shown
                if not came or loop.time() >= deadline:
                    raise UnexpectedScreen(
                        self.host,
                        f"no known prompt within {seconds:g} s.",
                        "if the appliance is slow, raise ansible_command_timeout; otherwise log in and check for a question."
                        if timeout is None
                        else "log in and check for a question.",
                        self.excerpt(shown.text()),
                    ).after_time_out()
        finally:
            self._stop_reading()

    async def _read_more(self, shown: Display, until: float) -> bool:
        """Add the next output and answer the pager; return False if none came before ``until``. Never block the loop."""
        loop = asyncio.get_running_loop()
        reading = self._reading = self._reading or asyncio.ensure_future(self._channel.read())
        await asyncio.wait({reading}, timeout=max(until - loop.time(), 0))
        if not reading.done():
            # a busy loop may read late: output that has arrived still counts
            await asyncio.wait({reading}, timeout=LATE_OUTPUT_GRACE)
        if not reading.done():
            return False
        self._reading = None
        text = reading.result()
        if not text:
            raise self._lost(shown.text())
        for start in range(0, len(text), _PIECE):
            shown.add(text[start : start + _PIECE])
            self._held = shown.held
            if shown.received > LIMIT:
                raise self._too_long(shown.text())
            await asyncio.sleep(0)
        if shown.wants_key():
            self._channel.write(" ")
        return True

    def _stop_reading(self) -> None:
        """Stop reading. Output that has not been read stays for the next answer."""
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            self._reading = None

    def _too_long(self, text: str) -> UnexpectedScreen:
        return UnexpectedScreen(
            self.host,
            f"the output exceeds {LIMIT} characters and was not read completely.",
            "check that this host is an ESA or SMA; log in and check its output.",
            self.excerpt(text),
        )

    def _lost(self, text: str) -> SessionLost:
        return SessionLost(
            self.host,
            "the appliance ended the session before the task was done.",
            "rerun; uncommitted changes of the session are lost, and the state is read again.",
            self.excerpt(text),
        )


def _question(tail: str) -> re.Match[str] | None:
    """Match a line that ends like a question of AsyncOS (grade B): a default in brackets, or only C(>)."""
    return _QUESTION.search(tail.rstrip()) if len(tail) < TAIL else None


def _prompt_at_end(shown: Display) -> tuple[str, int]:
    """Return the text at the end of the output that looks like a main prompt, and how often it is repeated there."""
    match = _PROMPT_LINE.fullmatch(shown.tail)
    if match is None:
        return "", 0
    prompt, times = match.group("prompt"), 0
    for line in shown.last(5 * PROBES):
        if line.replace(prompt, "").strip():
            break
        times += line.count(prompt)
    return prompt, times


def _without_last_line(text: str) -> str:
    return text[: text.rfind("\n") + 1]
