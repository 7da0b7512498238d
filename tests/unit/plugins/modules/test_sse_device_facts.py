# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sse_device_facts as Ansible runs it, against a real HTTPS server."""

from __future__ import annotations

import pytest

from ansible_collections.emailsec.ctr.plugins.modules import sse_device_facts

DEVICES = "/iroh/iroh-sse/device"


@pytest.fixture
def run(run_module):
    def run(**args):
        return run_module(sse_device_facts.main, **args)

    return run


def names(result):
    return [device["name"] for device in result["ansible_facts"]["sse_devices"]]


def test_every_field_is_there(run, iroh):
    full = iroh.device("esa1", type="ESA", version="13.0.0", ipAddress="192.0.2.1", connectorVersion="1.3.34")
    bare = iroh.device("esa2", "Pending")
    result = run()
    assert not result["changed"]
    assert result["ansible_facts"]["sse_devices"] == [
        {
            "id": full["id"],
            "name": "esa1",
            "type": "ESA",
            "version": "13.0.0",
            "status": "Registered",
            "description": None,
            "ip_address": "192.0.2.1",
            "connector_version": "1.3.34",
            "created": full["created"],
            "region": "europe",
        },
        {
            "id": bare["id"],
            "name": "esa2",
            "type": None,
            "version": None,
            "status": "Pending",
            "description": None,
            "ip_address": None,
            "connector_version": None,
            "created": bare["created"],
            "region": "europe",
        },
    ]


def test_filters(run, iroh):
    iroh.device("esa1", type="ESA")
    iroh.device("esa2", "Pending", type="ESA")
    iroh.device("sma1", type="SMA")
    assert names(run(names=["ESA1", "sma1", "other"])) == ["esa1", "sma1"]
    assert names(run(type="esa")) == ["esa1", "esa2"]
    assert names(run(status="registered")) == ["esa1", "sma1"]
    assert names(run(type="ESA", status="Pending")) == ["esa2"]


def test_duplicate_names_are_returned(run, iroh):
    ids = [iroh.device(name, status)["id"] for name, status in (("esa1", "Registered"), ("ESA1", "Unregistered"))]
    iroh.device("esa2")
    twins = [iroh.device("sma1", type=kind)["id"] for kind in ("SMA", "FTD")]
    esa1, sma1 = {"name": "esa1", "ids": ids}, {"name": "sma1", "ids": twins}
    result = run(status="Registered", type="SMA")
    assert result["duplicates"] == [esa1, sma1]
    assert "duplicates" not in result["ansible_facts"]
    assert run(names=["Esa1", "esa2"])["duplicates"] == [esa1]
    assert run(names=["esa2"], wait_for="registered", wait_timeout=1)["duplicates"] == []
    assert run(names=[])["duplicates"] == []


def test_no_names_no_calls(run, iroh):
    iroh.device("esa1")
    assert names(run(names=[])) == []
    assert names(run(names=[], wait_for="registered")) == []
    assert iroh.calls == []


@pytest.mark.parametrize("check", [True, False])
def test_waiting_reads_one_list_per_interval_after_one_login(run, iroh, check):
    iroh.device("esa1")
    iroh.device("esa2")
    pending = [{"id": "1", "name": "esa1", "status": "Pending"}]
    iroh.trick("GET", DEVICES, status=200, body=pending, headers={"X-Total-Hits": "1"}, times=3)
    result = run(names=["esa1", "esa2"], wait_for="registered", wait_interval=0.01, wait_timeout=30, check=check)
    assert names(result) == ["esa1", "esa2"]
    assert result["waited"] == {"registered": 2, "of": 2, "done": True}
    assert iroh.requests == ["POST /iroh/oauth2/token", *[f"GET {DEVICES}"] * 4]


def test_a_time_out_names_the_missing_devices(run, iroh):
    iroh.device("esa1")
    iroh.device("esa2", "Pending")
    result = run(names=["esa1", "esa2", "esa3"], wait_for="registered", wait_interval=0.01, wait_timeout=0.05)
    assert result["msg"].startswith(
        "EUROPE: 1 of 3 devices registered within 0.05 s; not registered: esa2 (Pending), esa3 (not in SSE)."
    )
    assert "https://admin.eu.sse.itd.cisco.com" in result["fix"]
    assert result["missing"] == {"esa2": "Pending", "esa3": "not in SSE"}
    assert result["waited"] == {"registered": 1, "of": 3, "done": False}
    shown = {device["name"]: device["status"] for device in result["ansible_facts"]["sse_devices"]}
    assert shown == {"esa1": "Registered", "esa2": "Pending"}, "registered devices are returned too"
    assert iroh.writes == []


@pytest.mark.parametrize("states", [("Registered", "Pending"), ("Pending", "Registered")])
def test_waiting_for_a_duplicate_name_times_out(run, iroh, states):
    ids = {state: iroh.device("twin", state)["id"] for state in states}
    result = run(names=["twin"], wait_for="registered", wait_timeout=1)
    shown = f"{ids['Registered']}, Registered, {ids['Pending']}, Pending"
    assert result["missing"]["twin"] == f"duplicate name: {shown}"
    assert result["fix"].endswith("delete the unwanted device under Devices in the SSE portal.")


def test_a_repeated_run_ends_when_the_number_changes(run, iroh):
    iroh.device("esa1")
    iroh.device("esa2", "Pending")
    wait = {"names": ["esa1", "esa2"], "wait_for": "registered", "wait_interval": 0.01, "wait_timeout": 30}
    first = run(**wait, wait_progress={})
    assert first["waited"] == {"registered": 1, "of": 2, "done": False}
    assert run(**wait, wait_progress={"seen": 0})["waited"]["registered"] == 1
    late = run(**wait, wait_progress={"seen": 1, "elapsed": 30.0})
    assert "esa2 (Pending)" in late["msg"]


@pytest.mark.parametrize(
    "args", [{"wait_for": "registered"}, {"wait_for": "registered", "names": ["a", "A"]}, {"wait_for": "gone"}]
)
def test_contradictory_options_are_refused(run, iroh, args):
    assert run(**args)["failed"]
    assert iroh.calls == []


def test_a_failed_read_is_not_an_empty_list(run, iroh):
    iroh.trick("GET", DEVICES, status=200, body={"message": "maintenance"})
    result = run()
    assert result["failed"]
    assert "message" in result["msg"]
    assert "ansible_facts" not in result
