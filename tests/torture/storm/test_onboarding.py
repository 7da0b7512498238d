# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Onboarding with 5 % faulty appliances: the others are onboarded, and a run after the storm onboards the rest."""

from __future__ import annotations

import time
from datetime import datetime

from tests.bench.measure import Memory
from tests.integration.support.two_runs import rows_of
from tests.torture.support.faulty_appliances import faulty_servers
from tests.torture.support.storm import (
    FORKS,
    LOGIN,
    ONE_TIME_OUT,
    SHORTEST,
    TIMEOUTS,
    faulty_hosts,
    onboarded,
    only_waited,
    wrong_reasons,
)

SHARE = 0.05
MEGABYTES = 1500
"""Each fork keeps what the main process of Ansible has changed since the fork began."""
QUICK = ("-e", "esa_ctr_wait_interval=0.2", "-e", "esa_ctr_wait_timeout=60", "--forks", str(FORKS), *TIMEOUTS)
COLD = {"ANSIBLE_ASYNCOS_LOGIN_TIMEOUT": f"{LOGIN:g}"}
FLEET = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1, "handshake_seconds": 0.0},
    "generate": [{"count": 500, "region": region} for region in ("europe", "americas")],
}


class Watched:
    """A run of the playbook, with its seconds, memory and descriptors."""

    def __init__(self, ansible, *arguments):
        self.began = time.time()
        self.run = ansible.playbook(
            "emailsec.ctr.onboard", *arguments, *QUICK, environment=COLD, watch=self._watch, seconds=1800
        )
        self.seconds = time.time() - self.began

    def _watch(self, process):
        self.used = Memory(process.pid)

    def __str__(self):
        return f"{self.seconds:.1f} s, {self.used.peak:.0f} MB, {self.used.descriptors} descriptors"


def test_the_faulty_appliances_delay_nobody(lab, ansible, rng, tmp_path, tally):
    names = set(lab.state()["appliances"])
    without = Watched(ansible)
    assert without.run.rc == 0, without.run.output[-3000:]
    tally.figure(f"onboarding of {len(names)}", without)
    lab.reset()
    with faulty_servers(rng, lab.folder, tmp_path) as servers:
        faults = faulty_hosts(rng, sorted(names), SHARE)
        state = lab.state()["appliances"]
        hosts = {host: servers.variables(fault, state[host]["port"]) for host, fault in faults.items()}
        inventory = ansible.inventory("faults.yml", hosts)
        watched = Watched(ansible, "-i", inventory)
    run = watched.run
    read = datetime.fromisoformat(run.task_starts[1][1]).timestamp()
    waited = only_waited(lab, watched.began, read)
    tally.figure(
        f"onboarding of {len(names)}, {len(faults)} faulty",
        f"{watched}, {waited:.1f} s of only waiting (one time-out: {ONE_TIME_OUT:g} s)",
    )
    assert onboarded(lab) == names - set(faults), run.output[-3000:]
    assert run.bad_hosts() == set(faults)
    rows = rows_of(run)
    assert wrong_reasons(faults, {host: rows[host]["detail"] for host in faults}) == []
    assert waited <= ONE_TIME_OUT
    assert watched.seconds <= 2 * without.seconds + 2 * ONE_TIME_OUT
    assert max(without.used.peak, watched.used.peak) < MEGABYTES
    slow = {visit.fault for visit in servers.visits if visit.ended - visit.began >= SHORTEST}
    again = {visit.fault.name for visit in servers.visits if visit.began > read and visit.fault in slow}
    assert not again, "a task after the reading waited for them again, one time-out for each fork"
    run = ansible.playbook("emailsec.ctr.onboard", *QUICK, seconds=600)
    assert run.rc == 0, run.output[-3000:]
    assert onboarded(lab) == names
    tally.cases(len(names))
