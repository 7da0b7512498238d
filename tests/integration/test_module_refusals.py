# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals of esa_cloud_service: each message names host, problem and fix, and nothing is written."""

from __future__ import annotations

import pytest

FLEET = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
    "appliances": [
        {"name": "web.example.com", "product": "WSA"},
        {"name": "esa-12.example.com", "generation": 1, "version": "12.5.0-066"},
        {"name": "sma-12-0.example.com", "product": "SMA", "generation": 1, "version": "12.0.0-452"},
        {"name": "sma-12-5.example.com", "product": "SMA", "generation": 1, "version": "12.5.0-670"},
        {"name": "gen1.example.com", "generation": 1, "version": "13.0.0-392"},
        {"name": "gen1-on.example.com", "generation": 1, "initial": {"enabled": True, "region": "europe"}},
        {"name": "fresh.example.com"},
        {"name": "on.example.com", "initial": {"enabled": True, "region": "europe"}},
        {"name": "busy.example.com", "generation": 4, "initial": {"enabled": True, "region": "europe"}},
        {"name": "elsewhere.example.com", "initial": {"enabled": True, "region": "americas", "registered": True}},
    ],
}
GOOD = "0123456789abcdef" * 2

# host, options, words of the problem, words of the fix
CASES = {
    "a web gateway": ("web", {"region": "europe"}, "model S100V is a web gateway", "remove the host from the group"),
    "an ESA of 12.x": (
        "esa-12",
        {"region": "europe"},
        "AsyncOS 12.5.0-066 on an ESA is too old: the integration needs 13.0 or later",
        "upgrade",
    ),
    "an SMA of 12.0": (
        "sma-12-0",
        {"region": "europe"},
        "AsyncOS 12.0.0-452 on an SMA is too old: the integration needs 12.5 or later",
        "upgrade",
    ),
    "a region that a disabled appliance does not offer": (
        "gen1",
        {"region": "apjc"},
        "does not offer the server api.apj.sse.itd.cisco.com; it offers api-sse.cisco.com, api.eu.sse.itd.cisco.com",
        "choose another region or server, or upgrade AsyncOS",
    ),
    "a region that an enabled appliance does not offer": (
        "gen1-on",
        {"region": "apjc"},
        "does not offer the server api.apj.sse.itd.cisco.com",
        "choose another region or server, or upgrade AsyncOS",
    ),
    "a server that is not offered": (
        "fresh",
        {"server": "sse.example.net"},
        "does not offer the server sse.example.net",
        "choose another region or server",
    ),
    "no region": ("fresh", {}, "disabled and no server is set", "set the option region or server"),
    "no token": (
        "fresh",
        {"state": "registered", "region": "europe"},
        "there is no registration token",
        "the module emailsec.ctr.sse_token issues tokens",
    ),
    "a token in upper case": (
        "fresh",
        {"state": "registered", "region": "europe", "registration_token": GOOD.upper()},
        "registration_token is not 32 lower-case hexadecimal characters",
        "copy the token from the SSE portal",
    ),
    "a token of 31 characters": (
        "fresh",
        {"state": "registered", "region": "europe", "registration_token": GOOD[:31]},
        "registration_token is not 32 lower-case hexadecimal characters",
        "copy the token from the SSE portal",
    ),
    "a token with a newline": (
        "fresh",
        {"state": "registered", "region": "europe", "registration_token": GOOD + "\n"},
        "registration_token is not 32 lower-case hexadecimal characters",
        "copy the token from the SSE portal",
    ),
    "registered with another server": (
        "elsewhere",
        {"state": "registered", "region": "europe", "registration_token": GOOD},
        "is registered with api-sse.cisco.com, not with api.eu.sse.itd.cisco.com",
        "set allow_reregistration: true",
    ),
    "a comment of two lines": (
        "fresh",
        {"region": "europe", "commit_comment": "one\ncommit"},
        "commit_comment is not one line",
        "shorten it",
    ),
    "a comment that is too long": (
        "fresh",
        {"region": "europe", "commit_comment": "x" * 201},
        "commit_comment is not one line of at most 200",
        "shorten it",
    ),
    "a server that is no name": (
        "fresh",
        {"server": "1\ncommit"},
        "is not a fully qualified domain name",
        "set region (americas, europe, apjc)",
    ),
    "a wait without an end": (
        "fresh",
        {"region": "europe", "wait_timeout": "inf"},
        "wait_timeout is inf",
        "set it to 0 seconds or more",
    ),
}


def plays():
    return [
        {
            "hosts": f"{host}.example.com",
            "gather_facts": False,
            "tasks": [
                {
                    "name": name,
                    "emailsec.ctr.esa_cloud_service": {"wait_timeout": 5, "wait_interval": 0.1, **options},
                    "ignore_errors": True,
                }
            ],
        }
        for name, (host, options, _thing, _fix) in CASES.items()
    ]


@pytest.mark.parametrize("mode", ["run", "check"])
def test_each_refusal_names_problem_and_fix_and_writes_nothing(lab, ansible, mode):
    before = lab.state()["appliances"]
    run = ansible.plays(plays(), *(["--check"] if mode == "check" else []))
    for name, (host, _options, thing, fix) in CASES.items():
        result = run.of(name, f"{host}.example.com")
        assert result.status == "failed", (name, result)
        assert not result.changed, name
        assert f"{host}.example.com" in result.message, (name, result.message)
        assert thing in result.message, (name, result.message)
        assert f"Fix: {fix}" in result.message or fix in result.message.partition("Fix: ")[2], result
        for part in (GOOD[:31], GOOD.upper()[:31]):
            assert part not in str(result.values), name
    assert lab.writes() == []
    for host, box in lab.state()["appliances"].items():
        assert {**box, "logins": 0} == {**before[host], "logins": 0}
        typed = lab.typed(host)
        assert "commit" not in typed and "clearchanges" not in typed, (host, typed)
        # without a question, because nothing was uncommitted
        assert not typed or typed[-1] == "exit", (host, typed)
    assert GOOD[:31] not in run.output


def test_region_and_server_are_mutually_exclusive(lab, ansible):
    options = {"region": "europe", "server": "api.eu.sse.itd.cisco.com"}
    run = ansible.tasks([{"name": "both", "emailsec.ctr.esa_cloud_service": options}], hosts="fresh.example.com")
    result = run.on("fresh.example.com")
    assert result.status == "failed"
    assert "mutually exclusive" in result.message and "region" in result.message and "server" in result.message
    assert lab.appliance("fresh.example.com")["logins"] == 0


def test_the_wrong_connection_is_named(lab, ansible):
    options = {"state": "enabled", "region": "europe"}
    task = {"name": "local", "emailsec.ctr.esa_cloud_service": options}
    inventory = ansible.inventory("local.yml", {"fresh.example.com": {"ansible_connection": "local"}})
    run = ansible.tasks([task], "-i", inventory, hosts="fresh.example.com")
    result = run.on("fresh.example.com")
    assert result.status == "failed"
    assert "fresh.example.com: the connection is local, not emailsec.ctr.asyncos" in result.message
    assert "Fix: set ansible_connection: emailsec.ctr.asyncos" in result.message
    assert lab.appliance("fresh.example.com")["logins"] == 0


def test_the_oldest_supported_sma_is_accepted(lab, ansible):
    options = {"state": "enabled", "region": "europe", "wait_interval": 0.1}
    host = "sma-12-5.example.com"
    run = ansible.tasks([{"name": "enable", "emailsec.ctr.esa_cloud_service": options}], hosts=host)
    assert run.rc == 0, run.output
    assert lab.appliance(host)["region"] == "europe"
