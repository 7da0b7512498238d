# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Half of the fleet is silent, more than may be read at once: they cost about one time-out in all, and so does a jump host."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    MOST_OPEN,
    ApplianceReading,
    read_many,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from tests.bench.measure import descriptors
from tests.torture.support.faulty_appliances import FAULTS, HOST, FaultyServers, faulty_servers
from tests.torture.support.storm import wait_until

COUNT, CONCURRENCY = 200, 64
FLEET = {"generate": {"count": COUNT, "name": "esa-{n}.example.com"}}
SECONDS = 10.0
"""Each time-out of a session."""
SILENT = tuple(fault for fault in FAULTS if fault.kind == "silent" and not fault.through)
DEAD = [f"silent-{number}.example.com" for number in range(COUNT)]


class Reader:
    """Read the fleet, and note when each reading ended and the largest number of descriptors."""

    def __init__(self) -> None:
        self.finished: dict[str, float] = {}
        self.descriptors = 0
        self.seconds = 0.0

    def read(self, options: dict[str, SshOptions]) -> list[ApplianceReading]:
        began = time.monotonic()

        def note(reading: ApplianceReading) -> None:
            self.finished[reading.host] = time.monotonic() - began
            self.descriptors = max(self.descriptors, descriptors(os.getpid()))

        readings = asyncio.run(read_many(list(options), options.__getitem__, {}, CONCURRENCY, note))
        self.seconds = time.monotonic() - began
        return readings


def good_options(lab) -> dict[str, SshOptions]:
    return {
        name: SshOptions(
            name,
            HOST,
            box_port,
            user=lab.ssh["user"],
            password=lab.ssh["password"],
            known_hosts=(str(lab.folder / "known_hosts"),),
            connect_timeout=SECONDS,
            login_timeout=SECONDS,
            command_timeout=SECONDS,
        )
        for name, box_port in ((name, lab.appliance(name)["port"]) for name in lab.state()["appliances"])
    }


def silent_options(servers: FaultyServers, like: SshOptions) -> dict[str, SshOptions]:
    """Return the options of the silent appliances: as many for each place of a session."""
    answers = [servers.variables(fault, like.port) for fault in SILENT]
    return {
        name: replace(
            like,
            name=name,
            port=answer["ansible_port"],
            known_hosts=(answer["ansible_asyncos_known_hosts"],),
        )
        for name, answer in ((name, answers[place % len(answers)]) for place, name in enumerate(DEAD))
    }


def test_silent_appliances_cost_one_time_out_and_delay_nobody(lab, rng, tmp_path, tally):
    good = good_options(lab)
    alone = Reader()
    assert not [reading.failure for reading in alone.read(good) if reading.failure]
    with faulty_servers(rng, lab.folder, tmp_path) as servers:
        both = {**good, **silent_options(servers, next(iter(good.values())))}
        names = rng.sample(sorted(both), len(both))
        before, reader = descriptors(os.getpid()), Reader()
        readings = {reading.host: reading for reading in reader.read({name: both[name] for name in names})}
        wait_until(lambda: servers.open == 0, "a connection to a silent appliance stayed open")
    tally.cases(len(both))
    tally.figure(
        f"{COUNT} silent of {len(both)}: seconds (one time-out: {SECONDS:g}; the others alone: {alone.seconds:.1f})",
        f"{reader.seconds:.1f}",
    )
    assert {host for host, reading in readings.items() if reading.failure} == set(DEAD)
    assert all(readings[host].failure.waited for host in DEAD)
    # Without places for silent appliances, there would be four time-outs.
    assert reader.seconds < 2.5 * SECONDS + 2 * alone.seconds
    assert reader.descriptors - before <= MOST_OPEN * 2, "each connection has two ends in this process"


def test_a_jump_host_that_stalls_costs_one_time_out(lab, rng, tmp_path, tally):
    good = good_options(lab)
    with faulty_servers(rng, lab.folder, tmp_path) as servers:
        (like, *_others), fault = good.values(), SILENT[0]
        jump = replace(like, name="jump host", port=servers.variables(fault, like.port)["ansible_port"])
        behind = {name: replace(like, name=name, jump=jump) for name in DEAD}
        reader = Reader()
        readings = reader.read({**behind, **good})
        assert len(servers.visits) == 1, "a log-in that failed is not repeated"
    tally.cases(len(readings))
    tally.figure(
        f"{COUNT} behind a jump host that stalls: seconds (one time-out: {SECONDS:g})", f"{reader.seconds:.1f}"
    )
    assert {reading.host for reading in readings if reading.failure} == set(DEAD)
    assert max(reader.finished[name] for name in DEAD) < SECONDS + 5
    assert min(reader.finished[name] for name in good) < SECONDS, "the others did not wait for the jump host"
