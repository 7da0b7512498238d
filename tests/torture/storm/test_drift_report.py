# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drift report of 1,000 appliances, 5 % of them faulty, beside that of the same fleet without faults."""

from __future__ import annotations

import time

from tests.bench.measure import descriptors
from tests.integration.support.drift_report import appliances, report_of, verdicts
from tests.torture.support.faulty_appliances import faulty_servers
from tests.torture.support.storm import ONE_TIME_OUT, faulty_hosts, measured, only_waited, wait_until, wrong_reasons

COUNT = 1000
SHARE = 0.05
MEGABYTES = 300
ONBOARDED = {"enabled": True, "registered": True, "module": True}
FLEET = {
    "generate": [
        {"count": count, "region": region, "initial": {**ONBOARDED, "region": region}}
        for count, region in zip(
            (COUNT // 3, COUNT // 3, COUNT - 2 * (COUNT // 3)), ("europe", "americas", "apjc"), strict=True
        )
    ]
}


def test_the_report_names_every_faulty_appliance_and_waits_for_them_at_most_once(lab, ansible, rng, tmp_path, tally):
    names = list(lab.state()["appliances"])
    sockets = descriptors(lab.pid)
    _output, without = measured(lab, ansible, "emailsec.ctr.drift_report")
    assert set(verdicts(report_of(ansible)).values()) == {"ok"}
    with faulty_servers(rng, lab.folder, tmp_path) as servers:
        faults = faulty_hosts(rng, names, SHARE)
        state = lab.state()["appliances"]
        hosts = {host: servers.variables(fault, state[host]["port"]) for host, fault in faults.items()}
        inventory = ansible.inventory("faults.yml", hosts)
        began = time.time()
        output, with_faults = measured(lab, ansible, "emailsec.ctr.drift_report", "-i", inventory)
        wait_until(lambda: servers.open == 0, "a connection to a faulty appliance stayed open")
        waited = only_waited(lab, began, servers.ended)
    rows = appliances(report_of(ansible))
    tally.cases(len(names))
    tally.figure(f"drift report of {len(names)}", f"{without.seconds:.1f} s, {without.memory:.0f} MB")
    tally.figure(
        f"drift report of {len(names)}, {len(faults)} faulty",
        f"{with_faults.seconds:.1f} s, {with_faults.memory:.0f} MB, {with_faults.descriptors} descriptors, "
        f"{waited:.1f} s of only waiting (one time-out: {ONE_TIME_OUT:g} s)",
    )
    assert {host: rows[host]["verdict"] for host in names} == {
        host: "unknown" if host in faults else "ok" for host in names
    }
    assert wrong_reasons(faults, {host: row["reason"] for host, row in rows.items()}) == []
    assert waited <= ONE_TIME_OUT, "the run waited for one faulty appliance after the other"
    assert with_faults.seconds <= 2 * without.seconds + ONE_TIME_OUT
    assert max(without.memory, with_faults.memory) < MEGABYTES
    assert "Traceback" not in output
    wait_until(lambda: descriptors(lab.pid) <= sockets, "a connection to an appliance stayed open")
