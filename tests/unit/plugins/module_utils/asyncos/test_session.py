# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session against scripted terminals: prompts, pager, echo, line ends, and texts it must not trust."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos import session as s
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import (
    NotAsyncOS,
    SessionLost,
    UnexpectedScreen,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.redact import MASK, Redactor

T = TypeVar("T")
PROMPT = "esa1.example.com> "


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
        session = s.Session(channel, "esa1", Redactor("s3cret"), timeout=0.5)
        await session.learn_prompt()
        return await conversation(session), channel

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s, "QUIET", 0.02)


@pytest.mark.parametrize("piece", [1, 3, 1000])
@pytest.mark.parametrize(
    ("prompt", "hostname", "mode"),
    [
        ("esa1.example.com> ", "esa1.example.com", "standalone"),
        ("(Machine esa1.example.com)> ", "esa1.example.com", "machine"),
        ("(Group Main_Group)> ", "Main_Group", "group"),
        ("(Cluster emea)> ", "emea", "cluster"),
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


def test_without_echo_the_two_prompts_stand_on_one_line() -> None:
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


@pytest.mark.parametrize(
    ("question", "default"), [("[]> ", ""), ("Sure? [N]> ", "N"), ("[1]> ", "1"), ("> ", None), ("Password: ", None)]
)
def test_a_question_is_told_from_the_prompt(question: str, default: str | None) -> None:
    async def ask(session: s.Session) -> s.Screen:
        return await session.send("cloudserviceconfig")

    screen, _terminal = talk(
        lambda: Terminal(PROMPT, f"\r\n{PROMPT}", f"cloudserviceconfig\r\nWhat?\r\n{question}"), ask
    )
    assert not screen.at_prompt
    assert (screen.default or None) == (default or None)


def test_a_sentence_that_ends_like_the_prompt_is_not_the_prompt() -> None:
    async def ask(session: s.Session) -> str:
        return (await session.send("x")).text

    text, _terminal = talk(lambda: Terminal("esa> ", "\r\nesa> ", "x\r\nsee mesa> and more\r\nesa> ", piece=13), ask)
    assert text == "see mesa> and more"


@pytest.mark.parametrize("greeting", ["Welcome to Linux\r\nroot@box:~# ", "$ ", "login as someone else\r\n"])
def test_what_is_not_asyncos_is_said_to_be_so(greeting: str) -> None:
    async def nothing(session: s.Session) -> None:
        raise AssertionError("never reached")

    with pytest.raises(NotAsyncOS, match="esa1.*Remedy"):
        talk(lambda: Terminal(greeting), nothing)


def test_a_question_at_log_in_is_not_answered() -> None:
    channels: list[Terminal] = []

    def terminal() -> Terminal:
        channels.append(Terminal("Would you like to run the setup wizard?\r\n[Y]> "))
        return channels[-1]

    async def nothing(session: s.Session) -> None:
        raise AssertionError("never reached")

    with pytest.raises(UnexpectedScreen, match="ends in a question"):
        talk(terminal, nothing)
    assert channels[0].typed == []


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
def test_a_log_in_that_does_not_reach_the_prompt_is_named(said: str, named: str, end: str) -> None:
    def terminal() -> Terminal:
        channel = Terminal(said)
        if end:
            channel.hang_up()
        return channel

    async def nothing(session: s.Session) -> None:
        raise AssertionError("never reached")

    with pytest.raises(UnexpectedScreen, match=f"{named}.*Remedy"):
        talk(terminal, nothing)


def test_the_end_of_the_session_in_the_middle_says_so_and_masks_secrets() -> None:
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


@pytest.mark.parametrize("left_over", ["", " "], ids=["none", "the blank of the last prompt"])
def test_the_prompt_of_machine_mode_is_learned(left_over: str) -> None:
    """A slow terminal without echo delivers the blank after the last prompt only now."""

    async def switch(session: s.Session) -> tuple[str, str]:
        await session.switch_mode("clustermode machine esa1.example.com")
        return session.mode, session.hostname

    last = "(Cluster emea)>" if left_over else "(Cluster emea)> "
    found, _terminal = talk(lambda: Terminal(last, f"\r\n{last}", f"{left_over}(Machine esa1.example.com)> "), switch)
    assert found == ("machine", "esa1.example.com")
