# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Another administrator's uncommitted changes: a run neither commits nor drops them."""

from __future__ import annotations

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.drift_report import appliances, check, report_of
from tests.integration.support.failures import assert_only, report_row
from tests.integration.support.lab import writes

ON = {"enabled": True, "region": "europe"}
FLEET = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
    "appliances": [
        {"name": "off.example.com", "region": "europe", "initial": {"pending": True}},
        {"name": "elsewhere.example.com", "region": "apjc", "initial": {**ON, "pending": True}},
        {"name": "old.example.com", "region": "europe", "generation": 1, "initial": {"pending": True}},
        {"name": "on.example.com", "region": "europe", "initial": {**ON, "pending": True}},
        {
            "name": "done.example.com",
            "region": "europe",
            "initial": {**ON, "registered": True, "module": True, "pending": True},
        },
        {"name": "member.example.com", "region": "europe", "initial": {"pending": True}},
        {"name": "clean.example.com", "region": "europe"},
    ],
    "clusters": [{"name": "Lab", "members": ["member.example.com"], "login_level": "cluster"}],
}
SAYS = (
    "another administrator's uncommitted changes",
    "Fix: wait for the end of other runs on this appliance or its cluster",
    "check showchanges, commit or clear the changes, then rerun",
)
REFUSED = ("off.example.com", "elsewhere.example.com", "old.example.com", "member.example.com")
FREE = ("on.example.com", "done.example.com", "clean.example.com")
PENDING = {entry["name"] for entry in FLEET["appliances"] if entry.get("initial", {}).get("pending")}


def assert_still_uncommitted(lab):
    """Assert that the other administrator's changes are still uncommitted."""
    for name, box in lab.state()["appliances"].items():
        left = (box["pending"], box["foreign_committed"], box["foreign_dropped"])
        assert left == (name in PENDING, False, False), name


@pytest.fixture(scope="module")
def onboarding(lab_of_file, tmp_path_factory):
    lab_of_file.reset()
    ansible = Ansible(tmp_path_factory.mktemp("onboarding") / "ansible", lab_of_file)
    before = lab_of_file.state()["appliances"]
    run = ansible.playbook("emailsec.ctr.onboard", "-e", "esa_ctr_wait_interval=0.1")
    return lab_of_file, run, before, lab_of_file.state()["appliances"], lab_of_file.calls()


def test_only_the_appliance_that_needs_a_commit_fails_with_a_fix(onboarding):
    lab, run, _before, _after, _calls = onboarding
    assert_only(run, lab, dict.fromkeys(REFUSED, SAYS), dict.fromkeys(FREE, "europe"))


def test_foreign_changes_are_neither_committed_nor_dropped(onboarding):
    lab, _run, _before, _after, calls = onboarding
    assert_still_uncommitted(lab)
    for name in PENDING:
        typed = [call["line"] for call in calls if call["kind"] == "cli" and call["who"] == name]
        assert "showchanges" in typed
        assert not {"commit", "clearchanges"} & set(typed), name


def test_nothing_is_written_on_the_failed_appliance(onboarding):
    _lab, _run, before, after, calls = onboarding
    assert not {call["who"] for call in writes(calls)} & set(REFUSED)
    for name in REFUSED:
        assert {**after[name], "logins": 0} == {**before[name], "logins": 0}


def test_the_drift_report_reads_the_appliance_and_writes_nothing(lab, ansible):
    before = lab.state()["appliances"]
    run = ansible.playbook("emailsec.ctr.drift_report")
    assert run.rc == 0, run.output
    rows = appliances(report_of(ansible))
    assert set(rows) == set(before)
    assert {name: row["verdict"] for name, row in rows.items()} == {
        **dict.fromkeys(REFUSED, "refused"),
        **dict.fromkeys(FREE, "drift"),
    }
    for name, row in rows.items():
        assert check(row, "server")["found"] == (before[name]["server"] if before[name]["enabled"] else None), row
        pending = check(row, "pending_changes")
        assert pending["found"] is (name in PENDING)
        assert (pending["verdict"] == "ok") is (name not in PENDING)
    for name in REFUSED:
        assert rows[name]["steps"] == []
        assert "uncommitted changes" in report_row(run, name), run.output
    assert lab.writes() == []
    assert {name: {**box, "logins": 0} for name, box in lab.state()["appliances"].items()} == before
    assert_still_uncommitted(lab)


@pytest.mark.parametrize("mode", [(), ("--check",)])
def test_the_module_reports_the_changes_and_does_what_needs_no_commit(lab, ansible, mode):
    tasks = [
        {"name": "look", "emailsec.ctr.esa_cloud_service": {"state": "unregistered", "wait_interval": 0.1}},
        {
            "name": "disable",
            "emailsec.ctr.esa_cloud_service": {"state": "disabled"},
            "ignore_errors": True,
        },
    ]
    run = ansible.tasks(tasks, *mode)
    assert run.rc == 0, run.output
    for name in [*PENDING, "clean.example.com"]:
        look = run.of("look", name)
        assert look.status == "ok"
        assert look.values["pending_changes"] is (name in PENDING)
        assert look.changed is (name == "done.example.com")
        warned = any("another administrator's uncommitted changes" in text for text in look.values.get("warnings", []))
        assert warned is (name in PENDING), look
        disable = run.of("disable", name)
        refused = name in ("elsewhere.example.com", "on.example.com", "done.example.com")
        assert disable.status == ("failed" if refused else "ok"), disable
        if refused:
            for text in SAYS:
                assert text in disable.message
    assert_still_uncommitted(lab)
    assert lab.appliance("done.example.com")["enabled"]
    assert lab.appliance("done.example.com")["registered"] is bool(mode)


def test_a_removal_continues_because_it_needs_no_commit(lab, ansible):
    run = ansible.playbook("emailsec.ctr.remove", "-e", "esa_ctr_wait_interval=0.1")
    assert run.rc == 0, run.output
    assert not lab.appliance("done.example.com")["registered"]
    assert lab.instances("europe") == []
    assert_still_uncommitted(lab)
