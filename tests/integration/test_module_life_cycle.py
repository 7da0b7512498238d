# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of esa_cloud_service on all four generations of the menu: each step is predicted, done and repeated."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.emailsec.ctr.plugins.modules import esa_cloud_service
from tests.integration.support.lab import writes

SERVERS = {
    "americas": "api-sse.cisco.com",
    "europe": "api.eu.sse.itd.cisco.com",
    "apjc": "api.apj.sse.itd.cisco.com",
}
FLEET = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
    "appliances": [
        {"name": "gen1.example.com", "generation": 1, "version": "13.0.0-392", "region": "europe"},
        {"name": "gen2.example.com", "generation": 2, "version": "13.5.1-277", "region": "apjc"},
        {"name": "gen3.example.com", "generation": 3, "region": "americas"},
        {"name": "gen4.example.com", "generation": 4, "version": "15.5.1-055", "region": "europe"},
        {
            "name": "sma.example.com",
            "product": "SMA",
            "generation": 4,
            "version": "15.5.1-024",
            "region": "apjc",
            "dialect": {"registering_text": "progress", "line_end": "crcrlf", "after_choice": "menu"},
        },
    ],
}
REGIONS = {entry["name"]: entry["region"] for entry in FLEET["appliances"]}
DOCUMENTED = set(yaml.safe_load(esa_cloud_service.RETURN)["cloud_service"]["contains"])


def tasks_for(states):
    """Return tasks for each state: in check mode, for real, and repeated."""
    tasks = []
    for state in states:
        options = {
            "state": state,
            "region": "{{ esa_ctr_region }}",
            "registration_token": "{{ token }}",
            "commit_comment": f"towards {state}",
            "wait_interval": 0.1,
            "wait_timeout": 20,
        }
        for kind in ("check", "run", "again"):
            task = {"name": f"{kind} {state}", "emailsec.ctr.esa_cloud_service": options}
            tasks.append({**task, "check_mode": True} if kind == "check" else task)
    return tasks


@pytest.fixture
def walk(lab, ansible):
    """Run the states in one play, with a token for each appliance."""

    def run(*states):
        tokens = {host: {"token": lab.token(region, host)} for host, region in REGIONS.items()}
        before = len(lab.calls())
        done = ansible.tasks(tasks_for(states), "-i", ansible.inventory("tokens.yml", tokens), "--diff")
        assert done.rc == 0, done.output
        return done, lab.calls()[before:]

    return run


def assert_predicted_done_and_settled(lab, done, calls, states):
    for state in states:
        assert writes(done.during(f"check {state}", calls)) == []
        assert writes(done.during(f"again {state}", calls)) == []
        assert [call for call in done.during(f"check {state}", calls) if call["line"] == "commit"] == []
        for host in REGIONS:
            check, run, again = (done.of(f"{kind} {state}", host).values for kind in ("check", "run", "again"))
            for key in ("changed", "steps", "diff", "cloud_service"):
                assert check[key] == run[key], (host, state, key)
            assert run["changed"] is True
            assert run["diff"]["after"] == run["cloud_service"]
            assert run["diff"]["before"] != run["diff"]["after"]
            assert (again["changed"], again["steps"]) == (False, []), (host, state)
            assert again["cloud_service"] == run["cloud_service"]
            assert again["diff"]["before"] == again["diff"]["after"] == run["diff"]["after"]
            for values in (check, run, again):
                assert set(values["cloud_service"]) == DOCUMENTED, (host, state)


def test_each_step_to_registered_and_back_is_predicted_and_done_once(lab, walk):
    states = ("enabled", "registered", "unregistered", "disabled")
    done, calls = walk(*states)
    assert_predicted_done_and_settled(lab, done, calls, states)
    for host, region in REGIONS.items():
        server = SERVERS[region]
        found = {state: done.of(f"run {state}", host).values for state in states}
        assert [found[state]["steps"] for state in states] == [
            [f"enable the cloud service on {server}", "commit (towards enabled)"],
            ["register with a registration token"],
            ["deregister"],
            ["disable the cloud service", "commit (towards disabled)"],
        ]
        shown = {state: found[state]["cloud_service"] for state in states}
        assert [shown[state]["registration"] for state in states] == [
            "unregistered",
            "registered",
            "unregistered",
            "unavailable",
        ]
        assert [shown[state]["enabled"] for state in states] == [True, True, True, False]
        assert [shown[state]["server"] for state in states] == [server, server, server, None]
        assert [shown[state]["region"] for state in states] == [region, region, region, None]
        box = lab.appliance(host)
        for state in states:
            identity = {key: shown[state][key] for key in ("hostname", "product", "model", "version")}
            assert identity == {key: box[key] for key in identity}
        assert (box["enabled"], box["registered"]) == (False, False)
        assert box["logins"] == len(done.task_starts), "one session per task"
    # the output of --diff
    assert "--- before: cloud service" in done.output
    assert '+    "registration": "registered",' in done.output


def test_one_task_registers_a_fresh_appliance_and_disables_a_registered_one(lab, walk):
    states = ("registered", "disabled")
    done, calls = walk(*states)
    assert_predicted_done_and_settled(lab, done, calls, states)
    for host, region in REGIONS.items():
        assert done.of("run registered", host).values["steps"] == [
            f"enable the cloud service on {SERVERS[region]}",
            "commit (towards registered)",
            "register with a registration token",
        ]
        assert done.of("run disabled", host).values["steps"] == [
            "deregister",
            "disable the cloud service",
            "commit (towards disabled)",
        ]
        assert lab.appliance(host)["logins"] == len(done.task_starts), "one session per task"
        typed = [call["line"] for call in calls if call["who"] == host]
        assert typed.count("towards registered") == typed.count("towards disabled") == 1, "committed once"
        # unchanged, with nothing uncommitted
        words = {"SETFQDN", "FETCHCERTIFICATE", "ENABLECSN", "DISABLECSN", "ENABLESECUREX", "DISABLESECUREX"}
        assert not words & {line.upper() for line in typed}, (host, typed)
        assert typed[-1] == "exit", (host, typed)
