# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. An event loop for one task, which the keyword C(timeout) ends as it ends other tasks."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(conversation: Coroutine[Any, Any, T]) -> T:
    """asyncio.run, with a time-out of the task taken for a cancellation, so that every session is closed.

    Ansible raises it from a signal handler, in whatever code runs at that moment: an event loop that is in a callback then
    logs it and goes on.
    """
    time_out = signal.getsignal(signal.SIGALRM)
    if not callable(time_out):
        return asyncio.run(conversation)
    rung = False

    async def until_the_alarm() -> T:
        task = asyncio.current_task()

        def ring() -> None:
            nonlocal rung
            rung = True
            if task is not None:
                task.cancel()

        asyncio.get_running_loop().add_signal_handler(signal.SIGALRM, ring)
        return await conversation

    try:
        return asyncio.run(until_the_alarm())
    except asyncio.CancelledError:
        if rung:
            time_out(signal.SIGALRM, None)
        raise
    finally:
        signal.signal(signal.SIGALRM, time_out)
