# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab as a process: start, write the run directory, print `ready`, and stop on SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
from pathlib import Path

from tests.lab.fleet import Fleet
from tests.lab.inventory import write_run_dir
from tests.lab.lab import Lab


async def serve(fleet: Fleet, run_dir: Path) -> None:
    """Serve this fleet until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    logging.getLogger("asyncssh").setLevel(logging.CRITICAL)
    _allow_many_connections()
    async with Lab(fleet) as lab:
        write_run_dir(lab, run_dir)
        print("ready", flush=True)
        await stop.wait()


def _allow_many_connections() -> None:
    """Raise the limit of open files, because every appliance needs a socket for its port and one per client."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
