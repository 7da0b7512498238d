# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls are money: 8,000 an hour for the whole organisation, however large the fleet."""

from __future__ import annotations

from collections import Counter

FLEET = {
    "settings": {"registration_seconds": 0.5, "busy_seconds": 0.05, "rate_limit": 400},
    "generate": [
        {"count": 9, "region": "europe", "generation": 3},
        {"count": 1, "region": "europe", "product": "SMA", "generation": 4},
    ],
}
QUICK = ("-e", "esa_ctr_wait_interval=0.5", "-e", "esa_ctr_wait_timeout=10", "--forks", "10")
LISTS = "GET /iroh/iroh-sse/device"


def calls(lab, begin):
    """Requests by region, and the lists of devices among them."""
    asked = [call for call in lab.calls()[begin:] if call["kind"] == "http"]
    lists = Counter(c["region"] for c in asked if f"{c['method']} {c['path'].partition('?')[0]}" == LISTS)
    assert all("limit=1000" in c["path"] for c in asked if c["method"] == "GET"), "the largest page"
    return Counter(call["region"] for call in asked), lists


def run(lab, ansible, playbook, *arguments):
    begin = len(lab.calls())
    done = ansible.playbook(f"emailsec.ctr.{playbook}", *QUICK, *arguments)
    return done, *calls(lab, begin)


def test_a_fleet_costs_few_calls(lab, ansible):
    drift, asked, _lists = run(lab, ansible, "drift_report")
    assert drift.rc == 0, drift.output
    assert asked["europe"] <= 6
    assert {asked["americas"], asked["apjc"]} == {2}, "regions with an account that no appliance uses"

    onboarding, asked, lists = run(lab, ansible, "onboard")
    assert onboarding.rc == 0, onboarding.output
    polls = lists["europe"] - 2
    assert asked["europe"] <= 2 * 10 + 10 + polls

    again, asked, _lists = run(lab, ansible, "onboard")
    assert (again.rc, again.changes()) == (0, set()), again.output
    assert asked["europe"] <= 6

    drift, asked, _lists = run(lab, ansible, "drift_report")
    assert asked["europe"] <= 6


def test_a_quota_that_would_not_do_is_said_before_anything_is_written(lab, ansible):
    lab.switch(region="europe", set={"rate_limit": 30})
    stopped, asked, _lists = run(lab, ansible, "onboard")
    assert stopped.rc != 0
    assert "europe: this run needs up to 50 API calls, and 29 are left" in stopped.output
    assert "--limit" in stopped.output
    assert lab.writes() == []
    assert {box["logins"] for box in lab.state()["appliances"].values()} == {0}
    part, _asked, _lists = run(lab, ansible, "onboard", "--limit", "esa1.example.com", "-e", "esa_ctr_wait_timeout=4")
    assert part.rc == 0, part.output
    assert lab.is_onboarded("esa1.example.com", "europe")
