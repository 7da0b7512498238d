# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failed registrations, and the move of a registered appliance to another region."""

from __future__ import annotations

import time

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import running_lab

EUROPE, AMERICAS = "api.eu.sse.itd.cisco.com", "api-sse.cisco.com"
ON = {"enabled": True, "region": "europe"}
FLEET = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
    "appliances": [
        {"name": "replaced.example.com", "initial": ON},
        {"name": "used.example.com", "generation": 4, "initial": ON},
        {"name": "other-region.example.com", "generation": 2, "initial": ON},
        {"name": "made-up.example.com", "generation": 1, "initial": ON},
        {"name": "fresh.example.com"},
        {
            "name": "moves.example.com",
            "initial": {"enabled": True, "region": "americas", "registered": True, "module": True},
        },
        {
            "name": "moves4.example.com",
            "generation": 4,
            "initial": {"enabled": True, "region": "americas", "registered": True},
        },
        {
            "name": "silent.example.com",
            "generation": 4,
            "dialect": {"settrs_while_registered": "refused"},
            "initial": {"enabled": True, "region": "americas", "registered": True},
        },
    ],
}
BAD = ["replaced.example.com", "used.example.com", "other-region.example.com", "made-up.example.com"]


def register(state="registered", **options):
    return {
        "name": "register",
        "emailsec.ctr.esa_cloud_service": {
            "state": state,
            "region": "europe",
            "registration_token": "{{ token }}",
            "wait_interval": 0.1,
            "wait_timeout": 10,
            **options,
        },
    }


def assert_bad_token(result, token, host):
    assert result.status == "failed", result
    assert host in result.message
    assert "the registration failed because the registration token is invalid or expired" in result.message
    assert "Fix: issue a new token in SSE for the region of the appliance's server" in result.message
    assert token not in str(result.values)


@pytest.fixture
def bad_tokens(lab):
    tokens = {
        "replaced.example.com": lab.token("europe", "replaced.example.com"),
        "used.example.com": lab.token("europe", "fresh.example.com"),
        "other-region.example.com": lab.token("americas", "other-region.example.com"),
        "made-up.example.com": "0123456789abcdef" * 2,
    }
    device = lab.device("europe", "replaced.example.com")
    lab.ask("europe", "POST", f"/iroh/iroh-sse/device/{device['id']}/token", {})
    return tokens


def test_invalid_and_used_tokens_fail_with_a_fix(lab, ansible, bad_tokens):
    # a token works once: the first appliance registers, the second cannot
    variables = {"fresh.example.com": {"token": bad_tokens["used.example.com"]}}
    assert ansible.tasks([register()], "-i", ansible.inventory("t.yml", variables), hosts="fresh.example.com").rc == 0
    assert lab.appliance("fresh.example.com")["registered"]
    before = {host: lab.appliance(host) for host in BAD}
    inventory = ansible.inventory("tokens.yml", {host: {"token": token} for host, token in bad_tokens.items()})
    run = ansible.tasks([register()], "-i", inventory, hosts=",".join(BAD))
    assert run.rc == 2
    for host in BAD:
        result = run.on(host)
        assert_bad_token(result, bad_tokens[host], host)
        assert not result.changed
        assert result.values["cloud_service"]["registration"] == "unregistered"
        assert {**lab.appliance(host), "logins": 0} == {**before[host], "logins": 0}
        # the token is the only line that could change anything, and it was typed once
        assert lab.typed(host).count(bad_tokens[host]) == 1
        assert [call["line"] for call in lab.writes() if call["who"] == host] == [bad_tokens[host]]
        assert lab.typed(host)[-1] == "exit"
    for token in bad_tokens.values():
        assert token not in run.output


def test_an_expired_token_fails_with_a_fix(tmp_path):
    fleet = {
        "settings": {"token_seconds": 0, "busy_seconds": 0.1},
        "appliances": [{"name": "esa1.example.com", "initial": ON}],
    }
    with running_lab(fleet, tmp_path / "lab") as lab:
        token = lab.token("europe", "esa1.example.com")
        time.sleep(0.01)
        ansible = Ansible(tmp_path / "ansible", lab)
        inventory = ansible.inventory("tokens.yml", {"esa1.example.com": {"token": token}})
        run = ansible.tasks([register()], "-i", inventory)
        assert_bad_token(run.on("esa1.example.com"), token, "esa1.example.com")
        assert not lab.appliance("esa1.example.com")["registered"]


def test_the_commit_before_a_failed_token_is_kept_and_a_rerun_continues(lab, ansible):
    """Enable and commit, then fail with a bad token: the result lists the completed steps, and a rerun continues."""
    host = "fresh.example.com"
    inventory = ansible.inventory("bad.yml", {host: {"token": "f" * 32}})
    run = ansible.tasks([register()], "-i", inventory, hosts=host)
    result = run.on(host)
    assert_bad_token(result, "f" * 32, host)
    assert result.changed, "the enable was committed"
    assert result.values["steps"] == [f"enable the cloud service on {EUROPE}", "commit (emailsec.ctr)"]
    assert result.values["diff"]["after"]["enabled"] is True
    inventory = ansible.inventory("good.yml", {host: {"token": lab.token("europe", host)}})
    again = ansible.tasks([register()], "-i", inventory, hosts=host)
    assert again.on(host).values["steps"] == ["register with a registration token"]
    assert lab.appliance(host)["registered"]


def test_an_appliance_moves_to_another_region_if_that_is_allowed(lab, ansible):
    hosts = ["moves.example.com", "moves4.example.com"]
    tokens = {host: {"token": lab.token("europe", host)} for host in hosts}
    old = {host: lab.device("americas", host) for host in hosts}
    assert all(device["status"] == "Registered" for device in old.values())
    arguments = ["-i", ansible.inventory("tokens.yml", tokens), "--diff"]
    task = register(allow_reregistration=True)
    written = len(lab.writes())
    check = ansible.tasks([task], *arguments, "--check", hosts=",".join(hosts))
    assert len(lab.writes()) == written
    run = ansible.tasks([task], *arguments, hosts=",".join(hosts))
    assert run.rc == 0, run.output
    for host in hosts:
        values = run.on(host).values
        assert values["steps"] == [
            "deregister",
            f"set the server to {EUROPE}",
            "commit (emailsec.ctr)",
            "register with a registration token",
        ]
        for key in ("changed", "steps", "diff", "cloud_service"):
            assert check.on(host).values[key] == values[key], (host, key)
        assert values["diff"]["before"]["server"] == AMERICAS
        assert lab.device("europe", host)["status"] == "Registered"
        assert lab.device("americas", host)["status"] == "Unregistered"
        assert lab.appliance(host)["region"] == "europe"
        assert lab.appliance(host)["logins"] == 2
    again = ansible.tasks([task], *arguments, hosts=",".join(hosts))
    assert not any(result.changed for result in again.results)


def test_a_registered_appliance_with_an_unknown_server_is_skipped_with_a_warning(lab, ansible):
    host = "silent.example.com"
    inventory = ansible.inventory("tokens.yml", {host: {"token": "f" * 32}})
    run = ansible.tasks([register(allow_reregistration=True)], "-i", inventory, hosts=host)
    values = run.on(host).values
    assert (run.rc, values["changed"], values["steps"]) == (0, False, [])
    assert (values["cloud_service"]["server"], values["cloud_service"]["region"]) == (None, None)
    # ansible-core 2.17 wraps warnings.
    shown = " ".join(run.output.split())
    assert f"{host}: the cloud service is enabled, but the appliance does not show its server" in shown
    assert lab.writes() == []
    assert lab.appliance(host)["region"] == "americas"
