# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removal of modules, registrations, records and (optionally) the enabled service, in an order that a rerun can resume."""

from __future__ import annotations

import pytest

from tests.integration.support.failures import report_row
from tests.integration.support.processes import kill_when

ONBOARDED = {"enabled": True, "region": "europe", "registered": True, "module": True}
FLEET = {
    "settings": {"busy_seconds": 0.5, "device_delete_seconds": 1.0, "commit_seconds": 0.3},
    "appliances": [
        {"name": "r1.example.com", "region": "europe", "initial": ONBOARDED},
        {"name": "r2.example.com", "region": "europe", "generation": 4, "initial": ONBOARDED},
        {"name": "s1.example.com", "region": "europe", "product": "SMA", "initial": ONBOARDED},
        {"name": "fresh.example.com", "region": "europe"},
    ],
}
HOSTS = [one["name"] for one in FLEET["appliances"]]
THERE = HOSTS[:3]
QUICK = ("-e", "esa_ctr_wait_interval=0.2", "-e", "esa_ctr_wait_timeout=20")
DISABLE = ("-e", "esa_ctr_disable_on_removal=true")


@pytest.fixture
def remove(ansible):
    def run(*arguments, watch=None):
        return ansible.playbook("emailsec.ctr.remove", *QUICK, *arguments, watch=watch)

    return run


def held(lab):
    """Return the names of modules and devices that are still in the cloud."""
    region = lab.state()["regions"]["europe"]
    return [[one["name"] for one in region[key]] for key in ("module_instances", "devices")]


def order(calls):
    """Return the kinds of the writes in their order, without consecutive repeats."""
    kinds = []
    for call in calls:
        if call["write"]:
            line = call.get("line")
            kind = line if call["kind"] == "cli" else call["path"].split("/")[3]
            kinds += [kind] if kinds[-1:] != [kind] else []
    return kinds


def states(lab):
    boxes = lab.state()["appliances"]
    return {(box["enabled"], box["registered"]) for box in boxes.values() if box["name"] in THERE}


def test_a_removal_is_predicted_and_done_completely_once(lab, remove):
    check = remove("--check", "--diff")
    assert (check.rc, lab.writes()) == (0, []), check.output
    run = remove("--diff")
    assert run.rc == 0, run.output
    assert check.changes() == run.changes()
    assert held(lab) == [[], []], "the run must wait for deletions that SSE finishes later"
    assert states(lab) == {(True, False)}
    for told in (check, run):
        for host in THERE:
            assert "module deleted; deregister; SSE record deleted" in report_row(told, host)
        assert report_row(told, "fresh.example.com").split()[-2:] == ["ok", "-"]
    assert order(lab.calls()) == ["module-instance", "Y", "device"]
    begin = len(lab.writes())
    again = remove()
    assert (again.rc, again.changes(), len(lab.writes())) == (0, set(), begin), again.output


def test_the_variable_also_disables_the_service(lab, remove):
    check = remove("--check", *DISABLE)
    run = remove(*DISABLE)
    assert (check.rc, run.rc) == (0, 0), run.output
    assert check.changes() == run.changes()
    assert held(lab) == [[], []]
    assert states(lab) == {(False, False)}
    for told in (check, run):
        row = report_row(told, "r1.example.com")
        assert "module deleted; deregister; disable the cloud service; commit (emailsec.ctr); SSE record deleted" in row
    again = remove(*DISABLE)
    assert (again.rc, again.changes()) == (0, set()), again.output


def modules_gone(lab):
    return held(lab)[0] == []


def one_deregistered(lab):
    return not all(lab.appliance(host)["registered"] for host in THERE)


def all_deregistered(lab):
    return not any(lab.appliance(host)["registered"] for host in THERE)


def first_record_deletion(lab):
    return any(
        call["method"] == "DELETE" and "/device/" in call["path"] for call in lab.writes() if call["kind"] == "http"
    )


@pytest.mark.parametrize(
    "moment",
    [modules_gone, one_deregistered, all_deregistered, first_record_deletion],
    ids=lambda moment: moment.__name__,
)
def test_the_next_run_finishes_a_removal_that_was_killed_after_any_step(lab, remove, moment):
    killed = remove(*DISABLE, watch=kill_when(lambda: moment(lab)))
    assert killed.rc == -9, killed.output
    assert held(lab)[1] != [], "it must not be complete"
    run = remove(*DISABLE)
    assert run.rc == 0, run.output
    assert held(lab) == [[], []]
    assert states(lab) == {(False, False)}
    assert lab.appliance("fresh.example.com")["enabled"] is False


def test_a_record_that_cannot_be_removed_fails_its_appliance_alone_until_a_rerun(lab, remove):
    stays = lab.device("europe", "r1.example.com")["id"]
    lab.fault("error", method="DELETE", path=f"/iroh/iroh-sse/device/{stays}", status=409)
    run = remove()
    assert run.bad_hosts() == {"r1.example.com"}
    assert "deregistered, but its SSE record still exists" in report_row(run, "r1.example.com")
    assert held(lab)[1] == ["r1.example.com"]
    again = remove()
    assert again.rc == 0, again.output
    assert held(lab) == [[], []]


def test_without_the_scope_sse_the_report_lists_what_to_remove_in_the_portal(lab, ansible):
    tokens = [lab.token("europe", f"portal-{number}") for number in range(len(HOSTS))]
    lab.switch(region="europe", set={"scopes": ["integration"]})
    inventory = ansible.inventory("by-hand.yml", {}, esa_ctr_registration_tokens=tokens)
    run = ansible.playbook("emailsec.ctr.remove", "-i", inventory, *QUICK)
    assert run.rc == 0, run.output
    assert all_deregistered(lab)
    row = report_row(run, "r1.example.com")
    assert 'In the portal of EUROPE, open Modules, and remove the module "r1.example.com"' in row
    assert row.count('In the SSE portal of EUROPE, Devices, remove "r1.example.com" if it is listed.') == 1
