# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. One CLI session: learns the prompt, then talks in question and answer with time-outs."""

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
)
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from . import screens
from .text import TAIL, Display, folded, last_lines

INTERRUPT = "\x03"
CLOSE_TIMEOUT = 2.0
"""Seconds to wait for each answer while a session is closed: who does not answer is left all the same."""
LATE_OUTPUT_GRACE = 0.05
"""Seconds more for output that has come, but that the event loop had no time to look at."""
LIMIT = 1_000_000
"""Most characters of one answer; no screen of an appliance that we read is near it."""
LONGEST_LOGIN = 65536
"""Characters of the log-in text in which AsyncOS names itself."""
EXCERPT = 2048
"""Most characters of an answer in an error."""
PROBES = 3
"""Most empty lines that are typed to learn the prompt."""

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

    @cached_property
    def folded(self) -> str:
        return folded(self.text)

    def search(self, text: screens.Text) -> re.Match[str] | None:
        """The match is one in the folded text, so that its groups are in lower case."""
        return text.regex.search(self.folded)

    def shows(self, text: screens.Text) -> bool:
        return self.search(text) is not None


class Session:
    """A logged-in CLI session.

    ``host`` is the name for messages, ``machine`` the name that the appliance has in its cluster, if it is in one;
    ``timeout`` the seconds to wait for the answer to a line, ``login_timeout`` those to wait for the first prompt.
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
        """``standalone``, ``machine``, ``group`` or ``cluster``, as the prompt says."""
        match = _MODE_PROMPT.match(self.prompt)
        return match.group("mode").lower() if match else "standalone"

    @property
    def hostname(self) -> str:
        """The appliance's host name, as the prompt says."""
        match = _MODE_PROMPT.match(self.prompt) or _NAME_IN_PROMPT.match(self.prompt)
        return match.group("name").strip() if match else ""

    async def learn_prompt(self) -> None:
        """Read the log-in text and learn the main prompt: an empty line must bring the same line again (grade I).

        An empty line is typed only where the output ends in something of the form of a prompt; if the output then goes on,
        that was none. Every empty line that was typed must have brought its prompt, or the time be up, so that none comes
        later. Raises NotAsyncOS or UnexpectedScreen where no such prompt appears in time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.login_timeout
        shown = Display(self._held)
        probe_interval = self.login_timeout / PROBES
        known, before, probes, again = "", 0, 0, deadline
        try:
            while True:
                prompt, times = _prompt_at_end(shown)
                if prompt:
                    # what went before a prompt was none, and what was typed there is answered now
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
                    raise self._no_prompt(shown, prompt)
        except SessionLost as error:
            raise self._refused_at_login(shown) or self._not_asyncos(shown) from error
        finally:
            self._stop_reading()
        self.prompt = prompt
        self.login_text = shown.text()[:LONGEST_LOGIN]

    async def send(self, line: str, timeout: float | None = None) -> Screen:
        """Type one line; return what the appliance shows until it waits again.

        It waits where the output ends in the main prompt or a question of known form. Raises SessionLost at the end of the
        session, UnexpectedScreen for anything else that it ends in when ``timeout`` has passed, or beyond LIMIT.
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
        self._at_rest = False
        shown = await self._collect(lambda tail: bool(_MODE_LINE.fullmatch(tail)) or _question(tail) is not None, None)
        match = _MODE_LINE.fullmatch(shown.tail)
        if match is None:
            raise self.unexpected(Screen(shown.text(), at_prompt=False), line)
        self._at_rest = True
        self.prompt = match.group("prompt")
        return _without_last_line(shown.text())

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

    def unexpected(self, screen: Screen, step: str) -> UnexpectedScreen:
        return UnexpectedScreen(
            self.host,
            f"unexpected answer at the step {step!r}; nothing was changed by it.",
            "compare with the texts in docs/compatibility.md and report the difference with this output.",
            self.excerpt(screen.text),
        )

    def refused(self, screen: Screen, problem: str, fix: str) -> CommandRefused:
        """The appliance understood and said no, in the words of this screen."""
        return CommandRefused(self.host, problem, fix, self.excerpt(screen.text, lines=100))

    def excerpt(self, text: str, lines: int = 4) -> str:
        """The last lines for an error, at most EXCERPT characters, secrets masked."""
        return last_lines(self.secrets.mask(text[-65536:]), lines)[-EXCERPT:]

    def _no_prompt(self, shown: Display, candidate: str) -> NotAsyncOS | UnexpectedScreen:
        """What to say when the time of the log-in has passed."""
        refused = self._refused_at_login(shown)
        if refused:
            return refused
        text = shown.text()
        if _question(shown.tail) is not None:
            return UnexpectedScreen(
                self.host,
                f"the log-in ends in a question, not at the prompt, within {self.login_timeout:g} s.",
                "log in by hand, answer it, and run again.",
                self.excerpt(text),
            )
        if candidate or screens.ASYNCOS_BANNER.shown_in(text[:LONGEST_LOGIN]):
            return UnexpectedScreen(
                self.host,
                f"no known prompt within {self.login_timeout:g} s after the log-in.",
                "raise ansible_asyncos_login_timeout if the appliance is slow; else log in by hand and look.",
                self.excerpt(text),
            )
        return self._not_asyncos(shown)

    def _refused_at_login(self, shown: Display) -> UnexpectedScreen | None:
        """A banner may name the same things, so that this counts only where the log-in came to no prompt."""
        last = last_lines(shown.text(), _REFUSAL_LINES)[-EXCERPT:]
        for said, problem, fix in _LOGIN_REFUSALS:
            if said.shown_in(last):
                return UnexpectedScreen(self.host, problem, fix, self.excerpt(shown.text()))
        return None

    def _not_asyncos(self, shown: Display) -> NotAsyncOS:
        return NotAsyncOS(
            self.host,
            "something answers SSH, but it is not the command line of an AsyncOS appliance.",
            "check ansible_host and ansible_port; take the host out of the group if it is no ESA or SMA.",
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
        await asyncio.sleep(0)  # folding and comparing a long one takes a while each
        _folded = screen.folded
        await asyncio.sleep(0)
        return screen

    def _at_prompt(self, tail: str, typed: str) -> bool:
        """The last line is the prompt, perhaps after an echo without a line end, or another prompt where nothing is echoed."""
        if not self.prompt or len(tail) >= TAIL or not tail.rstrip().endswith(self.prompt):
            return False
        return not tail.lstrip().removeprefix(typed).replace(self.prompt, "").strip()

    async def _collect(self, ready: Callable[[str], bool], timeout: float | None) -> Display:
        """Read until ``ready`` says so of the end of the last line. Raises UnexpectedScreen after ``timeout``."""
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
                        "raise ansible_command_timeout if the appliance is slow; log in by hand and look if it asks something."
                        if timeout is None
                        else "log in by hand and look what it waits for.",
                        self.excerpt(shown.text()),
                    )
        finally:
            self._stop_reading()

    async def _read_more(self, shown: Display, until: float) -> bool:
        """Add what comes next, and answer the pager; False if nothing came ``until`` then. The loop is never held up long."""
        loop = asyncio.get_running_loop()
        reading = self._reading = self._reading or asyncio.ensure_future(self._channel.read())
        await asyncio.wait({reading}, timeout=max(until - loop.time(), 0))
        if not reading.done():
            # a busy loop may be late: what has come meanwhile is no silence
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
        """What has come and nobody has looked at is kept for the next answer."""
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            self._reading = None

    def _too_long(self, text: str) -> UnexpectedScreen:
        return UnexpectedScreen(
            self.host,
            f"the answer is longer than {LIMIT} characters and was not read to its end.",
            "check that this host is an appliance; log in by hand and look what it shows.",
            self.excerpt(text),
        )

    def _lost(self, text: str) -> SessionLost:
        return SessionLost(
            self.host,
            "the appliance ended the session in the middle of the dialogue.",
            "run again: uncommitted changes are lost with the session, the state is read anew.",
            self.excerpt(text),
        )


def _question(tail: str) -> re.Match[str] | None:
    """The end of a line that asks as AsyncOS does (grade B): a default in brackets, or nothing but C(>)."""
    return _QUESTION.search(tail.rstrip()) if len(tail) < TAIL else None


def _prompt_at_end(shown: Display) -> tuple[str, int]:
    """What has the form of a main prompt at the end of the output, and how many times it is there with nothing between."""
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
