# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read a fleet: the appliances in one event loop, and the regions in threads at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import DesiredState
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
    read_many,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.module_instances import list_records
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.module_types import (
    TITLES,
    find_module_type,
    list_module_types,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import list_devices
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._threads import in_thread

from .model import DevicesReading, ModulesReading, Quota
from .outcomes import api_failure

T = TypeVar("T")
ClientOf = Callable[[str], IrohClient]
NamedTypes = Mapping[str, Mapping[str, str]]
"""The C(id) or C(title) of the module type from the settings, by product."""


@dataclass(frozen=True)
class RegionReading:
    """The reading of one region. ``modules`` is None if they were not requested."""

    devices: DevicesReading
    modules: ModulesReading | None = None


async def read_appliances(
    hosts: Sequence[str],
    options_of: Callable[[str], SshOptions],
    desired_states: Mapping[str, DesiredState],
    concurrency: int,
    finished: Callable[[ApplianceReading], None],
    busy_pause: float = 0.0,
) -> dict[str, ApplianceReading]:
    """Return the readings by host. Reread busy appliances after ``busy_pause`` seconds, unless it is 0. See C(read_many)."""
    readings = {one.host: one for one in await read_many(hosts, options_of, desired_states, concurrency, finished)}
    busy = [host for host, one in readings.items() if one.busy]
    if busy and busy_pause > 0:
        await asyncio.sleep(busy_pause)
        again = await read_many(busy, options_of, desired_states, concurrency, lambda _reading: None)
        readings |= {one.host: one for one in again}
    return readings


async def read_regions(
    regions: Sequence[str],
    with_modules: Iterable[str],
    client_of: ClientOf,
    types_of: Callable[[str], NamedTypes] = lambda _region: {},
) -> dict[str, RegionReading]:
    """Return the devices by region, and for regions ``with_modules`` also the types and instances of CTR modules.

    ``client_of`` returns the client of a region, and may raise ApiError. Each region has its own thread. The time limits of
    the client end the thread.
    """
    asked = set(with_modules)
    works = [partial(_read, name, types_of(name) if name in asked else None, client_of) for name in regions]
    found = await asyncio.gather(*map(in_thread, works))
    return dict(zip(regions, found, strict=True))


def _read(region: str, named: NamedTypes | None, client_of: ClientOf) -> RegionReading:
    """Return the reading of a region. ``named`` is None if modules are not requested."""
    try:
        client = client_of(region)
    except ApiError as error:
        return _unread(error, named is not None)
    with client:
        devices = _read_devices(client)
        if named is None:
            return RegionReading(devices)
        if devices.failure is not None and not devices.failure.lacks_scope:
            # Send no further requests to a region that failed.
            return RegionReading(devices, ModulesReading(failure=devices.failure, quota=devices.quota))
        modules = _read_modules(client, named)
        return RegionReading(replace(devices, quota=modules.quota), modules)


def _unread(error: ApiError, with_modules: bool) -> RegionReading:
    failure = api_failure(error.as_result())
    modules = ModulesReading(failure=failure) if with_modules else None
    return RegionReading(DevicesReading(failure=failure), modules)


def _read_devices(client: IrohClient) -> DevicesReading:
    try:
        devices = list_devices(client)
    except ApiError as error:
        return DevicesReading(failure=api_failure(error.as_result()), quota=Quota(**client.quota))
    return DevicesReading(tuple(devices), quota=Quota(**client.quota))


def _read_modules(client: IrohClient, named: NamedTypes) -> ModulesReading:
    """Return the types, and all instances of the email products. A missing type is reported when a task needs it."""
    try:
        types = list_module_types(client)
        instances = {}
        for product in sorted(TITLES):
            try:
                how = named.get(product, {})
                found = find_module_type(types, product, client.region, type_id=how.get("id"), title=how.get("title"))
            except ApiError:
                continue
            if found.id not in instances:
                instances[found.id] = tuple(list_records(client, found))
    except ApiError as error:
        return ModulesReading(failure=api_failure(error.as_result()), quota=Quota(**client.quota))
    return ModulesReading(tuple(types), instances, named, quota=Quota(**client.quota))


async def in_threads(
    works: Iterable[Callable[[], T]], concurrency: int, finished: Callable[[T], None] = lambda _result: None
) -> list[T]:
    """Run each work in a thread, at most ``concurrency`` at once, and return the results in order.

    ``finished`` is called with each result when it is complete.
    """
    turns = Turns(concurrency)

    async def finish(work: Callable[[], T]) -> T:
        result = await turns.run(work)
        finished(result)
        return result

    return await asyncio.gather(*map(finish, works))


class Turns:
    """Run works in threads, at most ``concurrency`` at once."""

    def __init__(self, concurrency: int) -> None:
        self._gate = asyncio.Semaphore(concurrency)

    async def run(self, work: Callable[[], T]) -> T:
        """Wait for a turn, and return the result of the work."""
        async with self._gate:
            return await in_thread(work)
