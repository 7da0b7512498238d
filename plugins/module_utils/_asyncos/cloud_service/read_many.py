# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read the cloud service of many appliances in one event loop, and plan for each.

Reader and planner are those of C(esa_cloud_service) in check mode. Every appliance becomes one row, even on errors.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError, Refusal, Unreachable
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.connect import JumpHosts, open_session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from .apply import Outcome, Waiting, ensure, read_state
from .plan import DesiredState, Step
from .state import IN_PROGRESS, CloudService

SILENCE = 1.0
"""Seconds of silence after which an appliance does not count for the concurrency, until it speaks again."""
TICK = 0.1
"""Polling interval for silent appliances, in seconds."""
MOST_OPEN = 512
"""Maximum number of appliances at once, with the silent ones."""
DESCRIPTORS = 3
"""Most file descriptors that one appliance needs: its connection, its log-in record, its transcript."""
NO_WAITING = Waiting(timeout=0.0, interval=0.0)
"""Do not wait for a busy appliance: its plan is the step C(wait)."""


@dataclass(frozen=True)
class Failure:
    """Why one appliance failed. ``refused``: it was read, but a run must not change it. ``waited``: after a time-out."""

    problem: str
    fix: str = ""
    refused: bool = False
    screen: str = ""
    message: str = ""
    waited: bool = False
    token_refused: bool = False


@dataclass(frozen=True)
class ApplianceReading:
    """One appliance as read, and the steps that a run would take. ``failure`` is the error, if any."""

    host: str
    reachable: bool = False
    service: CloudService | None = None
    pending_changes: bool | None = None
    steps: tuple[Step, ...] = ()
    after: CloudService | None = None
    failure: Failure | None = None

    @property
    def busy(self) -> bool:
        """Return whether the cloud service still processes an earlier request, so its state is unknown."""
        return self.service is not None and self.service.registration == IN_PROGRESS

    def as_row(self) -> dict[str, Any]:
        """Return the row of C(esa_cloud_service_info), which always has every key."""
        failure = self.failure
        return {
            "host": self.host,
            "reachable": self.reachable,
            "cloud_service": self.service.as_result() if self.service else None,
            "pending_changes": self.pending_changes,
            "steps": [str(step) for step in self.steps],
            "after": self.after.as_result() if self.after else None,
            "refused": bool(failure and failure.refused),
            "problem": failure.problem if failure else None,
            "fix": failure.fix if failure else None,
            "remedy": failure.fix if failure else None,
            "screen": failure.screen if failure else None,
            "msg": failure.message if failure else None,
        }


async def read_many(
    hosts: Sequence[str],
    options_of: Callable[[str], SshOptions],
    desired_states: Mapping[str, DesiredState],
    concurrency: int,
    finished: Callable[[ApplianceReading], None],
) -> list[ApplianceReading]:
    """Read all hosts, at most ``concurrency`` at once and silent ones beside them. Return the readings in the order of ``hosts``.

    ``options_of`` is called when a host's turn comes and may raise AsyncOSError; its result is not kept.
    ``desired_states`` holds the hosts to plan for. ``finished`` is called with each reading when it is complete.
    """
    readings = [ApplianceReading(host) for host in hosts]
    places = _Places(concurrency, asyncio.get_running_loop().time)
    reading: set[asyncio.Task[None]] = set()
    broken: list[BaseException] = []

    async def read(place: int, jump_hosts: JumpHosts) -> None:
        host = hosts[place]
        with places.taken() as heard:
            readings[place] = await _read_appliance(host, options_of, desired_states.get(host), jump_hosts, heard)
        finished(readings[place])

    def done(task: asyncio.Task[None]) -> None:
        reading.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            broken.append(error)

    async with JumpHosts() as jump_hosts:
        try:
            for place in range(len(hosts)):
                while reading and not broken and not places.free():
                    await asyncio.wait(reading, timeout=TICK, return_when=asyncio.FIRST_COMPLETED)
                if broken:
                    break
                task = asyncio.ensure_future(read(place, jump_hosts))
                reading.add(task)
                task.add_done_callback(done)
                await asyncio.sleep(0)  # lets the running tasks continue while the next one is prepared
            while reading and not broken:
                await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
    if broken:
        raise broken[0]
    return readings


class _Places:
    """The appliances that are read at the same time, and when each of them spoke last.

    An appliance that speaks after a silence was slow, not dead: the silence that counts becomes twice as long. So a slow jump
    host or network does not get ever more connections.
    """

    def __init__(self, concurrency: int, now: Callable[[], float]) -> None:
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._concurrency, self._now = concurrency, now
        self._most = max(concurrency, min(MOST_OPEN, files // DESCRIPTORS - concurrency))
        self._silence = SILENCE
        self._spoke: dict[object, float] = {}

    @contextlib.contextmanager
    def taken(self) -> Iterator[Callable[[], None]]:
        """Take a place. Yield what is to be called whenever the appliance has spoken."""
        me = object()
        self._spoke[me] = self._now()

        def heard() -> None:
            now = self._now()
            self._silence = max(self._silence, 2 * (now - self._spoke[me]))
            self._spoke[me] = now

        try:
            yield heard
        finally:
            del self._spoke[me]

    def free(self) -> bool:
        """Return whether one more appliance may be read."""
        latest = self._now() - self._silence
        return len(self._spoke) < self._most and sum(at > latest for at in self._spoke.values()) < self._concurrency


async def _read_appliance(
    host: str,
    options_of: Callable[[str], SshOptions],
    desired: DesiredState | None,
    jump_hosts: JumpHosts,
    heard: Callable[[], None],
) -> ApplianceReading:
    secrets = Secrets()
    reading = ApplianceReading(host)
    try:
        options = options_of(host)
        secrets.add(*options.secrets())
        async with open_session(options, jump_hosts, heard) as session:
            reading = replace(reading, reachable=True)
            outcome = await (
                read_state(session) if desired is None else ensure(session, desired, None, NO_WAITING, check=True)
            )
        if isinstance(outcome.error, Unreachable):
            raise outcome.error
        return _with_outcome(reading, outcome, desired is not None, secrets)
    except AsyncOSError as error:
        reachable = reading.reachable and not isinstance(error, Unreachable)
        return replace(reading, reachable=reachable, failure=_failure(error, secrets))
    except Exception as error:  # an error in one appliance must not stop the others
        surprise = AsyncOSError(
            host,
            f"reading the appliance failed with an unexpected error ({type(error).__name__}: {error}).",
            "rerun with -vvv and report the output.",
        )
        return replace(reading, failure=_failure(surprise, secrets))


def _with_outcome(reading: ApplianceReading, outcome: Outcome, planned: bool, secrets: Secrets) -> ApplianceReading:
    return replace(
        reading,
        service=outcome.before,
        pending_changes=outcome.pending_changes,
        steps=tuple(outcome.steps),
        after=outcome.after if planned and outcome.error is None else None,
        failure=None if outcome.error is None else _failure(outcome.error, secrets),
    )


def _failure(error: AsyncOSError, secrets: Secrets) -> Failure:
    return Failure(
        problem=secrets.mask(error.problem),
        fix=secrets.mask(error.fix),
        refused=isinstance(error, Refusal),
        screen=secrets.mask(error.screen),
        message=secrets.mask(str(error)),
        waited=error.timed_out,
    )
