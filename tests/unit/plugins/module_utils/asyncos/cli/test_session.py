# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session against scripted terminals: prompts, pager, echo, line ends, and texts it must not trust."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import session as s
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import (
    NotAsyncOS,
    SessionLost,
    UnexpectedScreen,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK, Secrets
from tests.unit.plugins.module_utils.asyncos.clock import run_virtually

T = TypeVar("T")
PROMPT = "esa1.example.com> "
TIMEOUT, LOGIN_TIMEOUT = 30.0, 90.0


class Terminal:
    """Answers each line (or key) with the next scripted text, in pieces of ``piece`` characters."""

    def __init__(self, greeting: str, *answers: str, piece: int = 1000) -> None:
        self.typed: list[str] = []
        self._output: asyncio.Queue[str] = asyncio.Queue()
        self._answers = list(answers)
        self._piece = piece
        self._emit(greeting)

    def _emit(self, text: str) -> None:
        for start in range(0, len(text), self._piece):
            self._output.put_nowait(text[start : start + self._piece])

    def write(self, text: str) -> None:
        self.typed.append(text)
        if self._answers:
            answer = self._answers.pop(0)
            self._emit(answer) if answer != "EOF" else self._output.put_nowait("")

    def hang_up(self) -> None:
        self._output.put_nowait("")

    async def read(self) -> str:
        return await self._output.get()

    async def close(self) -> None:
        return


def talk(terminal: Callable[[], Terminal], conversation: Callable[[s.Session], Awaitable[T]]) -> tuple[T, Terminal]:
    async def run() -> tuple[T, Terminal]:
        channel = terminal()
        session = s.Session(channel, "esa1", Secrets("s3cret"), timeout=TIMEOUT, login_timeout=LOGIN_TIMEOUT)
        await session.learn_prompt()
        return await conversation(session), channel

    return run_virtually(run())[0]


@pytest.mark.parametrize("piece", [1, 3, 1000])
@pytest.mark.parametrize(
    ("prompt", "hostname", "mode"),
    [
        ("esa1.example.com> ", "esa1.example.com", "standalone"),
        ("(Machine esa1.example.com)> ", "esa1.example.com", "machine"),
        ("(Group Main_Group)> ", "Main_Group", "group"),
        ("(Cluster emea)> ", "emea", "cluster"),
        ("(mail.example.com)> ", "mail.example.com", "standalone"),
        ("esa1.example.com (SERVICE)> ", "esa1.example.com", "standalone"),
        ("(Machine esa1.example.com) [Disconnected]> ", "esa1.example.com", "machine"),
        ("esa> ", "esa", "standalone"),
        ("esa1.example.com [Disconnected]> ", "esa1.example.com", "standalone"),
    ],
)
def test_the_prompt_is_learned_from_an_empty_line(piece: int, prompt: str, hostname: str, mode: str) -> None:
    greeting = f"Last login: today\r\r\nWelcome to the <C100V> appliance\r\r\n\r\r\n{prompt}"

    async def look(session: s.Session) -> tuple[str, str, str]:
        return session.prompt, session.hostname, session.mode

    found, terminal = talk(lambda: Terminal(greeting, f"\r\r\n{prompt}", piece=piece), look)
    assert found == (prompt.strip(), hostname, mode)
    assert terminal.typed == ["\n"]


def test_without_echo_both_prompts_are_on_one_line() -> None:
    async def look(session: s.Session) -> str:
        return session.prompt

    assert talk(lambda: Terminal(PROMPT, PROMPT), look)[0] == PROMPT.strip()


def test_the_pager_gets_a_space_each_time_and_leaves_no_trace() -> None:
    pager = "-Press Any Key For More-"

    async def ask(session: s.Session) -> s.Screen:
        return await session.send("version")

    screen, terminal = talk(
        lambda: Terminal(
            PROMPT,
            f"\r\n{PROMPT}",
            f"version\r\none\r\n{pager}",
            f"\r{' ' * 24}\rtwo\r\n{pager}",
            f"\r{' ' * 24}\rthree\r\n{PROMPT}",
        ),
        ask,
    )
    assert screen.text.split() == ["one", "two", "three"]
    assert screen.at_prompt
    assert terminal.typed == ["\n", "version\n", " ", " "]


def test_control_sequences_and_backspaces_are_not_seen() -> None:
    async def ask(session: s.Session) -> str:
        return (await session.send("version")).text

    text, _terminal = talk(
        lambda: Terminal(
            PROMPT, f"\r\n{PROMPT}", f"version\r\n\x1b[1mMod\x1b[0mex\x08l: C100V\x1b]0;t\x07\r\n{PROMPT}"
        ),
        ask,
    )
    assert text == "Model: C100V"


@pytest.mark.parametrize("piece", range(1, 31))
def test_a_control_sequence_that_is_cut_at_the_end_of_an_answer_is_no_part_of_the_next(piece: int) -> None:
    async def ask(session: s.Session) -> list[str]:
        return [(await session.send(line)).text for line in ("version", "showchanges")]

    prompt = f"\x1b[1m{PROMPT}\x1b[0m"
    texts, _terminal = talk(
        lambda: Terminal(
            prompt,
            f"\x1b[K\r\n{prompt}",
            f"\x1b[Kversion\r\n\x1b[0;39mModel: C100V\x1b[K\r\n{prompt}",
            f"\x1b[Kshowchanges\r\n\x1b[0;39mThere are no changes.\x1b[K\r\n{prompt}",
            piece=piece,
        ),
        ask,
    )
    assert texts == ["Model: C100V", "There are no changes."]


@pytest.mark.parametrize(("question", "default"), [("[]> ", ""), ("Sure? [N]> ", "N"), ("[1]> ", "1"), ("> ", None)])
def test_a_question_is_distinguished_from_the_prompt(question: str, default: str | None) -> None:
    async def ask(session: s.Session) -> s.Screen:
        return await session.send("cloudserviceconfig")

    screen, _terminal = talk(
        lambda: Terminal(PROMPT, f"\r\n{PROMPT}", f"cloudserviceconfig\r\nWhat?\r\n{question}"), ask
    )
    assert not screen.at_prompt
    assert (screen.default or None) == (default or None)


@pytest.mark.parametrize(
    "question",
    ["Password: ", "Continue? ", "Press Return to continue", "--More--", "#", "(y/n)> ", "see esa1.example.com> "],
)
def test_an_unknown_ending_fails_after_the_command_timeout(question: str) -> None:
    async def ask(session: s.Session) -> float:
        began = asyncio.get_running_loop().time()
        with pytest.raises(UnexpectedScreen, match="no known prompt within 30 s"):
            await session.send("cloudserviceconfig")
        return asyncio.get_running_loop().time() - began

    seconds, terminal = talk(
        lambda: Terminal(PROMPT, f"\r\n{PROMPT}", f"cloudserviceconfig\r\nWhat?\r\n{question}"), ask
    )
    assert TIMEOUT <= seconds < TIMEOUT + 1
    assert terminal.typed == ["\n", "cloudserviceconfig\n"]


def test_a_sentence_that_ends_like_the_prompt_is_not_the_prompt() -> None:
    async def ask(session: s.Session) -> str:
        return (await session.send("x")).text

    text, _terminal = talk(lambda: Terminal("esa> ", "\r\nesa> ", "x\r\nsee mesa> and more\r\nesa> ", piece=13), ask)
    assert text == "see mesa> and more"


@pytest.mark.parametrize("greeting", ["Welcome to Linux\r\nroot@box:~# ", "$ ", "login as someone else\r\n"])
def test_a_host_that_is_not_asyncos_is_reported(greeting: str) -> None:
    async def nothing(session: s.Session) -> None:
        raise AssertionError("never reached")

    with pytest.raises(NotAsyncOS, match="esa1.*Fix"):
        talk(lambda: Terminal(greeting), nothing)


NOT_THE_PROMPT = [
    "[Y]> ",
    "[]> ",
    "> ",
    "Press Return to continue",
    "Press any key> ",
    "Password: ",
    "Password> ",
    "Continue? ",
    "(y/n)> ",
    "Updates: 100%",
    "###",
    "---> ",
    "mail.example.com (was esa1)> ",
]


@pytest.mark.parametrize("question", NOT_THE_PROMPT)
def test_a_log_in_that_does_not_end_in_a_prompt_gets_nothing_typed(question: str) -> None:
    channels: list[Terminal] = []

    async def log_in() -> None:
        channels.append(Terminal(f"AsyncOS 14.0.0 for Cisco C100V build 698\r\nWould you like to go on?\r\n{question}"))
        await s.Session(channels[0], "esa1", Secrets(), TIMEOUT, login_timeout=LOGIN_TIMEOUT).learn_prompt()

    async def timed() -> float:
        with pytest.raises(UnexpectedScreen, match="stops at a question|no known prompt within 90 s"):
            await log_in()
        return asyncio.get_running_loop().time()

    seconds, _passed = run_virtually(timed())
    assert LOGIN_TIMEOUT <= seconds < LOGIN_TIMEOUT + 1
    assert channels[0].typed == []


class Slow(Terminal):
    """Each part of the greeting comes so many seconds after the one before; so does the echo, and what follows it."""

    def __init__(self, pause: float, *greeting: str, swallows: int = 0) -> None:
        super().__init__("")
        self._pause = pause
        self._swallows = swallows
        self._free = 0.0
        for part in greeting:
            self._later(part)

    def _later(self, text: str) -> None:
        loop = asyncio.get_running_loop()
        self._free = max(self._free, loop.time()) + self._pause
        loop.call_at(self._free, self._emit, text)

    def write(self, text: str) -> None:
        self.typed.append(text)
        if self._swallows:
            self._swallows -= 1
            return
        self._later("\r\n")
        self._later({"version\n": f"Model: C100V\r\n{PROMPT}"}.get(text, PROMPT))


LOOK_ALIKES = [
    "esa9.example.com> ",
    "Notice> ",
    "(Machine esa9.example.com)> ",
    "esa9.example.com>\r\nesa9.example.com> ",
]


@pytest.mark.parametrize("pause", [0, 1, 5, 18])
@pytest.mark.parametrize("swallows", [0, 1])
@pytest.mark.parametrize("look_alike", [*NOT_THE_PROMPT, *LOOK_ALIKES])
def test_the_prompt_is_the_line_repeated_after_the_log_in_text(look_alike: str, swallows: int, pause: float) -> None:
    """An appliance may drop what was typed before its prompt. No prompt is left over for the next line."""

    async def log_in() -> tuple[str, str, list[str]]:
        channel = Slow(pause, look_alike, f"\r\nWelcome\r\n{PROMPT}", swallows=swallows)
        session = s.Session(channel, "esa1", Secrets(), 60, login_timeout=150)
        await session.learn_prompt()
        return session.prompt, (await session.send("version")).text, channel.typed

    (prompt, text, typed), _passed = run_virtually(log_in())
    assert (prompt, text) == (PROMPT.strip(), "Model: C100V")
    assert set(typed[:-1]) == {"\n"} and len(typed) <= s.PROBES + 1


@pytest.mark.parametrize("end", ["", "EOF"], ids=["waits", "ends"])
@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("You are not in the correct access group to use the CLI.\r\n", "no rights on the command line"),
        ("Your passphrase has expired.\r\nNew passphrase: ", "password has expired"),
        ("Enter your passcode: ", "second factor"),
        ("The maximum number of concurrent sessions is reached.\r\n", "refuses another session"),
    ],
)
def test_a_log_in_without_a_prompt_is_reported(said: str, named: str, end: str) -> None:
    def terminal() -> Terminal:
        channel = Terminal(said)
        if end:
            channel.hang_up()
        return channel

    async def nothing(session: s.Session) -> None:
        raise AssertionError("never reached")

    with pytest.raises(UnexpectedScreen, match=f"{named}.*Fix"):
        talk(terminal, nothing)


def test_a_lost_session_is_reported_with_secrets_masked() -> None:
    async def ask(session: s.Session) -> None:
        await session.send("version")
        with pytest.raises(SessionLost) as lost:
            await session.send("commit")
        assert "s3cret" not in str(lost.value)

    talk(lambda: Terminal(PROMPT, f"\r\n{PROMPT}", f"version\r\nbye s3cret\r\n{PROMPT}", "EOF"), ask)


def test_an_endless_answer_ends_in_an_error_with_the_last_lines_and_without_secrets() -> None:
    async def ask(session: s.Session) -> None:
        await session.send("version")

    with pytest.raises(UnexpectedScreen) as error:
        talk(lambda: Terminal(PROMPT, f"\r\n{PROMPT}", "version\r\nworking on s3cret ..."), ask)
    assert MASK in str(error.value) and "s3cret" not in str(error.value)


def test_a_banner_that_names_refusals_is_only_a_banner() -> None:
    async def look(session: s.Session) -> str:
        return session.prompt

    banner = "Limit access to authorized users.\r\nUse two-factor authentication.\r\nThe password must be changed:\r\n"
    assert talk(lambda: Terminal(banner + PROMPT, f"\r\n{PROMPT}"), look)[0] == PROMPT.strip()


@pytest.mark.parametrize("left_over", ["", " "], ids=["none", "the blank of the last prompt"])
def test_the_prompt_of_machine_mode_is_learned(left_over: str) -> None:
    """A slow terminal without echo delivers the blank after the last prompt only now."""

    async def switch(session: s.Session) -> tuple[str, str]:
        await session.switch_mode("clustermode machine esa1.example.com")
        return session.mode, session.hostname

    last = "(Cluster emea)>" if left_over else "(Cluster emea)> "
    found, _terminal = talk(lambda: Terminal(last, f"\r\n{last}", f"{left_over}(Machine esa1.example.com)> "), switch)
    assert found == ("machine", "esa1.example.com")
