# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read a fleet: all regions at the same time, and busy appliances twice."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.recorded import RecordedClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import DEVICES_PATH
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet import read
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import DevicesReading, ModulesReading, Quota
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.read import (
    RegionReading,
    in_threads,
    read_appliances,
    read_regions,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError, OptionRefused
from tests.unit.plugins.module_utils.fleet.picture import (
    Box,
    api_down,
    device,
    module,
    module_type,
    no_scope,
)

TYPES = [module_type("esa"), module_type("sma")]
DEVICES = [{"id": one["id"], "name": one["name"], "status": one["status"]} for one in (device("a"), device("b"))]


class Cloud(RecordedClient):
    """A region in memory. It counts requests, and records whether it was closed."""

    def __init__(self, region: str, failures: dict[str, ApiError] | None = None, types: Any = TYPES) -> None:
        instances = {"type-esa": [module("a", "id-a-registered")], "type-sma": []}
        super().__init__(region, types, instances)
        self.quota = {"limit": 8000, "remaining": 7990}
        self.failures = failures or {}
        self.asked: list[str] = []
        self.closed = False

    def get_all(self, path: str, params: dict[str, Any] | None = None, **paging: Any) -> list[Any]:
        self.asked.append(path)
        for part, error in self.failures.items():
            if part in path:
                raise error
        if path == DEVICES_PATH:
            return [dict(one) for one in DEVICES]
        return super().get_all(path, params, **paging)

    def close(self) -> None:
        self.closed = True


def regions_of(clouds: dict[str, Cloud], with_modules: tuple[str, ...] = ("europe",)) -> dict[str, RegionReading]:
    return asyncio.run(read_regions(list(clouds), with_modules, lambda name: clouds[name]))


def test_devices_of_all_regions_and_modules_of_requested_regions_are_read() -> None:
    clouds = {name: Cloud(name) for name in ("europe", "apjc")}
    found = regions_of(clouds)
    assert list(found) == ["europe", "apjc"]
    for reading in found.values():
        assert [one.name for one in reading.devices.devices] == ["a.example.com", "b.example.com"]
        assert (reading.devices.failure, reading.devices.quota) == (None, Quota(8000, 7990))
    modules = found["europe"].modules
    assert modules is not None and modules.failure is None
    assert {key: [one["name"] for one in of_type] for key, of_type in modules.instances.items()} == {
        "type-esa": ["a"],
        "type-sma": [],
    }
    assert found["apjc"].modules is None
    assert clouds["apjc"].asked == [DEVICES_PATH]
    assert all(cloud.closed for cloud in clouds.values())


def test_a_missing_module_type_is_not_a_failure_of_the_reading() -> None:
    """A task that needs the type reports it."""
    modules = regions_of({"europe": Cloud("europe", types=TYPES[1:])})["europe"].modules
    assert modules is not None and modules.failure is None
    assert list(modules.instances) == ["type-sma"]


@pytest.mark.parametrize(
    ("failure", "asks_modules"), [(api_down("europe"), False), (no_scope(), True)], ids=["down", "no scope"]
)
def test_a_failed_region_gets_no_further_requests(failure: ApiError, asks_modules: bool) -> None:
    cloud = Cloud("europe", {"iroh-sse": failure})
    found = regions_of({"europe": cloud})["europe"]
    assert found.devices.failure is not None and found.devices.failure.message == str(failure)
    assert found.modules is not None
    assert (len(cloud.asked) > 1) is asks_modules
    assert (found.modules.failure is None) is asks_modules
    assert found.modules.failure is None or found.modules.failure == found.devices.failure
    assert cloud.closed


def test_devices_are_known_if_modules_cannot_be_read() -> None:
    found = regions_of({"europe": Cloud("europe", {"module-instance": api_down("europe")})})["europe"]
    assert found.devices.read and len(found.devices.devices) == 2
    assert found.modules is not None and found.modules.failure is not None
    assert found.modules == ModulesReading(failure=found.modules.failure, quota=Quota(8000, 7990))


def test_an_unusable_account_fails_only_its_region() -> None:
    def client_of(name: str) -> Cloud:
        if name == "apjc":
            raise OptionRefused("api_url is odd", fix="leave it out.")
        return Cloud(name)

    found = asyncio.run(read_regions(["apjc", "europe"], ["apjc", "europe"], client_of))
    failure = found["apjc"].devices.failure
    assert failure is not None and failure.message.startswith("api_url is odd")
    assert found["apjc"] == RegionReading(DevicesReading(failure=failure), ModulesReading(failure=failure))
    assert found["europe"].devices.read


def test_regions_are_read_at_the_same_time() -> None:
    """Each reading waits for the other, so sequential readings would never end."""
    together = threading.Barrier(3, timeout=30)

    class Slow(Cloud):
        def get_all(self, path: str, params: dict[str, Any] | None = None, **paging: Any) -> list[Any]:
            if path == DEVICES_PATH:
                together.wait()
            return super().get_all(path, params, **paging)

    found = regions_of({name: Slow(name) for name in ("americas", "europe", "apjc")}, ())
    assert all(reading.devices.read for reading in found.values())


def test_an_exception_in_a_thread_is_raised() -> None:
    def client_of(_name: str) -> Cloud:
        raise LookupError("of a library")

    with pytest.raises(LookupError, match="of a library"):
        asyncio.run(read_regions(["europe"], (), client_of))


def test_a_cancelled_reading_does_not_wait_for_answers() -> None:
    go_on = threading.Event()

    def client_of(_name: str) -> Cloud:
        go_on.wait(60)
        raise OptionRefused("too late")

    async def story() -> None:
        await asyncio.wait_for(read_regions(["europe"], (), client_of), 0.05)

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(story())
    assert time.monotonic() - began < 30
    go_on.set()


BUSY = Box("b", registration="in_progress", server=None)


@pytest.mark.parametrize(("pause", "turns"), [(0.0, [["a", "b"]]), (0.01, [["a", "b"], ["b"]])])
def test_busy_appliances_are_reread(monkeypatch: pytest.MonkeyPatch, pause: float, turns: list[list[str]]) -> None:
    asked: list[list[str]] = []
    boxes = {"a": Box("a"), "b": BUSY}

    async def reading(
        hosts: list[str], _options: Any, _wishes: Any, _most: int, finished: Callable[[ApplianceReading], None]
    ) -> list[ApplianceReading]:
        asked.append(list(hosts))
        found = [replace(boxes[host], **({"registration": "registered"} if len(asked) > 1 else {})) for host in hosts]
        for one in found:
            finished(one.read(False))
        return [one.read(False) for one in found]

    monkeypatch.setattr(read, "read_many", reading)
    seen: list[str] = []
    found = asyncio.run(
        read_appliances(["a", "b"], lambda _host: pytest.fail("asked"), {}, 4, lambda one: seen.append(one.host), pause)
    )
    assert asked == turns
    assert [found[host].busy for host in "ab"] == [False, pause == 0]
    assert seen == ["a", "b"], "each is counted once"


def test_works_run_in_threads_up_to_the_limit_and_keep_their_order() -> None:
    active: list[int] = []
    most: list[int] = []
    done: list[int] = []
    lock = threading.Lock()

    def work(number: int) -> int:
        with lock:
            active.append(number)
            most.append(len(active))
        time.sleep(0.01 if number else 0.05)
        with lock:
            active.remove(number)
        return number

    works = [partial(work, number) for number in range(6)]
    assert asyncio.run(in_threads(works, 2, done.append)) == list(range(6))
    assert sorted(done) == list(range(6)) and done[0] != 0, "a slow work does not delay the report of others"
    assert max(most) <= 2
