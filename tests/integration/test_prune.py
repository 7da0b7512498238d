# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With esa_ctr_prune, orphaned records and modules are removed, and nothing else."""

from __future__ import annotations

import re

import pytest

from tests.integration.support.failures import report_row

ONBOARDED = {"enabled": True, "registered": True, "module": True}
OLD = {"status": "Unregistered", "type": "ESA"}
FLEET = {
    "settings": {"registration_seconds": 0.1, "busy_seconds": 0.1, "device_delete_seconds": 0.5},
    "appliances": [
        {
            "name": "p1.example.com",
            "region": "europe",
            "initial": {
                **ONBOARDED,
                "region": "europe",
                "records": [
                    {"region": "europe", "name": "old.example.com", **OLD},
                    {"region": "europe", "name": "old-sma.example.com", "status": "Registered", "type": "SMA"},
                    {"region": "europe", "name": "proxy.example.com", "status": "Unregistered", "type": "WSA"},
                    {"region": "europe", "name": "waits.example.com"},
                    {"region": "europe", **OLD},
                ],
                "modules": [{"name": "Left over", "device": "gone"}, {"name": "Old one", "device": "record"}],
            },
        },
        {"name": "p2.example.com", "region": "europe", "initial": {**ONBOARDED, "region": "europe"}},
        {
            "name": "far.example.com",
            "region": "apjc",
            "initial": {
                **ONBOARDED,
                "region": "apjc",
                "records": [{"region": "apjc", "name": "old-far.example.com", **OLD}],
            },
        },
    ],
}
QUICK = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=20")
PRUNE = ("-e", "esa_ctr_prune=true")
# The wait for a duplicate name always times out.
IN_VAIN = ("-e", "esa_ctr_wait_timeout=2")
EUROPE_ONLY = ("--limit", "!far.example.com")
KEPT = ["p1.example.com", "p2.example.com", "proxy.example.com", "waits.example.com"]


@pytest.fixture
def onboard(ansible):
    def run(*arguments):
        return ansible.playbook("emailsec.ctr.onboard", *QUICK, *arguments)

    return run


def records(lab, region):
    return sorted(device["name"] for device in lab.state()["regions"][region]["devices"])


def modules(lab, region):
    return sorted(instance["name"] for instance in lab.instances(region))


def assert_only_europe_is_clean(lab, registered):
    assert records(lab, "europe") == KEPT
    assert lab.device("europe", "p1.example.com") == registered, "the registered one of the two must be kept"
    assert modules(lab, "europe") == ["p1.example.com", "p2.example.com"]
    assert records(lab, "apjc") == ["far.example.com", "old-far.example.com"]


def registered_record(lab):
    (found,) = [
        device
        for device in lab.state()["regions"]["europe"]["devices"]
        if device["name"] == "p1.example.com" and device["status"] == "Registered"
    ]
    return found


def test_without_the_variable_nothing_is_removed(lab, onboard):
    before = lab.state()["regions"]
    run = onboard(*IN_VAIN)
    assert (run.changes(), lab.writes()) == (set(), []), run.output
    assert lab.state()["regions"] == before
    assert run.bad_hosts() == {"p1.example.com"}, "its name stands twice: which record is its own is not guessed"
    assert "duplicate name" in report_row(run, "p1.example.com")


def test_orphans_in_the_regions_of_the_play_are_removed_once_as_predicted(lab, onboard):
    registered, before = registered_record(lab), lab.state()["regions"]
    check = onboard("--check", *PRUNE, *EUROPE_ONLY)
    assert (check.rc, lab.writes()) == (0, []), check.output
    assert lab.state()["regions"] == before
    run = onboard(*PRUNE, *EUROPE_ONLY)
    assert run.rc == 0, run.output
    assert check.changes() == run.changes() != set()
    assert_only_europe_is_clean(lab, registered)
    gone = {
        device["id"]
        for device in before["europe"]["devices"]
        if device["name"] not in KEPT or (device["name"] == "p1.example.com" and device["id"] != registered["id"])
    }
    told = {call["path"].rsplit("/", 1)[-1] for call in lab.writes() if "/iroh-sse/device/" in str(call.get("path"))}
    assert told == gone
    begin = len(lab.writes())
    again = onboard(*PRUNE, *EUROPE_ONLY)
    assert (again.rc, again.changes(), len(lab.writes())) == (0, set(), begin), again.output


@pytest.mark.parametrize("part", [("--limit", "p1.example.com"), ("-e", "esa_ctr_serial=1", *EUROPE_ONLY)])
def test_records_of_appliances_outside_of_the_limit_or_batch_are_not_orphaned(lab, onboard, part):
    registered = registered_record(lab)
    run = onboard(*PRUNE, *part)
    assert run.rc == 0, run.output
    assert_only_europe_is_clean(lab, registered)


@pytest.mark.parametrize("check", [(), ("--check",)], ids=["run", "check"])
def test_an_appliance_that_is_neither_read_nor_registered_prevents_pruning_with_a_reason(lab, ansible, onboard, check):
    inventory = ansible.inventory("more.yml", {"unknown.example.com": {"esa_ctr_region": "europe"}})
    before = lab.state()["regions"]
    run = onboard("-i", inventory, *PRUNE, *IN_VAIN, *check, "--limit", "p1.example.com,p2.example.com")
    assert [region["devices"] for region in lab.state()["regions"].values()] == [
        region["devices"] for region in before.values()
    ]
    kept = set(modules(lab, "europe"))
    assert kept >= {"Old one", "p1.example.com", "p2.example.com"}, "the device of this module exists"
    assert ("Left over" in kept) == bool(check), "a module without a device is orphaned"
    for name in ("old.example.com", "old-sma.example.com", "p1.example.com"):
        (note,) = re.findall(rf"^Note: europe: SSE record {re.escape(name)} .*$", run.output, re.MULTILINE)
        assert (
            "was not removed: unknown.example.com was neither read in this run nor found by name among the registered"
            in note
        )


def test_a_sliced_controller_job_must_name_the_appliances_of_the_other_slices(lab, onboard):
    job = ("-e", "awx_job_id=7")
    stopped = onboard(*PRUNE, *job)
    assert (stopped.rc != 0, lab.writes()) == (True, []), stopped.output
    assert "set esa_ctr_other_hosts to the appliances of the other slices" in stopped.output
    run = onboard(*PRUNE, *job, *EUROPE_ONLY, "-e", '{"esa_ctr_other_hosts": ["old.example.com"]}')
    assert run.rc == 0, run.output
    assert records(lab, "europe") == sorted(["old.example.com", *KEPT])
