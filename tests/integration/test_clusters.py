# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clusters: each member is onboarded in machine mode; a member that is disconnected or not resynchronized fails alone."""

from __future__ import annotations

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.failures import assert_only, report_row
from tests.integration.support.lab import TOKEN, writes

MEMBERS = {"cluster": ("one", "two", "three"), "group": ("one", "two"), "machine": ("one", "two")}
LEVELS = tuple(MEMBERS)
OUT_OF_STEP = {
    "cut": ("disconnected from its cluster", "reconnect it"),
    "late": ("refused the command cloudserviceconfig", "wait until the cluster is synchronized"),
}


def member(name: str, **more) -> dict:
    return {"name": f"{name}.example.com", "region": "europe", **more}


FLEET = {
    # slow commits, so that those of two members overlap
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1, "commit_seconds": 0.5},
    "appliances": [
        *(member(f"{name}.{level}", generation=4) for level in LEVELS for name in MEMBERS[level]),
        *(member(f"{name}.uneven") for name in ("good", "cut", "late")),
        member("alone"),
    ],
    "clusters": [
        *(
            {
                "name": f"Cluster of {level}",
                "members": [f"{name}.{level}.example.com" for name in MEMBERS[level]],
                "login_level": level,
                "choose_machine": level != "group",
                "mode_after_switch": "stays" if level == "group" else "back",
            }
            for level in LEVELS
        ),
        {
            "name": "Uneven",
            "members": [f"{name}.uneven.example.com" for name in ("good", "cut", "late")],
            "login_level": "cluster",
            "disconnected": ["cut.uneven.example.com"],
            "not_resynchronized": ["late.uneven.example.com"],
        },
    ],
}
NAMES = [entry["name"] for entry in FLEET["appliances"]]
BAD = {f"{kind}.uneven.example.com": texts for kind, texts in OUT_OF_STEP.items()}
GOOD = dict.fromkeys((name for name in NAMES if name not in BAD), "europe")
QUICK = ("-e", "esa_ctr_wait_interval=0.1")
# what onboarding may change on an appliance
TOUCHED = {"enabled", "server", "region", "registered", "device_id", "logins", "busy"}


def untouched(box: dict, *also: str) -> dict:
    return {key: value for key, value in box.items() if key not in {*TOUCHED, *also}}


@pytest.fixture(scope="module")
def story(lab_of_file, tmp_path_factory):
    """Two onboardings: the state of the lab before, between and after them, and the typed lines."""
    lab = lab_of_file
    lab.reset()
    ansible = Ansible(tmp_path_factory.mktemp("story") / "ansible", lab)
    before = lab.state()
    first = ansible.playbook("emailsec.ctr.onboard", *QUICK)
    assert_only(first, lab, BAD, GOOD)
    between, calls = lab.state(), lab.calls()
    again = ansible.playbook("emailsec.ctr.onboard", *QUICK)
    return {
        "lab": lab,
        "before": before,
        "first": first,
        "between": between,
        "calls": calls,
        "again": again,
        "after": lab.state(),
        "later calls": lab.calls()[len(calls) :],
    }


def lines(calls, name: str) -> list[str]:
    return [call["line"] for call in calls if call["kind"] == "cli" and call["who"] == name]


def test_each_connected_member_is_registered_with_its_own_name(story):
    devices = {device["name"]: device for device in story["between"]["regions"]["europe"]["devices"]}
    assert len(devices) == len(story["between"]["regions"]["europe"]["devices"])
    for name in GOOD:
        box = story["between"]["appliances"][name]
        assert (box["registered"], box["device_id"]) == (True, devices[name]["id"]), name
        assert devices[name]["status"] == "Registered"


def test_each_member_gets_only_its_own_token(story):
    tokens = {name: [line for line in lines(story["calls"], name) if TOKEN.fullmatch(line)] for name in NAMES}
    assert {name: len(found) for name, found in tokens.items()} == {name: int(name in GOOD) for name in NAMES}
    assert len({found[0] for found in tokens.values() if found}) == len(GOOD)


@pytest.mark.parametrize("level", LEVELS)
def test_machine_mode_is_entered_if_the_log_in_starts_in_another_mode(story, level):
    for name in MEMBERS[level]:
        host = f"{name}.{level}.example.com"
        typed = lines(story["calls"], host)
        switches = [line for line in typed if line.startswith("clustermode")]
        logins = story["between"]["appliances"][host]["logins"]
        assert switches == ([] if level == "machine" else [f"clustermode machine {host}"] * logins), typed
        if switches:
            assert typed.index(switches[0]) < typed.index("cloudserviceconfig")


def test_a_member_that_is_not_in_sync_fails_with_its_name_and_a_fix(story):
    for host, (problem, fix) in BAD.items():
        for run in (story["first"], story["again"]):
            messages = [result.message for result in run.results if result.host == host and result.status == "failed"]
            assert any(problem in message and fix in message and host in message for message in messages), messages
            assert "failed" in report_row(run, host)
    said = [result.message for result in story["first"].results if result.host == "late.uneven.example.com"]
    assert any("not yet resynchronized with the cluster" in message for message in said), said


def test_nothing_is_written_on_a_member_that_is_not_in_sync(story):
    for host in BAD:
        assert [call for call in writes([*story["calls"], *story["later calls"]]) if call["who"] == host] == []
        assert not {"commit", "REGISTER", "ENABLE"} & set(lines([*story["calls"], *story["later calls"]], host))
        for moment in ("between", "after"):
            was, now = story["before"]["appliances"][host], story[moment]["appliances"][host]
            assert {**now, "logins": 0} == {**was, "logins": 0}
        assert not story["lab"].device("europe", host), "no token must be issued for it"


def test_other_settings_of_the_members_are_unchanged(story):
    for name in GOOD:
        assert untouched(story["between"]["appliances"][name]) == untouched(story["before"]["appliances"][name])
    assert story["between"]["clusters"] == story["before"]["clusters"]


def test_the_second_run_changes_nothing(story):
    assert story["again"].changes() == set()
    assert writes(story["later calls"]) == []
    assert story["again"].bad_hosts() == set(BAD)
    for name in NAMES:
        was, now = story["between"]["appliances"][name], story["after"]["appliances"][name]
        assert {**now, "logins": 0, "busy": False} == {**was, "logins": 0, "busy": False}


def test_onboarding_one_member_does_not_change_the_others(lab, ansible):
    before = lab.state()["appliances"]
    run = ansible.playbook("emailsec.ctr.onboard", *QUICK, "--limit", "two.cluster.example.com")
    assert run.rc == 0, run.output
    assert lab.is_onboarded("two.cluster.example.com", "europe")
    after = lab.state()["appliances"]
    for name in NAMES:
        if name != "two.cluster.example.com":
            assert after[name] == before[name]


@pytest.mark.parametrize("level", ["cluster", "machine"])
def test_simultaneous_commits_of_two_members_both_take_effect(lab, ansible, level):
    hosts = [f"{name}.{level}.example.com" for name in ("one", "two")]
    task = {"name": "enable", "emailsec.ctr.esa_cloud_service": {"region": "apjc", "wait_interval": 0.1}}
    run = ansible.tasks([task], "--forks", "2", hosts=",".join(hosts))
    assert run.rc == 0, run.output
    for host in hosts:
        assert run.on(host).values["cloud_service"]["region"] == "apjc"
        assert (lab.appliance(host)["enabled"], lab.appliance(host)["region"]) == (True, "apjc")
    again = ansible.tasks([task], hosts=",".join(hosts))
    assert again.changes() == set()


def named(lab, level: str, machine: str | None = None) -> dict:
    """Return the first member of the cluster of this level, with an inventory name that is not its host name."""
    port = lab.appliance(f"one.{level}.example.com")["port"]
    address = {"ansible_host": "127.0.0.1", "ansible_port": port}
    return {**address, "ansible_asyncos_cluster_machine": machine} if machine else address


ENABLE = {"name": "enable", "emailsec.ctr.esa_cloud_service": {"region": "europe", "wait_interval": 0.1}}


@pytest.mark.parametrize("spelled", ["one.{}.example.com", "ONE.{}.Example.COM"])
def test_a_variable_sets_the_name_in_the_cluster(lab, bare_ansible, spelled):
    hosts = {f"box-{level}": named(lab, level, spelled.format(level)) for level in ("cluster", "group")}
    inventory = bare_ansible.inventory("hosts.yml", hosts, **lab.variables())
    run = bare_ansible.tasks([ENABLE], "-i", inventory)
    assert run.rc == 0, run.output
    for level in ("cluster", "group"):
        name = f"one.{level}.example.com"
        assert run.on(f"box-{level}").values["cloud_service"]["hostname"] == name
        assert lab.appliance(name)["enabled"]


@pytest.fixture
def misnamed(lab, bare_ansible):
    """Run with no name, an unknown name and the name of another member."""
    names = {"none": None, "unknown": "nobody.example.com", "other": "two.{}.example.com"}
    hosts = {
        f"{kind}-{level}": named(lab, level, name and name.format(level))
        for level in ("cluster", "group")
        for kind, name in names.items()
    }
    inventory = bare_ansible.inventory("hosts.yml", hosts, **lab.variables())
    before = lab.state()["appliances"]
    run = bare_ansible.tasks([ENABLE], "-i", inventory)
    after = lab.state()["appliances"]
    assert {name: {**box, "logins": 0} for name, box in after.items()} == before
    assert lab.writes() == []
    assert {host: run.on(host).status for host in hosts} == dict.fromkeys(hosts, "failed")
    return run


@pytest.mark.parametrize("level", ["cluster", "group"])
def test_a_wrong_cluster_name_fails_with_a_fix_and_nothing_is_written(misnamed, level):
    for kind, name in {"none": f"none-{level}", "unknown": "nobody.example.com"}.items():
        message = misnamed.on(f"{kind}-{level}").message
        assert message.startswith(f"{kind}-{level} (127.0.0.1:"), message
        assert f"starts at {level} level, and machine mode of '{name}' cannot be entered" in message
        assert "Fix: set ansible_asyncos_cluster_machine to the machine's name" in message


@pytest.mark.parametrize("level", ["cluster", "group"])
def test_the_name_of_another_member_is_refused(misnamed, level):
    message = misnamed.on(f"other-{level}").message
    assert message.startswith(f"other-{level} (127.0.0.1:"), message
    assert "available only on the machine that you are logged in to" in message


def test_the_fix_for_the_name_of_another_member_is_the_variable(misnamed):
    assert "ansible_asyncos_cluster_machine" in misnamed.on("other-cluster").message
