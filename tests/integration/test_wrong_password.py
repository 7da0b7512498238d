# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wrong password is tried once per appliance and run, because accounts lock after a few failed log-ins."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

NAMES = [f"esa{number}.example.com" for number in range(1, 6)]
METHODS = [["password"], ["keyboard-interactive"]] + [["password", "keyboard-interactive"]] * 3
ONBOARDED = {"enabled": True, "region": "europe", "registered": True, "module": True}
FLEET: dict[str, Any] = {
    "services": {"rest_api": True, "smtp": True},
    "appliances": [
        {"name": name, "region": "europe", "initial": ONBOARDED, "dialect": {"auth": methods}}
        for name, methods in zip(NAMES, METHODS, strict=True)
    ],
}
WRONG = "not-the-Passw0rd-at-all"
QUICK = {"esa_ctr_verify_timeout": 2, "esa_ctr_verify_interval": 0.2, "esa_ctr_diagnose_busy_pause": 0}
ONCE = dict.fromkeys(NAMES, 1)
NOT_AGAIN = re.compile(r"is not sent again in this run|is not tried again")
RAW: dict[str, Any] = {"ansible.builtin.raw": "version", "ignore_unreachable": True}


@pytest.fixture
def wrong(ansible):
    return ansible.inventory("wrong.yml", {name: {"ansible_password": WRONG, **QUICK} for name in NAMES})


def failed(lab) -> dict[str, int]:
    return {name: box["failed_logins"] for name, box in lab.state()["appliances"].items()}


def tracking(**more: Any) -> dict[str, Any]:
    """Return a task for the REST API with the user and the password of SSH."""
    options = {
        "host": "{{ ansible_host }}",
        "port": "{{ esa_ctr_api_port }}",
        "ca_path": "{{ esa_ctr_api_ca_path }}",
        "username": "{{ ansible_user }}",
        "password": "{{ ansible_password }}",
        "last": "1h",
    }
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    task = {"emailsec.ctr.esa_message_tracking_info": options, "delegate_to": "localhost", "vars": local}
    return {**task, "ignore_errors": True, **more}


def assert_clean(run, ansible) -> None:
    assert WRONG not in run.output
    assert "Traceback" not in run.output
    assert list(Path(ansible.folder).rglob("*emailsec.ctr-logins*")) == [], "no file must be left behind"


@pytest.mark.parametrize("playbook", ["onboard", "drift_report", "verify", "diagnose", "remove"])
@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_a_wrong_password_is_tried_once_per_appliance(lab, ansible, wrong, playbook, check):
    more = ("--check",) if check else ()
    run = ansible.playbook(f"emailsec.ctr.{playbook}", "-i", wrong, *more, "-e", "esa_ctr_diagnose_tracking=always")
    sends_nothing = playbook == "verify" and check
    assert failed(lab) == (dict.fromkeys(NAMES, 0) if sends_nothing else ONCE), run.output
    assert {box["logins"] for box in lab.state()["appliances"].values()} == {0}
    assert lab.writes() == [] or playbook == "verify"
    assert_clean(run, ansible)


def test_raw_tries_a_wrong_password_once_for_any_number_of_tasks(lab, ansible, wrong):
    service = {"emailsec.ctr.esa_cloud_service": {"state": "unregistered"}, "ignore_unreachable": True}
    many = {
        "emailsec.ctr.esa_cloud_service_info": {"hosts": "{{ ansible_play_hosts_all }}"},
        "run_once": True,
    }
    tasks = [
        {"name": "first", **RAW},
        {"name": "again", **RAW, "loop": [1, 2]},
        {"name": "service", **service},
        {"name": "many", **many},
        tracking(name="tracking"),
    ]
    run = ansible.tasks(tasks, "-i", wrong, "--forks", "5")
    assert failed(lab) == ONCE
    for name in NAMES:
        assert "may not log in" in run.of("first", name).message
        for task in ("first", "service", "tracking"):
            assert NOT_AGAIN.search(run.of(task, name).message), run.of(task, name)
        assert run.of("service", name).status == "unreachable"
        assert run.of("tracking", name).status == "failed"
    (read,) = [result for result in run.results if result.task == "many"]
    assert all(NOT_AGAIN.search(row["problem"]) for row in read.values["appliances"])
    assert_clean(run, ansible)


def test_after_a_refusal_by_the_rest_api_ssh_does_not_try(lab, ansible, wrong):
    tasks = [tracking(name="tracking"), tracking(name="again"), {"name": "raw", **RAW}]
    run = ansible.tasks(tasks, "-i", wrong)
    assert failed(lab) == ONCE
    for name in NAMES:
        assert run.of("tracking", name).values["http_status"] == 401
        assert NOT_AGAIN.search(run.of("again", name).message)
        assert NOT_AGAIN.search(run.of("raw", name).message)
    assert_clean(run, ansible)


def test_another_password_in_the_same_run_is_tried(lab, ansible, wrong):
    right = {"vars": {"ansible_password": lab.ssh["password"]}}
    run = ansible.tasks([{"name": "wrong", **RAW}, {"name": "right", **RAW, **right}], "-i", wrong)
    assert {run.of("right", name).status for name in NAMES} == {"ok"}
    assert failed(lab) == ONCE


def test_a_wrong_password_is_tried_once_for_two_names_of_an_appliance(lab, bare_ansible):
    address = {"ansible_host": "127.0.0.1", "ansible_port": lab.appliance(NAMES[0])["port"]}
    hosts = {f"alias{number}": address for number in range(8)}
    inventory = bare_ansible.inventory("hosts.yml", hosts, **{**lab.variables(), "ansible_password": WRONG})
    run = bare_ansible.tasks([{"name": "raw", **RAW}], "-i", inventory, "--forks", "8")
    assert {run.of("raw", host).status for host in hosts} == {"unreachable"}
    assert failed(lab)[NAMES[0]] == 1


def test_a_wrong_password_of_the_jump_host_is_tried_once_per_run(lab, ansible):
    jump = {f"ansible_asyncos_jump_{key}": lab.jump[key] for key in ("host", "port", "user")}
    through = {**jump, "ansible_asyncos_jump_password": WRONG, **QUICK}
    inventory = ansible.inventory("jump.yml", dict.fromkeys(NAMES, through))
    run = ansible.tasks([{"name": "first", **RAW}, {"name": "again", **RAW}], "-i", inventory, "--forks", "5")
    assert {run.of("again", name).status for name in NAMES} == {"unreachable"}
    assert all("jump host" in run.of("again", name).message for name in NAMES)
    assert lab.state()["jump"]["failed_logins"] == 1
    for count, playbook in enumerate(("onboard", "drift_report", "remove"), 2):
        ansible.playbook(f"emailsec.ctr.{playbook}", "-i", inventory, "--forks", "5")
        assert lab.state()["jump"]["failed_logins"] == count, playbook
    assert set(failed(lab).values()) == {0}
    assert_clean(run, ansible)
