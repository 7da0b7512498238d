# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSE records and orphaned modules, in playbooks against a cloud that deletes with a delay."""

from __future__ import annotations

import re

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import running_lab

REGISTERED = {"enabled": True, "region": "europe", "registered": True}
FLEET = {
    "settings": {"device_delete_seconds": 1.5},
    "appliances": [{"name": "esa1.example.com", "initial": REGISTERED}],
}
DEVICES = "/iroh/iroh-sse/device"
TOKEN_LIKE = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def play_on(ansible: Ansible, lab, *tasks, check: bool = False):
    account = {"region": "europe", **lab.regions["europe"], "ca_path": str(lab.folder / "ca.pem")}
    play = {"connection": "local", "module_defaults": {"group/emailsec.ctr.cloud": account}}
    named = [{"name": f"task {number}", **task, "ignore_errors": True} for number, task in enumerate(tasks, 1)]
    more = ["--check"] if check else []
    return ansible.tasks(named, "--diff", "-vvvv", *more, hosts="localhost", **play)


def requests_to(lab) -> list[str]:
    calls = [call for call in lab.calls() if call["kind"] == "http"]
    return [f"{call['method']} {call['path'].split('?')[0]}" for call in calls]


@pytest.fixture
def play(lab, ansible):
    return lambda *tasks, **how: play_on(ansible, lab, *tasks, **how)


def removal(*names, **more):
    devices = [{"name": name} for name in names]
    return {"emailsec.ctr.sse_device": {"devices": devices, "state": "absent", "wait_interval": 0.5, **more}}


def test_records_are_added_changed_and_removed_as_predicted_without_showing_a_token(lab, play):
    new = ["new1.example.com", "new2.example.com"]
    add = {"emailsec.ctr.sse_device": {"devices": [{"name": name, "description": "spare"} for name in new]}}
    predicted = play(add, check=True).on("localhost")
    assert lab.writes() == []
    added = play(add)
    assert [row["action"] for row in added.on("localhost").values["devices"]] == ["created", "created"]
    assert predicted.values["diff"] == added.on("localhost").values["diff"]
    assert [lab.device("europe", name)["description"] for name in new] == ["spare", "spare"]
    assert not play(add).on("localhost").changed
    assert TOKEN_LIKE.findall(added.output) == []
    gone = removal(*new, "esa1.example.com")
    predicted = play(gone, check=True).on("localhost")
    before = len(requests_to(lab))
    removed = play(gone).on("localhost")
    assert predicted.values["devices"] == removed.values["devices"]
    assert predicted.values["diff"] == removed.values["diff"]
    assert [row["action"] for row in removed.values["devices"]] == ["deleted", "deleted", "failed"]
    assert "device esa1.example.com" in removed.message
    assert "state: unregistered" in removed.message
    assert [lab.device("europe", name) for name in new] == [None, None]
    assert lab.device("europe", "esa1.example.com")["status"] == "Registered"
    calls = requests_to(lab)[before:]
    assert sum(call.startswith("DELETE") for call in calls) == 2
    # Deletion takes 1.5 s; one list every 0.5 s covers both records: one before, and at most four after.
    assert 2 <= calls.count(f"GET {DEVICES}") <= 5
    assert calls.count("POST /iroh/oauth2/token") == 1


def test_a_removal_that_times_out_fails_and_the_next_run_finishes_it(lab, play):
    lab.token("europe", "slow.example.com")
    first = play(removal("slow.example.com", wait_timeout=0.2)).on("localhost")
    assert first.status == "failed"
    assert first.changed
    assert "still lists it after 0.2 s" in first.message
    second = play(removal("slow.example.com")).on("localhost")
    assert second.status == "ok"
    assert lab.device("europe", "slow.example.com") is None


def test_a_module_of_a_removed_device_is_orphaned_until_it_is_removed(lab, play):
    make = {"emailsec.ctr.ctr_module": {"name": "ESA 1", "device": "esa1.example.com"}}
    look = {"emailsec.ctr.ctr_module": {"modules": [], "list_orphans": True}, "register": "seen"}
    prune = {"emailsec.ctr.ctr_module": {"modules": "{{ seen.orphans }}", "state": "absent"}}
    for leftover in lab.instances("europe"):
        lab.ask("europe", "DELETE", f"/iroh/iroh-int/module-instance/{leftover['id']}")
    made = play(make, look).results
    assert [result.status for result in made] == ["ok", "ok"]
    assert made[1].values["orphans"] == made[1].values["duplicates"] == []
    device_id = lab.device("europe", "esa1.example.com")["id"]
    play(removal("esa1.example.com", allow_registered=True))
    seen, pruned, again = play(look, prune, look).results
    assert [(one["name"], one["product"], one["device_id"]) for one in seen.values["orphans"]] == [
        ("ESA 1", "esa", device_id)
    ]
    assert [row["action"] for row in pruned.values["modules"]] == ["deleted"]
    assert again.values["orphans"] == lab.instances("europe") == []


def test_without_the_scope_sse_the_playbook_continues_and_shows_what_to_enter_in_the_portal(tmp_path):
    fleet = {**FLEET, "settings": {"scopes": ["integration"]}}
    with running_lab(fleet, tmp_path / "lab") as lab:
        ansible = Ansible(tmp_path / "ansible", lab)
        task = {"emailsec.ctr.ctr_module": {"name": "ESA 1", "device": "esa1.example.com"}}
        result = play_on(ansible, lab, task).on("localhost")
    assert result.status == "ok"
    assert not result.changed
    row = result.values["modules"][0]
    assert row["action"] == "by_hand"
    assert 'Module Name "ESA 1", Registered Device "esa1.example.com", Request Timeframe (days) 30.' in row["by_hand"]
