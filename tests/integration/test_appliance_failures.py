# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The failure of an appliance does not affect the others, whatever its position in the play."""

from __future__ import annotations

import pytest

from tests.integration.support.drift_report import report_of, verdicts
from tests.integration.support.failures import assert_only, report_row
from tests.integration.support.ports import closed_port

FLEET = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.5},
    "appliances": [
        {"name": "a1.example.com", "region": "europe"},
        {"name": "a2.example.com", "region": "americas", "generation": 4},
        {"name": "a3.example.com", "region": "europe", "generation": 1, "version": "13.0.0-392"},
        {"name": "old.example.com", "region": "europe", "generation": 1, "version": "12.5.0-066"},
        {"name": "stale.example.com", "region": "europe"},
        {"name": "twin.example.com", "region": "europe", "generation": 2},
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
    """Onboard these hosts, some of them with variables that override the lab's inventory."""

    def run(hosts, variables=None, options=QUICK):
        override = ["-i", ansible.inventory("override.yml", variables)] if variables else []
        return ansible.playbook("emailsec.ctr.onboard", *override, *options, "--limit", ",".join(hosts))

    return run


@pytest.mark.parametrize("host", ["a1.example.com", "a3.example.com"], ids=["first", "last"])
def test_an_unreachable_appliance_fails_alone(lab, onboard, host):
    with closed_port() as port:
        run = onboard(GOOD, {host: {"ansible_port": port}})
    assert_only(run, lab, {host: ["connection refused"]}, without(host))
    assert run.recap[host]["unreachable"] == 1
    assert lab.typed(host) == []


def test_the_first_appliance_fails_during_the_run_and_a_rerun_continues(lab, onboard):
    """Without a wait, its enable is committed and not confirmed."""
    host = "a1.example.com"
    variables = {name: {"esa_ctr_wait_timeout": 0 if name == host else 10} for name in GOOD}
    run = onboard(GOOD, variables, options=("-e", "esa_ctr_wait_interval=0.1"))
    assert_only(run, lab, {host: ["the step 'commit (emailsec.ctr)' was not confirmed within 0 s"]}, without(host))
    # a rerun continues from there
    again = onboard(GOOD)
    assert again.rc == 0
    assert lab.is_onboarded(host, "europe")
    assert again.of("Register the appliance", host).values["steps"] == ["register with a registration token"]
    assert {name for name, _task in again.changes()} == {host}


def test_several_appliances_fail_for_different_reasons(lab, onboard):
    """An old release, another region, a stale SSE record and a duplicate appliance fail; the other three succeed."""
    ghost = lab.device("europe", "ghost.example.com")
    lab.ask("europe", "PATCH", f"/iroh/iroh-sse/device/{ghost['id']}", {"name": "stale.example.com"})
    shared = {**lab.variables(), "esa_ctr_region": "europe", "ansible_host": "127.0.0.1"}
    other_name = {**shared, "ansible_port": lab.appliance("twin.example.com")["port"]}
    bad = {
        "old.example.com": ["AsyncOS 12.5.0-066 on an ESA is too old", "Fix: "],
        "elsewhere.example.com": [
            "is registered with api-sse.cisco.com, ",
            "api.eu.sse.itd.cisco.com",
            "Fix: ",
        ],
        "stale.example.com": [
            f"SSE shows a registered device stale.example.com (id {ghost['id']}), but the appliance is not registered",
            "Fix: ",
        ],
        "twin.example.com": ["2 appliances of europe have the host name twin.example.com", "Fix: "],
        "other-name": ["2 appliances of europe have the host name twin.example.com", "Fix: "],
    }
    seen = len(lab.calls())
    run = onboard([*bad, *GOOD], {"other-name": other_name})
    assert_only(run, lab, bad, GOOD)
    written = {call["who"] for call in lab.calls()[seen:] if call["write"] and call["kind"] == "cli"}
    assert not written & {"old.example.com", "elsewhere.example.com"}, (
        "an appliance that is refused must not be changed"
    )
    for host in ("stale.example.com", "twin.example.com"):
        assert not lab.appliance(host)["registered"]
    assert {module["name"] for module in lab.instances("europe")} == {"a1.example.com", "a3.example.com"}
    assert lab.appliance("elsewhere.example.com")["region"] == "americas"


def test_an_appliance_that_does_not_show_its_other_region_fails_alone(lab, onboard):
    """The SSE of the region does not list the appliance, so no module is created for it."""
    host = "silent.example.com"
    options = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=3")
    run = onboard([host, "a2.example.com"], options=options)
    assert_only(
        run,
        lab,
        {host: ["the appliance is registered, but the SSE of europe did not show it"]},
        {"a2.example.com": "americas"},
    )
    assert lab.instances("europe") == []


def test_all_appliances_are_unreachable(lab, onboard):
    with closed_port() as port:
        run = onboard(GOOD, {host: {"ansible_port": port} for host in GOOD})
    assert run.rc != 0
    assert run.bad_hosts() == set(GOOD)
    for host in GOOD:
        assert f"{host} (127.0.0.1:{port}): connection refused" in run.output
    assert {call["kind"] for call in lab.calls()} == {"http"}
    assert lab.writes() == []


def test_all_appliances_are_refused(lab, onboard):
    run = onboard(["old.example.com", "elsewhere.example.com"])
    assert run.rc != 0
    assert run.bad_hosts() == {"old.example.com", "elsewhere.example.com"}
    assert "AsyncOS 12.5.0-066 on an ESA is too old" in run.output
    assert "is registered with api-sse.cisco.com" in run.output
    assert lab.writes() == []


def test_the_drift_report_distinguishes_unknown_from_drift(lab, ansible):
    """Unreachable and refused appliances are not drift, and the report is complete."""
    ghost = lab.device("europe", "ghost.example.com")
    lab.ask("europe", "PATCH", f"/iroh/iroh-sse/device/{ghost['id']}", {"name": "renamed.example.com"})
    written = len(lab.writes())
    with closed_port() as port:
        inventory = ansible.inventory("override.yml", {"a1.example.com": {"ansible_port": port}})
        run = ansible.playbook("emailsec.ctr.drift_report", "-i", inventory)
    expected = {
        "a1.example.com": ("unknown", "connection refused"),
        "a2.example.com": ("drift", "enable the cloud service on api-sse.cisco.com"),
        "a3.example.com": ("drift", "register with a registration token"),
        "stale.example.com": ("drift", "register with a registration token"),
        "twin.example.com": ("drift", "register with a registration token"),
        "old.example.com": ("refused", "too old"),
        "elsewhere.example.com": ("refused", "is registered with api-sse.cisco.com"),
        "silent.example.com": ("unknown", "SSE of EUROPE does not show it as registered (not in SSE)"),
        "ghost.example.com": ("refused", "SSE of EUROPE does not show it as registered (not in SSE)"),
    }
    for host, (verdict, text) in expected.items():
        row = report_row(run, host)
        assert row.split()[2] == verdict, row
        assert text in row, row
    assert len(lab.writes()) == written


@pytest.mark.parametrize("playbook", ["emailsec.ctr.remove", "emailsec.ctr.drift_report"])
def test_the_other_playbooks_continue_if_the_first_appliance_is_unreachable(lab, ansible, onboard, playbook):
    hosts = ["a1.example.com", "ghost.example.com"]
    with closed_port() as port:
        inventory = ansible.inventory("override.yml", {"a1.example.com": {"ansible_port": port}})
        run = ansible.playbook(playbook, "-i", inventory, "--limit", ",".join(hosts))
    assert "connection refused" in report_row(run, "a1.example.com")
    if playbook == "emailsec.ctr.remove":
        assert run.rc != 0
        assert run.bad_hosts() == {"a1.example.com"}
        assert not lab.appliance("ghost.example.com")["registered"]
    else:
        assert run.rc == 0, run.output
        assert verdicts(report_of(ansible)) == {"a1.example.com": "unknown", "ghost.example.com": "drift"}
