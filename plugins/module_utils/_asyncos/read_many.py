# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Reads the cloud service of many appliances in one event loop, and plans for each.

Reader and planner are those of C(esa_cloud_service) in check mode. Each appliance ends as one row, whatever happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .apply import Outcome, Waiting, ensure, look
from .errors import AsyncOSError, Refusal, Unreachable
from .plan import Wish
from .redact import Redactor
from .ssh import JumpHosts, open_session
from .ssh_options import SshOptions

Row = dict[str, Any]
AT_ONCE = Waiting(timeout=0.0, interval=0.0)
"""A busy appliance is not waited for: the plan is then to wait."""


async def read_many(
    hosts: Sequence[str],
    options_of: Callable[[str], SshOptions],
    wishes: Mapping[str, Wish],
    concurrency: int,
    finished: Callable[[Row], None],
) -> list[Row]:
    """One row per host, in the order of ``hosts``; at most ``concurrency`` at once.

    ``options_of`` is asked when a host's turn comes, may raise AsyncOSError, and what it returned is forgotten with the
    host's row. ``wishes`` holds the hosts for which a plan is wanted. ``finished`` is called with each row as it comes.
    """
    rows: list[Row] = [{} for _host in hosts]
    places = asyncio.Semaphore(concurrency)
    reading: set[asyncio.Task[None]] = set()
    broken: list[BaseException] = []

    async def read(place: int, jump_hosts: JumpHosts) -> None:
        rows[place] = await _row(hosts[place], options_of, wishes.get(hosts[place]), jump_hosts)
        finished(rows[place])

    def done(task: asyncio.Task[None]) -> None:
        reading.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            broken.append(error)
        places.release()

    async with JumpHosts() as jump_hosts:
        try:
            for place in range(len(hosts)):
                await places.acquire()
                if broken:
                    break
                task = asyncio.ensure_future(read(place, jump_hosts))
                reading.add(task)
                task.add_done_callback(done)
                await asyncio.sleep(0)  # those that are under way go on while the next one is prepared
            while reading and not broken:
                await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
    if broken:
        raise broken[0]
    return rows


async def _row(host: str, options_of: Callable[[str], SshOptions], wish: Wish | None, jump_hosts: JumpHosts) -> Row:
    redactor = Redactor()
    row = _empty(host)
    try:
        options = options_of(host)
        redactor.add(*options.secrets())
        async with open_session(options, jump_hosts) as session:
            row["reachable"] = True
            outcome = await (look(session) if wish is None else ensure(session, wish, None, AT_ONCE, check=True))
        if isinstance(outcome.error, Unreachable):
            raise outcome.error
        row.update(_found(outcome, planned=wish is not None))
    except AsyncOSError as error:
        row.update(_empty(host), reachable=row["reachable"] and not isinstance(error, Unreachable), **_error(error))
    except Exception as error:  # one appliance must not take the rows of the others along
        surprise = AsyncOSError(
            host,
            f"reading it failed in a way that was not foreseen ({type(error).__name__}: {error}).",
            "run again with -vvv, and report this.",
        )
        row.update(_empty(host), reachable=row["reachable"], **_error(surprise))
    return {
        key: redactor.data(value) if key in ("problem", "remedy", "screen", "msg") else value
        for key, value in row.items()
    }


def _empty(host: str) -> Row:
    return {
        "host": host,
        "reachable": False,
        "cloud_service": None,
        "pending_changes": None,
        "steps": [],
        "after": None,
        "refused": False,
        "problem": None,
        "remedy": None,
        "screen": None,
        "msg": None,
    }


def _found(outcome: Outcome, planned: bool) -> Row:
    return {
        "cloud_service": outcome.before.as_result(),
        "pending_changes": outcome.pending_changes,
        "steps": [str(step) for step in outcome.steps],
        "after": outcome.after.as_result() if planned and outcome.error is None else None,
        **(_error(outcome.error) if outcome.error is not None else {}),
    }


def _error(error: AsyncOSError) -> Row:
    return {
        "refused": isinstance(error, Refusal),
        "problem": error.problem,
        "remedy": error.remedy,
        "screen": error.screen,
        "msg": str(error),
    }
