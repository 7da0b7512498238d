# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role takes settings from every place that Ansible offers, and respects limits and batches."""

from __future__ import annotations

import pytest

from tests.integration.support.drift_report import report_of, verdicts

FLEET = {
    "settings": {"registration_seconds": 0.2, "busy_seconds": 0.1},
    "appliances": [
        {"name": "x1.example.com", "generation": 3},
        {"name": "x2.example.com", "generation": 4},
        {"name": "x3.example.com", "generation": 1, "version": "13.0.0-392"},
        {"name": "x4.example.com"},
        {"name": "alias", "hostname": "Mail-7.example.net", "region": "europe"},
    ],
}
HOSTS = ["x1.example.com", "x2.example.com", "x3.example.com", "x4.example.com"]
QUICK = ("-e", "esa_ctr_wait_interval=0.1")
SETTINGS = {"esa_ctr_region": "europe", "esa_ctr_request_timeframe_days": 7}


ROLE = "emailsec.ctr.esa_ctr_integration"


def play(hosts, **content):
    return {"hosts": hosts, "gather_facts": False, **content}


def assert_onboarded_in_europe(lab, run, hosts, days="7"):
    assert run.rc == 0, run.output
    assert {name for name in HOSTS if lab.is_onboarded(name, "europe")} == set(hosts)
    modules = {module["name"]: module for module in lab.instances("europe")}
    assert set(modules) == set(hosts)
    for module in modules.values():
        assert days in map(str, module["settings"].values())


def test_settings_may_come_from_each_place_of_a_playbook(lab, ansible):
    included = {"name": "integrate", "ansible.builtin.include_role": {"name": ROLE}, "vars": SETTINGS}
    plays = [
        play("x1.example.com", roles=[{"role": ROLE, "vars": SETTINGS}]),
        play("x2.example.com", roles=[{"role": ROLE}], vars=SETTINGS),
        play("x3.example.com", roles=[{"role": ROLE, **SETTINGS}]),
        play("x4.example.com", tasks=[included]),
    ]
    run = ansible.plays(plays, *QUICK)
    assert_onboarded_in_europe(lab, run, HOSTS)


def test_extra_variables_limits_and_host_names_are_respected(lab, ansible):
    extra = ["-e", "esa_ctr_region=europe", "-e", "esa_ctr_request_timeframe_days=7"]
    hosts = ["-e", "esa_ctr_hosts=x1.example.com,x3.example.com", "--limit", "x2.example.com,x3.example.com"]
    run = ansible.playbook("emailsec.ctr.onboard", *QUICK, *extra, *hosts)
    assert_onboarded_in_europe(lab, run, ["x3.example.com"])
    assert lab.typed("x1.example.com") == lab.typed("x2.example.com") == []
    assert set(run.recap) == {"x3.example.com"}


def test_extra_variables_override_host_variables(lab, ansible):
    variables = {
        "x1.example.com": {"esa_ctr_region": "apjc", "esa_ctr_request_timeframe_days": 90},
        "x2.example.com": {"esa_ctr_region": "europe"},
    }
    extra = ["-e", "esa_ctr_region=europe", "-e", "esa_ctr_request_timeframe_days=7"]
    arguments = [
        "-i",
        ansible.inventory("v.yml", variables),
        *QUICK,
        *extra,
        "--limit",
        "x1.example.com,x2.example.com",
    ]
    run = ansible.playbook("emailsec.ctr.onboard", *arguments)
    assert_onboarded_in_europe(lab, run, HOSTS[:2])


def test_vars_of_the_role_override_host_variables(lab, ansible):
    """The inventory sets the same value for the first host, and another for the second."""
    variables = {"x1.example.com": SETTINGS, "x2.example.com": {"esa_ctr_region": "apjc"}}
    arguments = ["-i", ansible.inventory("v.yml", variables), *QUICK, "--limit", ",".join(HOSTS[:2])]
    run = ansible.plays([play("all", roles=[{"role": ROLE, "vars": SETTINGS}])], *arguments)
    assert_onboarded_in_europe(lab, run, HOSTS[:2])


@pytest.mark.parametrize("host", ["x1.example.com", "x2.example.com"], ids=["first", "another"])
def test_variables_of_a_host_apply_only_to_it(lab, ansible, host):
    """This holds for every position in the play, although the role has defaults."""
    other = "x2.example.com" if host == "x1.example.com" else "x1.example.com"
    own = {"esa_ctr_module_name": "Its own", "esa_ctr_request_timeframe_days": 90}
    inventory = ansible.inventory("v.yml", {host: own}, esa_ctr_region="europe")
    arguments = ["-i", inventory, *QUICK, "--limit", f"{host},{other}"]
    run = ansible.playbook("emailsec.ctr.onboard", *arguments)
    assert run.rc == 0, run.output
    days = {module["name"]: set(map(str, module["settings"].values())) for module in lab.instances("europe")}
    assert set(days) == {"Its own", other}
    assert "90" in days["Its own"] and "30" in days[other]


def test_batches_run_one_after_the_other(lab, ansible):
    extra = ["-e", "esa_ctr_region=europe", "-e", "esa_ctr_request_timeframe_days=7"]
    run = ansible.playbook(
        "emailsec.ctr.onboard", *QUICK, *extra, "-e", "esa_ctr_serial=2", "--limit", ",".join(HOSTS[:3])
    )
    assert_onboarded_in_europe(lab, run, HOSTS[:3])
    batches = [name for name, _at in run.task_starts if name == "Show the results"]
    assert len(batches) == 2
    third = [call["at"] for call in lab.calls() if call["who"] == "x3.example.com"]
    others = [call["at"] for call in lab.calls() if call["who"] in HOSTS[:2] and call["kind"] == "cli"]
    assert max(others) < min(third), "the second batch must begin after the first has ended"


def test_the_device_has_the_name_of_the_appliance_and_the_module_the_inventory_name(lab, ansible):
    run = ansible.playbook("emailsec.ctr.onboard", *QUICK, "--limit", "alias")
    assert run.rc == 0, run.output
    device = lab.device("europe", "Mail-7.example.net")
    assert device["status"] == "Registered"
    (module,) = lab.instances("europe")
    assert module["name"] == "alias"
    assert device["id"] in module["settings"].values()
    written = len(lab.writes())
    drift = ansible.playbook("emailsec.ctr.drift_report", "--limit", "alias")
    assert drift.rc == 0, drift.output
    assert verdicts(report_of(ansible)) == {"alias": "ok"}
    assert len(lab.writes()) == written
