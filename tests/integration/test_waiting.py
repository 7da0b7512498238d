# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting is seen while it lasts, and a wait in vain names the devices that are missing."""

from __future__ import annotations

import re

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import running_lab
from tests.integration.support.troubles import report_row

FLEET = {
    "settings": {"registration_seconds": 0.5, "busy_seconds": 0.1},
    "appliances": [
        {"name": "e1.example.com", "region": "europe"},
        {"name": "e2.example.com", "region": "europe", "generation": 4},
        {"name": "us1.example.com", "region": "americas"},
    ],
}
PROGRESS = re.compile(r"^([A-Z]+): (\d+) of (\d+) registered, \d+:\d\d$", re.MULTILINE)


def test_registrations_that_take_too_long_name_their_appliances(tmp_path):
    fleet = {**FLEET, "settings": {"registration_seconds": 3600, "busy_seconds": 0.1}}
    with running_lab(fleet, tmp_path / "lab") as lab:
        ansible = Ansible(tmp_path / "ansible", lab)
        short = ["-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=3"]
        run = ansible.playbook("emailsec.ctr.onboard", *short)
        assert run.rc != 0
        assert run.bad_hosts() == set(lab.state()["appliances"])
        for host in run.bad_hosts():
            messages = [result.message for result in run.results if result.host == host and result.status == "failed"]
            assert any(
                host in message and "'register with a registration token'" in message and "in_progress" in message
                for message in messages
            ), messages
            assert any("raise wait_timeout" in message for message in messages), messages
        assert lab.instances("europe") == lab.instances("americas") == []


@pytest.fixture
def registered(lab):
    """A lab with one registered and one pending device, made without the collection."""
    lab.token("europe", "pending.example.com")
    return lab


def test_a_wait_in_vain_names_the_missing_devices(registered, ansible):
    account = dict(registered.regions["europe"])
    options = {"region": "europe", **account, "ca_path": str(registered.folder / "ca.pem"), "wait_interval": 0.1}
    names = ["pending.example.com", "absent.example.com"]
    task = {
        "name": "wait",
        "emailsec.ctr.sse_device_facts": {**options, "wait_for": "registered", "names": names, "wait_timeout": 1},
    }
    run = ansible.tasks([task], hosts="localhost", connection="local")
    result = run.on("localhost")
    assert result.status == "failed"
    assert "0 of 2 devices registered within 1 s" in result.message
    assert "pending.example.com (Pending)" in result.message
    assert "absent.example.com (not in SSE)" in result.message
    assert ("EUROPE", "0", "2") in PROGRESS.findall(run.output), run.output


def test_progress_is_shown_at_normal_verbosity_and_what_sse_does_not_show_is_named(lab, ansible):
    """Registered on the appliance, deleted in SSE: the run after it fails for this appliance alone, and says why."""
    run = ansible.playbook("emailsec.ctr.onboard", "-e", "esa_ctr_wait_interval=0.1")
    assert run.rc == 0, run.output
    assert {("EUROPE", "2", "2"), ("AMERICAS", "1", "1")} <= set(PROGRESS.findall(run.output)), run.output
    device = lab.device("europe", "e1.example.com")
    lab.ask("europe", "DELETE", f"/iroh/iroh-sse/device/{device['id']}")
    short = ["-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=1"]
    run = ansible.playbook("emailsec.ctr.onboard", *short)
    assert run.rc != 0
    assert run.bad_hosts() == {"e1.example.com"}
    assert "registered on the appliance, but not in the SSE of europe" in report_row(run, "e1.example.com")
    # e2, which SSE shows as registered before the run, is not waited for
    assert PROGRESS.findall(run.output) == [("EUROPE", "0", "1")], run.output
