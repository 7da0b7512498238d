# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Send a message through each appliance, and wait until its message tracking finds it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.tracking import Search
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError

from .read import Turns
from .verification import Sent, Tracked, tracked_of


@dataclass(frozen=True)
class Messages:
    """The outcomes of all appliances, by host."""

    sent: Mapping[str, Sent]
    tracked: Mapping[str, Tracked]


async def send_and_track(
    hosts: Sequence[str],
    send: Callable[[str], Sent],
    search_of: Callable[[str, Sent], AbstractContextManager[Search]],
    concurrency: int,
    count: Callable[[bool], None],
) -> Messages:
    """Send and track the messages of all hosts at the same time, with at most ``concurrency`` requests in progress.

    ``send`` and the searches block, so each runs in a thread; a search that is not due occupies none. ``search_of`` and its
    context manager may raise ApiError. ``count`` is called for each host at its end, with whether it failed.
    """
    turns = Turns(concurrency)

    async def track(host: str, sent: Sent) -> Tracked:
        try:
            with search_of(host, sent) as search:
                found = await turns.run(search.once)
                while found is None:
                    await asyncio.sleep(search.seconds_to_next)
                    found = await turns.run(search.once)
        except ApiError as error:
            return Tracked(problem=str(error))
        return tracked_of(found)

    async def follow(host: str) -> tuple[Sent, Tracked]:
        sent = await turns.run(partial(send, host))
        accepted = sent.skipped or bool(sent.message_id)
        tracked = await track(host, sent) if accepted else Tracked()
        count(not tracked.found)
        return sent, tracked

    outcomes = dict(zip(hosts, await asyncio.gather(*map(follow, hosts)), strict=True))
    return Messages(
        {host: sent for host, (sent, _tracked) in outcomes.items()},
        {host: tracked for host, (_sent, tracked) in outcomes.items()},
    )
