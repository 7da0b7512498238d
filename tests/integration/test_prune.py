# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records and modules that no appliance claims go when that is wanted, and nothing else ever does."""

from __future__ import annotations

STRANGERS = [
    {"region": "europe", "name": "gone.example.com", "status": "Registered", "type": "ESA"},
    {"region": "europe", "name": "left.example.com", "status": "Unregistered", "type": "SMA"},
    {"region": "europe", "name": "web.example.com", "status": "Registered", "type": "WSA"},
    {"region": "europe", "name": "waits.example.com"},
    {"region": "americas", "name": "far.example.com", "status": "Registered", "type": "ESA"},
]
STRAYS = [
    {"region": "europe", "name": "of gone.example.com", "device": "record"},
    {"region": "europe", "name": "of a device that is gone", "device": "gone"},
]
ONBOARDED = {"enabled": True, "region": "europe", "registered": True, "module": True}
TWICE = [{"region": "europe", "name": "twice.example.com", "status": "Unregistered", "type": "ESA"}]
FLEET = {
    "settings": {"registration_seconds": 0.2, "busy_seconds": 0.1, "device_delete_seconds": 0.3},
    "appliances": [
        {
            "name": "a1.example.com",
            "region": "europe",
            "initial": {**ONBOARDED, "records": STRANGERS, "modules": STRAYS},
        },
        {"name": "a2.example.com", "region": "europe", "generation": 4, "initial": ONBOARDED},
        {"name": "twice.example.com", "region": "europe", "initial": {**ONBOARDED, "records": TWICE}},
        {"name": "us1.example.com", "region": "americas"},
    ],
}
QUICK = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=10")
EUROPE = ("--limit", "a1.example.com,a2.example.com")
PRUNE = ("-e", "esa_ctr_prune=true")
GONE = {"gone.example.com", "left.example.com"}


def names(lab, region):
    held = lab.state()["regions"][region]
    return {one["name"] for one in held["devices"]}, {one["name"] for one in held["module_instances"]}


OWN = {"a1.example.com", "a2.example.com", "twice.example.com"}
MODULES = {"of gone.example.com", "of a device that is gone"}
KEPT = {"web.example.com", "waits.example.com"}


def test_orphans_are_left_where_nobody_wants_them_removed(lab, ansible):
    run = ansible.playbook("emailsec.ctr.onboard", *QUICK, *EUROPE)
    assert run.rc == 0, run.output
    assert names(lab, "europe") == (OWN | KEPT | GONE, OWN | MODULES)


def test_they_are_predicted_and_removed_whatever_the_limit_and_nothing_else_is(lab, ansible):
    """The appliance of another region was never onboarded; its own region tells that it is no stranger here."""
    lab.token("americas", "us1.example.com")
    arguments = [*QUICK, *EUROPE, *PRUNE]
    check = ansible.playbook("emailsec.ctr.onboard", "--check", *arguments)
    assert (check.rc, lab.writes()[1:]) == (0, []), check.output
    run = ansible.playbook("emailsec.ctr.onboard", *arguments)
    assert run.rc == 0, run.output
    assert check.changes() == run.changes()
    assert names(lab, "europe") == (OWN | KEPT, OWN)
    assert names(lab, "americas")[0] == {"far.example.com", "us1.example.com"}
    again = ansible.playbook("emailsec.ctr.onboard", *arguments)
    assert (again.rc, again.changes()) == (0, set()), again.output


def test_one_appliance_that_nobody_has_seen_keeps_all_and_the_reason_is_shown(lab, ansible):
    run = ansible.playbook("emailsec.ctr.onboard", *QUICK, *EUROPE, *PRUNE)
    assert run.rc == 0, run.output
    assert names(lab, "europe")[0] == OWN | KEPT | GONE
    assert "us1.example.com of the inventory was neither read in this run nor found in SSE by name" in run.output


def test_batches_do_not_make_orphans_of_each_other(lab, ansible):
    run = ansible.playbook("emailsec.ctr.onboard", *QUICK, *PRUNE, "-e", "esa_ctr_serial=1")
    assert run.rc == 0, run.output
    assert names(lab, "europe") == (OWN | KEPT, OWN)
    assert names(lab, "americas") == ({"us1.example.com"}, {"us1.example.com"})


def test_of_a_name_that_stands_twice_the_registered_record_stays(lab, ansible):
    lab.token("americas", "us1.example.com")
    own = lab.appliance("twice.example.com")["device_id"]
    arguments = [*QUICK, "--limit", "twice.example.com"]
    without = ansible.playbook("emailsec.ctr.onboard", *arguments, "-e", "esa_ctr_wait_timeout=1")
    assert without.bad_hosts() == {"twice.example.com"}
    run = ansible.playbook("emailsec.ctr.onboard", *arguments, *PRUNE)
    assert run.rc == 0, run.output
    assert lab.device("europe", "twice.example.com")["id"] == own


def test_in_a_job_of_a_controller_the_other_slices_must_be_named(lab, ansible):
    job = ("-e", "awx_job_id=7")
    run = ansible.playbook("emailsec.ctr.onboard", *QUICK, *EUROPE, *PRUNE, *job)
    assert run.rc != 0
    assert "esa_ctr_other_hosts" in run.output
    assert lab.writes() == []
    inventory = ansible.inventory("others.yml", {}, esa_ctr_other_hosts=["left.example.com", "us1.example.com"])
    lab.token("americas", "us1.example.com")
    run = ansible.playbook("emailsec.ctr.onboard", "-i", inventory, *QUICK, *EUROPE, *PRUNE, *job)
    assert run.rc == 0, run.output
    assert names(lab, "europe")[0] == OWN | KEPT | {"left.example.com"}
