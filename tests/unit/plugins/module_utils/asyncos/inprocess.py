# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An appliance of the lab in this process: no SSH, no sockets, and a clock that jumps to the next thing to happen."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest import mock

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.apply import (
    Outcome,
    Waiting,
    ensure,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import DesiredState
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets
from tests.lab.appliance import model
from tests.lab.appliance.commands.table import commands_of
from tests.lab.appliance.model import Appliance
from tests.lab.appliance.session import Session as LabSession
from tests.lab.appliance.terminal import Terminal
from tests.lab.cloud.store import CloudStore
from tests.lab.dialect import LINE_ENDS
from tests.lab.fleet import read_fleet
from tests.lab.recorder import Recorder
from tests.lab.regions import SERVERS

T = TypeVar("T")
NAME = "esa1.example.com"
Changed = Callable[[str], list[str]]
"""From what the appliance puts out at once to the pieces in which it arrives."""


class Box:
    """One appliance with its clouds, as a fleet file describes it."""

    def __init__(self, **described: Any) -> None:
        settings = {"registration_seconds": 0.05, "busy_seconds": 0.05, "handshake_seconds": 0}
        fleet = read_fleet("test.yml", {"settings": settings, "appliances": [{"name": NAME, **described}]})
        self.clouds = {region: CloudStore(region, fleet.settings) for region in SERVERS}
        self.appliance = Appliance(fleet.appliances[0], fleet.settings, self.clouds, "192.0.2.1")
        self.appliance.reset()
        self.recorder = Recorder()

    def new_token(self, region: str = "europe") -> str:
        cloud = self.clouds[region]
        return str(cloud.issue_registration_token(cloud.add_device("waiting")["id"], 3600)["token"])

    @property
    def writes(self) -> list[str | None]:
        """The lines that have changed something."""
        return [call.line for call in self.recorder.calls if call.write]

    @property
    def state(self) -> dict[str, Any]:
        """What is committed, whether it is registered (or about to be), and what has become of the changes of others."""
        box = self.appliance
        return {
            **box.committed,
            "registered": box.registered,
            "registering": box.registering,
            "others": (box.foreign_pending, box.foreign_committed, box.foreign_dropped),
        }


class BoxChannel:
    """A CLI session of the appliance; ``change`` may change what arrives of it. Lists what was typed."""

    def __init__(self, box: Box, change: Changed | None = None) -> None:
        self.typed: list[str] = []
        self._arrived: asyncio.Queue[str] = asyncio.Queue()
        self._change = change or (lambda text: [text])
        dialect = box.appliance.spec.dialect
        self._terminal = Terminal(self._put_out, LINE_ENDS[dialect.line_end], dialect.echo, 0)
        session = LabSession(box.appliance, commands_of(box.appliance), self._terminal, box.recorder)
        self._task = asyncio.ensure_future(self._serve(session))

    def write(self, text: str) -> None:
        self.typed.append(text)
        self._terminal.feed(text)

    async def read(self) -> str:
        return await self._arrived.get()

    def arrives(self, text: str) -> None:
        """Let the session read this, as if the appliance had said it."""
        self._arrived.put_nowait(text)

    async def close(self) -> None:
        self._terminal.hang_up()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _serve(self, session: LabSession) -> None:
        await session.run()
        self.arrives("")

    def _put_out(self, text: str) -> None:
        for piece in self._change(text):
            self.arrives(piece)


async def ensure_on(
    channel: BoxChannel, state: str, server: str | None = None, token: str | None = None, check: bool = False
) -> Outcome:
    """The outcome of one task; an error before the state was read is in it too."""
    session = Session(channel, NAME, Secrets(token), timeout=1.0, machine=NAME)
    try:
        await session.learn_prompt()
        desired = DesiredState(state, server, has_token=bool(token), commit_comment="why")
        return await ensure(session, desired, token, Waiting(2.0, 0.1), check)
    except AsyncOSError as error:
        return Outcome(before=None, after=None, error=error)  # type: ignore[arg-type]
    finally:
        await session.close()


class _Jumping(asyncio.SelectorEventLoop):
    """Never sleeps: where there is nothing to do, its clock jumps to the next timer."""

    def __init__(self) -> None:
        super().__init__(selectors.SelectSelector())
        self._now = 0.0
        select = self._selector.select  # type: ignore[attr-defined]

        def jump(timeout: float | None = None) -> Any:
            self._now += timeout or 0.0
            return select(0)

        self._selector.select = jump  # type: ignore[attr-defined]

    def time(self) -> float:
        return self._now


def at_once(story: Coroutine[Any, Any, T]) -> T:
    """Run the story in no time; the appliance's clock is that of the loop."""
    loop = _Jumping()
    clock = SimpleNamespace(monotonic=loop.time, time=model.time.time)
    try:
        with mock.patch.object(model, "time", clock):
            return loop.run_until_complete(story)
    finally:
        loop.close()
