# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faulty appliances among good ones, read in this process: the right reason for each, and nothing left open."""

from __future__ import annotations

import asyncio
import os
import time

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
    read_many,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from tests.bench.measure import descriptors
from tests.torture.support.faulty_appliances import FAULTS, HOST, faulty_servers
from tests.torture.support.storm import wait_until

GOOD = 8
FLEET = {"generate": {"count": len(FAULTS) + GOOD, "name": "esa-{n}.example.com"}}
SECONDS = 15.0
"""Each time-out of a session."""


def test_each_fault_is_named_delays_nobody_and_leaves_nothing_open(lab, rng, tmp_path, tally):
    names = list(lab.state()["appliances"])
    rng.shuffle(names)
    faults = dict(zip(names, FAULTS, strict=False))
    finished: dict[str, float] = {}
    before = descriptors(os.getpid()), descriptors(lab.pid)
    with faulty_servers(rng, lab.folder, tmp_path) as servers:
        options = {}
        for name in names:
            given = {
                "ansible_port": lab.appliance(name)["port"],
                "ansible_password": lab.ssh["password"],
                "ansible_asyncos_known_hosts": str(lab.folder / "known_hosts"),
            }
            if name in faults:
                given |= servers.variables(faults[name], given["ansible_port"])
            options[name] = SshOptions(
                name,
                HOST,
                given["ansible_port"],
                user=lab.ssh["user"],
                password=given["ansible_password"],
                known_hosts=(given["ansible_asyncos_known_hosts"],),
                connect_timeout=SECONDS,
                login_timeout=SECONDS,
                command_timeout=SECONDS,
            )
        servers_only = descriptors(os.getpid())

        def note(reading: ApplianceReading) -> None:
            finished[reading.host] = time.monotonic() - began

        began = time.monotonic()
        readings = asyncio.run(read_many(names, options.__getitem__, {}, 64, note))
        took = time.monotonic() - began
        wait_until(lambda: servers.open == 0, "a connection to a faulty appliance stayed open")
        wait_until(lambda: descriptors(os.getpid()) <= servers_only, "a descriptor stayed open")
    tally.cases(len(names))
    wrong = [
        f"{fault.name}: {reading.failure and reading.failure.message}"
        for reading in readings
        for fault in [faults.get(reading.host)]
        if (fault is None) is not (reading.failure is None)
        or (fault and not any(text in reading.failure.message for text in fault.reasons))
    ]
    assert not wrong, "\n".join(wrong)
    assert took < len(FAULTS) * SECONDS / 4, "the faults were waited for one after the other"
    good = [at for host, at in finished.items() if host not in faults]
    assert max(good) < max(finished.values()), "the last one that ended is a faulty one"
    wait_until(lambda: descriptors(lab.pid) <= before[1], "a connection to an appliance stayed open")
    assert descriptors(os.getpid()) <= before[0] + 1, "the event loop of the servers may keep one"
    tally.figure(f"faults at the same time: seconds (one time-out: {SECONDS:g})", f"{took:.1f}")
