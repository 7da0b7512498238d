# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An unexpected screen changes nothing: each line of each dialogue in turn gets an unknown answer.

The dialogues run over real SSH against the lab; the channel keeps one line to itself and answers it with a surprise.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import session as sessions
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.apply import Waiting, ensure
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import DesiredState
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import connect as ssh
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from tests.lab.lab import Lab
from tests.unit.lab.clients import caller_of, with_lab
from tests.unit.plugins.module_utils.asyncos.person import state_of

NAME = "esa1.example.com"
SERVER = "api.eu.sse.itd.cisco.com"
FRESH: dict[str, Any] = {}
REGISTERED = {"enabled": True, "region": "europe", "registered": True}
QUESTION = "\r\nWould you like to take part in a survey? [Maybe]> "
SENTENCE = f"\r\nThe moon is full tonight.\r\n{NAME}> "
FLOWS = [(FRESH, "registered"), (REGISTERED, "unregistered"), (REGISTERED, "disabled")]


class Surprising(ssh.TerminalChannel):
    """Passes everything on but the line number ``at``, which never reaches the appliance."""

    at: int | None = None
    surprise = ""
    passed_on: tuple[str, ...] = ()
    last = ""
    typed = 0
    written_before: int | None = None
    lab: Lab

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._surprises: asyncio.Queue[str] = asyncio.Queue()

    def write(self, text: str) -> None:
        number, type(self).typed = self.typed, self.typed + 1
        if number == self.at and text not in self.passed_on:
            type(self).written_before = written(self.lab)
            type(self).last = text
            self._surprises.put_nowait(text.replace("\n", "") + self.surprise)
        else:
            super().write(text)

    async def read(self) -> str:
        waiting = [asyncio.ensure_future(self._surprises.get()), asyncio.ensure_future(super().read())]
        try:
            done, _pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for task in waiting:
                task.cancel()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "TerminalChannel", Surprising)


async def converse(lab: Lab, state: str, at: int | None, surprise: str) -> AsyncOSError | None:
    """One task; what stopped it, if anything."""
    async with caller_of(lab, "europe") as cloud:
        token = None
        if state == "registered":
            token = (await cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "waiting"}))["token"]
    # At the main prompt after Ctrl-C, an empty line or the token no text is expected, and after showchanges any: none can
    # be a surprise there.
    expected = (sessions.INTERRUPT, "\n", f"{token}\n", "showchanges\n") if surprise == SENTENCE else ()
    Surprising.passed_on = ("exit\n", *expected)
    Surprising.at, Surprising.surprise, Surprising.typed, Surprising.written_before = at, surprise, 0, None
    options = SshOptions(
        name=NAME,
        host="127.0.0.1",
        port=lab.appliances[NAME].port,
        user="admin",
        password=lab.password,
        host_key_checking=False,
        command_timeout=0.6,
        login_timeout=0.6,
    )
    desired = DesiredState(state, SERVER if token else None, has_token=bool(token), commit_comment="why")
    try:
        async with ssh.open_session(options) as session:
            return (await ensure(session, desired, token, Waiting(0.4, 0.05), check=False)).error
    except AsyncOSError as error:
        return error


@pytest.mark.parametrize("surprise", [QUESTION, SENTENCE], ids=["question", "sentence"])
@pytest.mark.parametrize(("initial", "wished"), FLOWS, ids=[flow[1] for flow in FLOWS])
@pytest.mark.parametrize("generation", [1, 3, 4])
def test_after_an_unexpected_screen_nothing_changes(
    generation: int, initial: dict[str, Any], wished: str, surprise: str
) -> None:
    async def story(lab: Lab) -> None:
        Surprising.lab = lab
        assert await converse(lab, wished, None, "") is None
        done = state_of(lab)
        sprung = 0
        for at in range(Surprising.typed):
            lab.reset()
            error = await converse(lab, wished, at, surprise)
            if Surprising.written_before is None:
                continue
            sprung += 1
            if error is None and surprise == SENTENCE and Surprising.last == "cloudserviceconfig\n":
                # the state was read again
                assert state_of(lab) == done, f"line {at}"
                continue
            assert written(lab) == Surprising.written_before, f"line {at}: {Surprising.last!r}"
            assert error is not None, f"line {at}: {Surprising.last!r}"
            assert NAME in str(error) and "Fix:" in str(error)
        assert sprung > 4

    with_lab(story, {"name": NAME, "generation": generation, "initial": initial})


def written(lab: Lab) -> int:
    """How many lines so far have changed something on the appliance."""
    return len([call for call in lab.recorder.calls if call.kind == "cli" and call.write])
