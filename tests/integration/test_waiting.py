# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits show progress, and a wait that times out names the missing devices."""

from __future__ import annotations

import re

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.failures import report_row
from tests.integration.support.lab import running_lab

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
    """Return a lab with one registered and one pending device, created without the collection."""
    lab.token("europe", "pending.example.com")
    return lab


def test_a_wait_that_times_out_names_the_missing_devices(registered, ansible):
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


def test_progress_is_shown_at_normal_verbosity_and_missing_devices_are_named(lab, ansible):
    """Delete the device of a registered appliance in SSE: the next run fails only for this appliance, with the reason."""
    run = ansible.playbook("emailsec.ctr.onboard", "-e", "esa_ctr_wait_interval=0.1")
    assert run.rc == 0, run.output
    assert {("EUROPE", "2", "2"), ("AMERICAS", "1", "1")} <= set(PROGRESS.findall(run.output)), run.output
    device = lab.device("europe", "e1.example.com")
    lab.ask("europe", "DELETE", f"/iroh/iroh-sse/device/{device['id']}")
    short = ["-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=1"]
    run = ansible.playbook("emailsec.ctr.onboard", *short)
    assert run.rc != 0
    assert run.bad_hosts() == {"e1.example.com"}
    assert "the appliance is registered, but the SSE of europe did not show it" in report_row(run, "e1.example.com")
    # e2 is already registered in SSE, so the run does not wait for it
    assert PROGRESS.findall(run.output) == [("EUROPE", "0", "1")], run.output
