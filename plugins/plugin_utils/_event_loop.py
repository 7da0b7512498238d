# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Run an event loop for one task. The keyword C(timeout) ends it like any other task."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(conversation: Coroutine[Any, Any, T]) -> T:
    """Run the coroutine, and cancel it at the time-out of the task, so that every session is closed.

    Ansible raises the time-out in a signal handler. An event loop in a callback would only log that error and continue.
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
