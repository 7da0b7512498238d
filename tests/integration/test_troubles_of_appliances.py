# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trouble with one appliance is the trouble of that appliance alone, whichever place it has in the play."""

from __future__ import annotations

import pytest

from tests.integration.support.ports import closed_port
from tests.integration.support.troubles import assert_only, report_row

FLEET = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
    "appliances": [
        {"name": "a1.example.com", "region": "europe"},
        {"name": "a2.example.com", "region": "americas", "generation": 4},
        {"name": "a3.example.com", "region": "europe", "generation": 1, "version": "13.0.0-392"},
        {"name": "old.example.com", "region": "europe", "generation": 1, "version": "12.5.0-066"},
        {
            "name": "elsewhere.example.com",
            "region": "europe",
            "initial": {"enabled": True, "region": "americas", "registered": True},
        },
        {
            "name": "silent.example.com",
            "region": "europe",
            "generation": 4,
            "dialect": {"settrs_while_registered": "refused"},
            "initial": {"enabled": True, "region": "americas", "registered": True},
        },
        {
            "name": "ghost.example.com",
            "region": "europe",
            "initial": {"enabled": True, "region": "europe", "registered": True},
        },
    ],
}
GOOD = {"a1.example.com": "europe", "a2.example.com": "americas", "a3.example.com": "europe"}
QUICK = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=10")


def without(*hosts):
    return {host: region for host, region in GOOD.items() if host not in hosts}


@pytest.fixture
def onboard(ansible):
    """Onboard these hosts; some with other variables than the lab's inventory gives them."""

    def run(hosts, variables=None, options=QUICK):
        override = ["-i", ansible.inventory("override.yml", variables)] if variables else []
        return ansible.playbook("emailsec.ctr.onboard", *override, *options, "--limit", ",".join(hosts))

    return run


@pytest.mark.parametrize("host", ["a1.example.com", "a3.example.com"], ids=["first", "last"])
def test_one_is_unreachable(lab, onboard, host):
    with closed_port() as port:
        run = onboard(GOOD, {host: {"ansible_port": port}})
    assert_only(run, lab, {host: ["the connection is refused"]}, without(host))
    assert run.recap[host]["unreachable"] == 1
    assert lab.typed(host) == []
    # when the trouble is over, running again finishes it
    again = onboard(GOOD)
    assert again.rc == 0
    assert lab.is_onboarded(host, GOOD[host])
    assert {name for name, _task in again.changes() if name in without(host)} <= {"a1.example.com"}


def test_the_first_one_fails_in_the_middle(lab, onboard):
    """It is not waited for, so that its enable is committed and not confirmed."""
    host = "a1.example.com"
    variables = {name: {"esa_ctr_wait_timeout": 0 if name == host else 10} for name in GOOD}
    run = onboard(GOOD, variables, options=("-e", "esa_ctr_wait_interval=0.1"))
    assert_only(run, lab, {host: ["0 s after the step 'commit (emailsec.ctr)'"]}, without(host))
    assert onboard(GOOD).rc == 0
    assert lab.is_onboarded(host, "europe")


def test_one_refuses(lab, onboard):
    run = onboard(["old.example.com", *GOOD])
    assert_only(run, lab, {"old.example.com": ["AsyncOS 12.5.0-066 on an ESA is too old", "Remedy: "]}, GOOD)
    assert [call for call in lab.writes() if call["who"] == "old.example.com"] == []


def test_one_is_registered_in_another_region(lab, onboard):
    host = "elsewhere.example.com"
    run = onboard([host, *GOOD])
    assert_only(run, lab, {host: ["is registered with api-sse.cisco.com, not with api.eu.sse.itd.cisco.com"]}, GOOD)
    assert [call for call in lab.writes() if call["who"] == host] == []
    assert lab.appliance(host)["region"] == "americas"


def test_one_is_registered_in_another_region_and_does_not_tell(lab, onboard):
    """The SSE of the region has to tell: it does not show the appliance, so no module is made for it."""
    host = "silent.example.com"
    run = onboard([host, *GOOD], options=("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=2"))
    assert_only(run, lab, {host: ["not in SSE"]}, GOOD)
    assert host not in {module["name"] for module in lab.instances("europe")}


def test_a_stale_record_in_sse(lab, onboard):
    """SSE shows a registered device of the appliance's name, and it is another one."""
    ghost = lab.device("europe", "ghost.example.com")
    host = "a3.example.com"
    lab.ask("europe", "PATCH", f"/iroh/iroh-sse/device/{ghost['id']}", {"name": host})
    run = onboard(GOOD)
    texts = [
        f"SSE shows a registered device {host} (id {ghost['id']}), but the appliance is not registered",
        "Remedy: ",
    ]
    assert_only(run, lab, {host: texts}, without(host))
    assert not lab.appliance(host)["registered"]
    assert [module for module in lab.instances("europe") if module["name"] == host] == []


def test_two_names_for_one_appliance(lab, onboard):
    twin = {"ansible_host": "127.0.0.1", "ansible_port": lab.appliance("a3.example.com")["port"]}
    shared = {**lab.variables(), "esa_ctr_region": "europe"}
    run = onboard([*GOOD, "twin"], {"twin": {**shared, **twin}})
    text = "2 appliances of europe have the host name a3.example.com"
    assert_only(run, lab, {"a3.example.com": [text], "twin": [text]}, without("a3.example.com"))
    assert not lab.appliance("a3.example.com")["registered"]


def test_all_are_unreachable(lab, onboard):
    with closed_port() as port:
        run = onboard(GOOD, {host: {"ansible_port": port} for host in GOOD})
    assert run.rc != 0
    assert run.bad_hosts() == set(GOOD)
    for host in GOOD:
        assert f"{host} (127.0.0.1:{port}): the connection is refused" in run.output
    assert lab.calls() == []


def test_all_refuse(lab, onboard):
    run = onboard(["old.example.com", "elsewhere.example.com"])
    assert run.rc != 0
    assert run.bad_hosts() == {"old.example.com", "elsewhere.example.com"}
    assert "AsyncOS 12.5.0-066 on an ESA is too old" in run.output
    assert "is registered with api-sse.cisco.com" in run.output
    assert lab.writes() == []


def test_the_drift_report_tells_unknown_from_drift(lab, ansible):
    """Unreachable and refused are no drift, and the report is whole."""
    ghost = lab.device("europe", "ghost.example.com")
    lab.ask("europe", "PATCH", f"/iroh/iroh-sse/device/{ghost['id']}", {"name": "renamed.example.com"})
    written = len(lab.writes())
    with closed_port() as port:
        inventory = ansible.inventory("override.yml", {"a1.example.com": {"ansible_port": port}})
        run = ansible.playbook("emailsec.ctr.drift_report", "-i", inventory)
    expected = {
        "a1.example.com": ("unknown", "the connection is refused"),
        "a2.example.com": ("drift", "enable the cloud service on api-sse.cisco.com"),
        "a3.example.com": ("drift", "register with a registration token"),
        "old.example.com": ("refused", "too old"),
        "elsewhere.example.com": ("refused", "is registered with api-sse.cisco.com"),
        "silent.example.com": ("drift", "absent in the SSE of europe"),
        "ghost.example.com": ("drift", "absent in the SSE of europe"),
    }
    for host, (verdict, text) in expected.items():
        row = report_row(run, host)
        assert row.split()[2] == verdict, row
        assert text in row, row
    assert len(lab.writes()) == written


@pytest.mark.parametrize("playbook", ["emailsec.ctr.remove", "emailsec.ctr.drift_report"])
def test_the_first_one_is_unreachable_for_the_other_playbooks(lab, ansible, onboard, playbook):
    hosts = ["a1.example.com", "ghost.example.com"]
    with closed_port() as port:
        inventory = ansible.inventory("override.yml", {"a1.example.com": {"ansible_port": port}})
        run = ansible.playbook(playbook, "-i", inventory, "--limit", ",".join(hosts))
    assert "the connection is refused" in report_row(run, "a1.example.com")
    if playbook == "emailsec.ctr.remove":
        assert run.rc != 0
        assert run.bad_hosts() == {"a1.example.com"}
        assert not lab.appliance("ghost.example.com")["registered"]
    else:
        assert "drift" in report_row(run, "ghost.example.com")
