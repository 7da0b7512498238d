# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Probe appliances and regions at the same time. Only reads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.identity import SMA
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.connect import JumpHosts, open_session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.client import ApiClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._threads import in_thread

from .appliance import Walk, walk
from .findings import Findings
from .region import RegionRead, read_asyncos_api, read_region


async def probe(
    region_of: Mapping[str, str],
    options_of: Callable[[str], SshOptions],
    regions: Sequence[str],
    client_of: Callable[[str], IrohClient],
    api_hosts: Sequence[str],
    api_client_of: Callable[[str, str], ApiClient],
    *,
    questions: Sequence[str] = (),
    concurrency: int = 8,
    finished: Callable[[Walk], None] = lambda _walk: None,
) -> Findings:
    """Return what the appliances (their regions by host), the regions, and the AsyncOS APIs of ``api_hosts`` show.

    ``api_client_of`` takes the host and its product. An API is read only if its appliance was logged in to. Never raise for
    an appliance or a region: its error is part of the result.
    """
    places = asyncio.Semaphore(concurrency)

    async def one(host: str, jump_hosts: JumpHosts) -> Walk:
        async with places:
            walked = await _walk(host, region_of[host], options_of, jump_hosts, questions)
        finished(walked)
        return walked

    async with JumpHosts() as jump_hosts:
        walks = asyncio.gather(*(one(host, jump_hosts) for host in region_of))
        reads = asyncio.gather(*(in_thread(partial(read_region, name, client_of)) for name in regions))
        walked, read = await asyncio.gather(walks, reads)
    apis = await asyncio.gather(
        *(in_thread(partial(_read_api, one, api_client_of)) for one in walked if one.host in api_hosts and one.steps)
    )
    return Findings(tuple(walked), {one.name: one for one in read}, tuple(apis))


def _read_api(walked: Walk, api_client_of: Callable[[str, str], ApiClient]) -> RegionRead:
    return read_asyncos_api(walked.host, lambda host: api_client_of(host, "sma" if walked.product == SMA else "esa"))


async def _walk(
    host: str,
    region: str,
    options_of: Callable[[str], SshOptions],
    jump_hosts: JumpHosts,
    questions: Sequence[str],
) -> Walk:
    walked = Walk(host, region)
    began = time.monotonic()
    try:
        async with open_session(options_of(host), jump_hosts) as session:
            await walk(session, walked, questions)
    except AsyncOSError as error:
        walked.failure = error
    except Exception as error:  # an error in one appliance must not stop the others
        walked.failure = AsyncOSError(
            host,
            f"probing the appliance failed with an unexpected error ({type(error).__name__}).",
            "rerun with -vvv and report the output.",
        )
    walked.seconds = time.monotonic() - began
    return walked
