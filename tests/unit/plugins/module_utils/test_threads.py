# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work in a thread: its result, its error, and an event loop that ended before it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._threads import in_thread


def test_the_result_and_the_error_reach_the_task() -> None:
    assert asyncio.run(in_thread(lambda: 3)) == 3
    with pytest.raises(ZeroDivisionError):
        asyncio.run(in_thread(lambda: 1 // 0))


@pytest.mark.parametrize("loop_ends", [True, False])
def test_a_cancelled_task_does_not_wait_for_its_work(loop_ends: bool) -> None:
    begin, done = threading.Event(), threading.Event()

    def work() -> None:
        begin.wait(10)
        done.set()

    async def cancelled() -> None:
        task = asyncio.ensure_future(in_thread(work))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if not loop_ends:
            begin.set()
            while not done.is_set():
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)

    asyncio.run(cancelled())
    begin.set()
    assert done.wait(10)
