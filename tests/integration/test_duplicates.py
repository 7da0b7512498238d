# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A duplicate name in SSE, as after a new registration: the run fails for it, or continues with esa_ctr_prune."""

from __future__ import annotations

from tests.integration.support.failures import report_row

TWICE = [{"region": "europe", "name": "twice.example.com", "status": "Unregistered", "type": "ESA"}]
ONBOARDED = {"enabled": True, "region": "europe", "registered": True, "module": True}
FLEET = {
    "appliances": [
        {"name": "once.example.com", "region": "europe", "initial": ONBOARDED},
        {"name": "twice.example.com", "region": "europe", "initial": {**ONBOARDED, "records": TWICE}},
    ],
}
QUICK = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=2")


def test_the_registered_record_of_a_duplicate_name_is_kept(lab, ansible):
    own = lab.appliance("twice.example.com")["device_id"]
    without = ansible.playbook("emailsec.ctr.onboard", *QUICK)
    assert without.bad_hosts() == {"twice.example.com"}
    row = report_row(without, "twice.example.com")
    assert f"duplicate name: {own}, Registered" in row
    assert "delete the unwanted device under Devices in the SSE portal" in row
    assert lab.writes() == []
    run = ansible.playbook("emailsec.ctr.onboard", *QUICK, "-e", "esa_ctr_prune=true")
    assert run.rc == 0, run.output
    assert lab.device("europe", "twice.example.com")["id"] == own
    assert all(lab.is_onboarded(host, "europe") for host in ("once.example.com", "twice.example.com"))
