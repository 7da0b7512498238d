# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many appliances in one event loop, over real SSH: order, how many at once, one row for whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.identity import Identity
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import DesiredState
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
    _Places,
    read_many,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.state import CloudService
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from tests.lab.lab import Lab
from tests.unit.lab.clients import with_lab
from tests.unit.plugins.module_utils.asyncos.other_servers import says, speaking
from tests.unit.plugins.module_utils.asyncos.person import SERVER, options_for

Row = dict[str, Any]
KEYS = [
    "host",
    "reachable",
    "cloud_service",
    "pending_changes",
    "steps",
    "after",
    "refused",
    "problem",
    "fix",
    "remedy",
    "screen",
    "msg",
]
GENERATE = {"count": 12, "name": "esa-{n}.example.com"}
NAMES = [f"esa-{number:04d}.example.com" for number in range(1, 13)]
SECRET = "Passw0rd-of-a-test"


class Reader:
    """Reads, and watches how many are under way."""

    def __init__(self, options_of: Callable[[str], SshOptions]) -> None:
        self.options_of = options_of
        self.under_way = 0
        self.most = 0
        self.asked: list[str] = []
        self.finished: list[str] = []

    def _begin(self, host: str) -> SshOptions:
        self.asked.append(host)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        return self.options_of(host)

    def _end(self, reading: ApplianceReading) -> None:
        self.under_way -= 1
        self.finished.append(reading.host)

    async def read(
        self, hosts: list[str], concurrency: int, desired_states: dict[str, DesiredState] | None = None
    ) -> list[Row]:
        """As rows of esa_cloud_service_info."""
        readings = await read_many(hosts, self._begin, desired_states or {}, concurrency, self._end)
        for one in readings:
            assert one.failure is None or not one.steps, "nothing is planned from what could not be read"
        return [one.as_row() for one in readings]


@pytest.mark.parametrize(("concurrency", "most"), [(1, 1), (5, 5), (100, 12)])
def test_rows_keep_the_order_and_concurrency_is_limited(concurrency: int, most: int) -> None:
    hosts = NAMES[::-1]

    async def story(lab: Lab) -> None:
        reader = Reader(lambda host: options_for(lab, host))
        rows = await reader.read(hosts, concurrency)
        assert [row["host"] for row in rows] == hosts
        assert [row["cloud_service"]["hostname"] for row in rows] == hosts
        assert all(list(row) == KEYS for row in rows)
        assert reader.most == most
        assert reader.asked == hosts, "each is asked for when its turn comes"
        assert sorted(reader.finished) == sorted(hosts)
        assert [call for call in lab.recorder.calls if call.write] == []

    with_lab(story, generate=GENERATE)


@pytest.mark.parametrize(("registration", "busy"), [("in_progress", True), ("registered", False), (None, False)])
def test_an_appliance_in_progress_is_busy(registration: str | None, busy: bool) -> None:
    identity = Identity("ESA", "C100V", "14.0.0-698", "serial")
    service = CloudService("a", identity, True, None, registration) if registration else None
    assert ApplianceReading("a", True, service).busy is busy


def test_without_a_desired_state_nothing_is_planned() -> None:
    async def story(lab: Lab) -> None:
        hosts = NAMES[:2]
        desired_states = {hosts[1]: DesiredState("registered", SERVER, has_token=True, commit_comment="why")}
        plain, planned = await Reader(lambda host: options_for(lab, host)).read(hosts, 2, desired_states)
        assert (plain["steps"], plain["after"]) == ([], None)
        assert plain["cloud_service"]["enabled"] is planned["cloud_service"]["enabled"] is False
        assert planned["steps"] == [
            f"enable the cloud service on {SERVER}",
            "commit (why)",
            "register with a registration token",
        ]
        assert (planned["after"]["region"], planned["after"]["registration"]) == ("europe", "registered")

    with_lab(story, generate=GENERATE)


def test_names_that_resolve_slowly_do_not_delay_other_appliances(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo
    answered = threading.Event()

    def slow(host: Any, *more: Any, **named: Any) -> Any:
        if "slow" in str(host):
            answered.wait(20)
        return resolve(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    unresolved = [f"slow-{number}.example.com" for number in range(40)]

    async def story(lab: Lab) -> None:
        def options_of(host: str) -> SshOptions:
            if host in NAMES:
                return options_for(lab, host)
            return SshOptions(host, host, user="admin", password=SECRET, connect_timeout=1.0)

        began = time.monotonic()
        rows = await Reader(options_of).read(unresolved + NAMES, 64)
        assert time.monotonic() - began < 10
        assert [row["host"] for row in rows if row["cloud_service"]] == NAMES
        assert all("no answer within 1 s" in row["problem"] for row in rows[: len(unresolved)])

    try:
        with_lab(story, generate=GENERATE)
    finally:
        answered.set()


def test_a_failure_after_a_time_out_is_marked() -> None:
    async def story(lab: Lab) -> None:
        async with speaking(says(b"")) as silent, speaking(says(b"220 mail\r\n", leaves=True)) as mail:
            ports = {"refused": 1, "silent": silent, "mail": mail}

            def options_of(host: str) -> SshOptions:
                if host in ports:
                    return SshOptions(host, "127.0.0.1", ports[host], user="admin", connect_timeout=1.0)
                return options_for(lab, host)

            readings = await read_many([*ports, NAMES[0]], options_of, {}, 64, lambda _reading: None)
        assert [one.failure and one.failure.waited for one in readings] == [False, True, False, None]

    with_lab(story, generate=GENERATE)


def test_silent_appliances_hold_no_place() -> None:
    async def story(lab: Lab) -> None:
        async with speaking(says(b"")) as silent:
            dead = [f"silent-{number}.example.com" for number in range(16)]

            def options_of(host: str) -> SshOptions:
                if host in dead:
                    return SshOptions(host, "127.0.0.1", silent, user="admin", connect_timeout=4.0)
                return options_for(lab, host)

            reader = Reader(options_of)
            began = time.monotonic()
            rows = await reader.read(dead + NAMES, 8)
        assert time.monotonic() - began < 3 * 4, "one time-out, a second for each 8, and the others"
        assert [row["host"] for row in rows if row["cloud_service"]] == NAMES
        assert set(reader.finished[: len(NAMES)]) == set(NAMES), "nobody waited for the silent ones"

    with_lab(story, generate=GENERATE)


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_an_appliance_gives_its_place_up_after_a_second_of_silence() -> None:
    clock = Clock()
    places = _Places(1, clock)
    with places.taken() as heard:
        clock.seconds = 0.4
        heard()
        clock.seconds = 1.3
        assert not places.free()
        clock.seconds = 1.5
        assert places.free()
    assert places.free()


def test_the_silence_that_counts_becomes_twice_as_long_as_one_that_ended() -> None:
    clock = Clock()
    places = _Places(1, clock)
    with places.taken() as heard:
        clock.seconds = 3
        assert places.free()
        heard()
        clock.seconds = 8.9
        assert not places.free()
        clock.seconds = 9
        assert places.free()


@pytest.mark.parametrize(
    ("files", "concurrency", "most"), [(20000, 64, 512), (1024, 64, 277), (256, 64, 64), (-1, 9, 9)]
)
def test_the_number_of_silent_appliances_is_limited_by_descriptors(
    monkeypatch: pytest.MonkeyPatch, files: int, concurrency: int, most: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (files, files))
    clock = Clock()
    places = _Places(concurrency, clock)
    with contextlib.ExitStack() as stack:
        taken = 0
        while places.free():
            stack.enter_context(places.taken())
            taken, clock.seconds = taken + 1, clock.seconds + 2
        assert taken == most


class Surprise(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (AsyncOSError("x", "its variables say nothing.", "say something."), "its variables say nothing."),
        (Surprise("something odd"), "unexpected error (Surprise: something odd)."),
    ],
)
def test_a_host_without_options_is_a_row_and_the_others_are_read(error: Exception, problem: str) -> None:
    async def story(lab: Lab) -> None:
        def options_of(host: str) -> SshOptions:
            if host == NAMES[1]:
                raise error
            return options_for(lab, host)

        rows = await Reader(options_of).read(NAMES[:4], 2)
        assert [bool(row["cloud_service"]) for row in rows] == [True, False, True, True]
        bad = rows[1]
        assert list(bad) == KEYS
        assert (bad["host"], bad["reachable"], bad["refused"], bad["steps"]) == (NAMES[1], False, False, [])
        assert problem in bad["problem"] and bad["fix"] and problem in bad["msg"]

    with_lab(story, generate=GENERATE)


def test_an_error_of_the_caller_ends_the_reading() -> None:
    """A row that is missing must not pass for an empty one."""

    async def story(lab: Lab) -> None:
        class Failing(Reader):
            def _end(self, reading: ApplianceReading) -> None:
                super()._end(reading)
                if len(self.finished) == 3:
                    raise Surprise("of the caller")

        reader = Failing(lambda host: options_for(lab, host))
        with pytest.raises(Surprise, match="of the caller"):
            await reader.read(NAMES, 2)
        assert len(reader.asked) < len(NAMES)

    with_lab(story, generate=GENERATE)


def test_errors_show_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the error comes from a place that knows nothing of secrets."""

    def fail(*_arguments: Any) -> None:
        raise Surprise(f"cannot log in with {SECRET}")

    monkeypatch.setattr(
        "ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many.open_session", fail
    )
    options = SshOptions(name="esa1", host="192.0.2.1", jump=SshOptions(name="jump", host="192.0.2.2", password=SECRET))
    (row,) = asyncio.run(Reader(lambda _host: options).read(["esa1"], 1))
    assert "Surprise: cannot log in with ********" in row["msg"]
    assert SECRET not in str(row)


@pytest.fixture
def log_ins(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The users that logged in, or tried to, to the jump host."""
    users: list[str] = []

    def validate(login: Any, username: str, password: str) -> bool:
        users.append(username)
        return password == login.server.password

    monkeypatch.setattr("tests.lab.jump._Login.validate_password", validate)
    return users


def jump_to(lab: Lab, password: str | None = None) -> SshOptions:
    return SshOptions(
        name="jump host",
        host="127.0.0.1",
        port=lab.jump.port,
        user="jump",
        password=password or lab.jump.password,
        host_key_checking=False,
    )


def test_all_behind_a_jump_host_share_one_log_in(log_ins: list[str]) -> None:
    async def story(lab: Lab) -> None:
        rows = await Reader(lambda host: options_for(lab, host, jump=jump_to(lab))).read(NAMES, 4)
        assert all(row["cloud_service"] for row in rows)
        assert log_ins == ["jump"]
        assert sorted(call.who for call in lab.recorder.calls if call.kind == "jump") == NAMES
        for _turn in range(100):
            if not lab.jump.connections:
                break
            await asyncio.sleep(0.05)
        assert not lab.jump.connections, "it is closed at the end"

    with_lab(story, generate=GENERATE)


def test_a_lost_connection_to_the_jump_host_is_reopened(log_ins: list[str]) -> None:
    async def story(lab: Lab) -> None:
        class Dropping(Reader):
            def _end(self, reading: ApplianceReading) -> None:
                super()._end(reading)
                if len(self.finished) == 2:
                    lab.jump.drop_connections()

        reader = Dropping(lambda host: options_for(lab, host, jump=jump_to(lab)))
        rows = await reader.read(NAMES[:4], 1)
        lost = [row for row in rows if not row["cloud_service"]]
        assert len(lost) <= 1, "only one that was being connected may see it"
        assert rows[3]["cloud_service"]
        assert log_ins == ["jump", "jump"]

    with_lab(story, generate=GENERATE)


def test_a_jump_host_that_refuses_the_log_in_is_tried_once(log_ins: list[str]) -> None:
    async def story(lab: Lab) -> None:
        rows = await Reader(lambda host: options_for(lab, host, jump=jump_to(lab, SECRET))).read(NAMES, 4)
        assert {row["reachable"] for row in rows} == {False}
        assert all("jump host" in row["msg"] and "may not log in" in row["problem"] for row in rows)
        assert SECRET not in str(rows)
        assert log_ins == ["jump"], "one failed log-in, whatever the number of appliances"

    with_lab(story, generate=GENERATE)
