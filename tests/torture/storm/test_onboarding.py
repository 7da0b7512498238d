# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Onboarding with 5 % faulty appliances: the others are onboarded, and a run after the storm onboards the rest."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

from tests.integration.support.failures import report_row
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
QUICK = ("-e", "esa_ctr_wait_interval=0.2", "-e", "esa_ctr_wait_timeout=60", "--forks", str(FORKS), *TIMEOUTS)
COLD = {"ANSIBLE_ASYNCOS_LOGIN_TIMEOUT": f"{LOGIN:g}"}


@pytest.fixture(scope="module", autouse=True)
def _size(request, pytestconfig):
    """Set the FLEET before the lab starts."""
    count = 1000 if pytestconfig.getoption("--large") else 200
    request.module.FLEET = {
        "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1, "handshake_seconds": 0.0},
        "generate": [{"count": count // 2, "region": region} for region in ("europe", "americas")],
    }


def test_the_faulty_appliances_delay_nobody(lab, ansible, rng, tmp_path, tally):
    names = set(lab.state()["appliances"])
    with faulty_servers(rng, lab.folder, tmp_path) as servers:
        faults = faulty_hosts(rng, sorted(names), SHARE)
        state = lab.state()["appliances"]
        hosts = {host: servers.variables(fault, state[host]["port"]) for host, fault in faults.items()}
        inventory = ansible.inventory("faults.yml", hosts)
        began = time.time()
        run = ansible.playbook("emailsec.ctr.onboard", "-i", inventory, *QUICK, environment=COLD, seconds=1800)
        took = time.time() - began
    read = datetime.fromisoformat(run.task_starts[1][1]).timestamp()
    waited = only_waited(lab, began, read)
    assert onboarded(lab) == names - set(faults), run.output[-3000:]
    assert run.bad_hosts() == set(faults)
    assert wrong_reasons(faults, {host: report_row(run, host) for host in faults}) == []
    assert waited <= ONE_TIME_OUT
    slow = {visit.fault for visit in servers.visits if visit.ended - visit.began >= SHORTEST}
    again = {visit.fault.name for visit in servers.visits if visit.began > read and visit.fault in slow}
    assert not again, "a task after the reading waited for them again, one time-out for each fork"
    run = ansible.playbook("emailsec.ctr.onboard", *QUICK, seconds=600)
    assert run.rc == 0, run.output[-3000:]
    assert onboarded(lab) == names
    tally.cases(len(names))
    tally.figure(f"onboarding of {len(names)}, {len(faults)} faulty", f"{took:.1f} s, {waited:.1f} s of only waiting")
