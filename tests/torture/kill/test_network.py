# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The network is lost once: at each piece of the dialogue with an appliance, and of each request to a region."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import commit
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import apply
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.apply import Waiting, ensure
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import DesiredState
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.connect import open_session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.modules import ensure_modules
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.tokens import issue_tokens
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from tests.lab.fleet import read_fleet
from tests.lab.lab import Lab
from tests.lab.regions import SERVERS
from tests.torture.support.cut_proxy import WAYS, CutProxy
from tests.unit.lab.clients import QUICK

ABREAST = 12
EUROPE = SERVERS["europe"]
TIMES = {"connect_timeout": 6.0, "command_timeout": 3.0, "login_timeout": 3.0}
LONGEST = 40.0
"""Seconds for a lost dialogue: connecting, logging in, a command, and a few commands that end the session."""
LEAVING = {"^C", "exit"}


def name_of(number: int) -> str:
    return f"n{number}.example.com"


def with_a_lab(story: Callable[[Lab], Awaitable[None]], number: int) -> None:
    """Run this story against a lab with this number of appliances."""
    boxes = [{"name": name_of(one), "region": "europe", "generation": 1 + one % 4} for one in range(number)]

    async def run() -> None:
        async with Lab(read_fleet("torture.yml", {"settings": QUICK, "appliances": boxes})) as lab:
            await asyncio.wait_for(story(lab), 200)

    asyncio.run(run())


async def onboard(lab: Lab, name: str, port: int) -> Any:
    """Enable and register this appliance through ``port``; return the outcome. Raise AsyncOSError."""
    store = lab.stores["europe"]
    device = next((one for one in store.devices.values() if one["name"] == name), None) or store.add_device(name)
    token = None
    if not lab.appliances[name].appliance.registered:
        token = str(store.issue_registration_token(device["id"], 3600)["token"])
    options = SshOptions(name, "127.0.0.1", port, user="admin", password=lab.password, host_key_checking=False, **TIMES)
    async with open_session(options) as session:
        desired = DesiredState("registered", EUROPE, has_token=bool(token), commit_comment="why")
        outcome = await ensure(session, desired, token, Waiting(5.0, 0.05), False)
    if outcome.error is not None:
        raise outcome.error
    return outcome


def lines(lab: Lab, name: str) -> list[str]:
    return [str(call.line) for call in lab.recorder.calls if call.kind == "cli" and call.who == name]


async def pieces_of_a_dialogue(lab: Lab, generation: int) -> int:
    """Return the number of pieces of a whole dialogue."""
    name = name_of(generation)
    proxy = CutProxy(lab.appliances[name].port, 0, "", True)
    async with proxy.listening() as port:
        await onboard(lab, name, port)
    assert lab.appliances[name].appliance.registered
    return proxy.pieces


async def lost_dialogue(lab: Lab, name: str, at: int, way: str, delivers: bool) -> bool:
    """Lose the network in a dialogue, check the failure, and finish it in a second one; return whether it was lost."""
    typed = 0

    def count() -> None:
        nonlocal typed
        typed = len(lines(lab, name))

    proxy = CutProxy(lab.appliances[name].port, at, way, delivers, count)
    error: AsyncOSError | None = None
    begin = time.monotonic()
    async with proxy.listening() as port:
        try:
            await onboard(lab, name, port)
        except AsyncOSError as lost:
            error = lost
        assert time.monotonic() - begin < LONGEST, (at, way)
    later = [line for line in lines(lab, name)[typed:] if line not in LEAVING]
    assert not proxy.cut or len(later) <= 1, (at, way, later, "only a line that was on its way may arrive")
    if error is not None:
        assert name in str(error) and error.fix, str(error)
        assert proxy.cut
    again = await onboard(lab, name, lab.appliances[name].port)
    box = lab.appliances[name].appliance
    assert again.error is None and box.registered and not box.foreign_pending
    assert len([one for one in lab.stores["europe"].devices.values() if one["name"] == name]) == 1
    return proxy.cut


async def abreast(cases: list[Callable[[], Awaitable[bool]]]) -> int:
    """Run these cases, a few at a time; return how many were true."""
    free = asyncio.Semaphore(ABREAST)

    async def one(case: Callable[[], Awaitable[bool]]) -> bool:
        async with free:
            return await case()

    return sum(await asyncio.gather(*map(one, cases)))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits for a commit and a registration. Without this, keepalives of SSH end them after two minutes."""
    monkeypatch.setattr(commit, "COMMIT_TIMEOUT", 3.0)
    monkeypatch.setattr(apply, "REGISTER_TIMEOUT", 3.0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("generation", [1, 2, 3, 4])
def test_a_dialogue_that_loses_the_network_fails_with_its_host_and_is_finished_by_the_next(
    way: str, generation: int, rng: random.Random, tally: Any
) -> None:
    async def story(lab: Lab) -> None:
        pieces = await pieces_of_a_dialogue(lab, generation - 1)
        steps = range(1, pieces + 1)
        mine = [name for name in lab.appliances if int(name[1:].split(".")[0]) % 4 == generation - 1][1:]
        assert len(mine) >= pieces
        cases = [
            partial(lost_dialogue, lab, name, at, way, rng.random() < 0.5)
            for at, name in zip(steps, mine, strict=False)
        ]
        lost = await abreast(cases)
        assert lost > len(cases) / 2, "the pieces of a dialogue differ little from run to run"
        tally.cases(lost)
        tally.figure(f"pieces of a dialogue, generation {generation}", pieces)

    with_a_lab(story, 4 * 150)


class Module(SimpleNamespace):
    """What the functions of a cloud module need of a module."""

    check_mode = False

    def warn(self, text: str) -> None:
        pass


def add_device_and_module(client: IrohClient, name: str, lab: Lab) -> None:
    """Add a device, let it register, and add a module for it, as a run does. Raise ApiError or AssertionError."""
    told = issue_tokens(
        Module(params={"devices": [name], "dest": None, "lifetime": "1h", "known_devices": None}), client
    )
    assert not told.get("failed"), told["msg"]
    lab.stores["europe"].register(told["devices"][0]["id"], name, "ESA", "14.0.0-698", "192.0.2.1")
    settings = {"name": name, "device": told["devices"][0]["id"], "product": "esa"}
    params = {
        "modules": [settings],
        "request_timeframe_days": 30,
        "enabled": True,
        "product": "esa",
        "module_types": None,
        "state": "present",
        "assumed_devices": [],
        "known_devices": None,
        "list_orphans": False,
        **dict.fromkeys(("name", "id", "device")),
    }
    told = ensure_modules(Module(params=params), client)
    assert not told.get("failed"), told["msg"]


async def requests_to(
    lab: Lab, api_url: str, trust: Path, name: str, **budget: Any
) -> ApiError | AssertionError | None:
    """Send all requests for one appliance, in a thread; return the error that ended them."""

    def send() -> ApiError | AssertionError | None:
        store = lab.stores["europe"]
        account = {"client_id": store.client_id, "client_password": store.client_password}
        try:
            with IrohClient(region="europe", api_url=api_url, ca_path=str(trust), **account, **budget) as client:
                add_device_and_module(client, name, lab)
        except (ApiError, AssertionError) as error:
            return error
        return None

    return await asyncio.to_thread(send)


async def lost_requests(lab: Lab, trust: Path, name: str, at: int, way: str, delivers: bool) -> bool:
    """Lose the network in a request, and repeat them all in a second run; return whether it was lost."""
    cloud = lab.clouds["europe"]
    proxy = CutProxy(int(cloud.api_url.rpartition(":")[2]), at, way, delivers)
    begin = time.monotonic()
    async with proxy.listening() as port:
        # In every other case no request is repeated, so that the loss is what ends the run.
        url = f"https://127.0.0.1:{port}"
        error = await requests_to(lab, url, trust, name, timeout=0.5, retry_budget=3.0 * (at % 2))
        assert time.monotonic() - begin < LONGEST, (at, way)
    assert error is None or (proxy.cut and (f"127.0.0.1:{port}" in str(error) or name in str(error))), error
    again = await requests_to(lab, cloud.api_url, trust, name)
    assert again is None, again
    store = lab.stores["europe"]
    assert [one["name"] for one in store.devices.values()].count(name) == 1
    assert [one["name"] for one in store.instances.values()].count(name) == 1
    return proxy.cut


@pytest.mark.parametrize("way", WAYS)
def test_a_request_that_loses_the_network_fails_with_its_host_and_is_repeated_by_the_next_run(
    tmp_path: Path, way: str, rng: random.Random, tally: Any
) -> None:
    async def story(lab: Lab) -> None:
        trust = tmp_path / "ca.pem"
        trust.write_bytes(lab.ca_pem)
        cloud = lab.clouds["europe"]
        whole = CutProxy(int(cloud.api_url.rpartition(":")[2]), 0, "", True)
        async with whole.listening() as port:
            assert await requests_to(lab, f"https://127.0.0.1:{port}", trust, "whole.example.com") is None
        cases = [
            partial(lost_requests, lab, trust, f"l{at}.example.com", at, way, rng.random() < 0.5)
            for at in range(1, whole.pieces + 1)
        ]
        lost = await abreast(cases)
        assert lost > len(cases) / 2
        tally.cases(lost)
        tally.figure("pieces of the requests", whole.pieces)

    with_a_lab(story, 1)
