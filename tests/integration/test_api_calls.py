# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The number of API calls per region, counted by the lab, and the check that stops a run if the quota is too small."""

from __future__ import annotations

import re
from collections import Counter

import pytest

COUNTS = {"europe": 10, "apjc": 3}
FLEET = {
    "settings": {"registration_seconds": 0.5, "busy_seconds": 0.1, "page_limit": 2, "page_limit_max": 4},
    "generate": [
        {"count": COUNTS["europe"], "region": "europe"},
        {"count": COUNTS["apjc"], "region": "apjc", "generation": 4},
    ],
}
QUICK = ("--forks", "10", "-e", "esa_ctr_wait_interval=0.2", "-e", "esa_ctr_wait_timeout=20")
WAIT = "Wait until SSE shows the devices as registered"
LATER_PAGE = re.compile(r"[?&]offset=[1-9]")


@pytest.fixture
def counted(lab, ansible):
    """Run a playbook, and return the run and its calls by region."""

    def run(playbook):
        begin = len(lab.calls())
        finished = ansible.playbook(f"emailsec.ctr.{playbook}", *QUICK)
        assert finished.rc == 0, finished.output
        return finished, by_region(lab.calls()[begin:])

    return run


def by_region(calls):
    return {
        region: [
            f"{call['method']} {call['path']}" for call in calls if call["kind"] == "http" and call["region"] == region
        ]
        for region in COUNTS
    }


def without_later_pages(calls):
    """Return the calls without those for further pages of a list."""
    return [call for call in calls if not LATER_PAGE.search(call)]


def assert_largest_pages(calls):
    """Assert that every list asks for the largest page of the API, although the lab returns smaller ones."""
    lists = [call for call in calls if "offset=" in call]
    assert lists and all("limit=1000&" in call for call in lists), calls


def test_onboarding_needs_two_calls_per_appliance_and_one_list_per_poll(lab, counted):
    run, calls = counted("onboard")
    polls = by_region(run.during(WAIT, lab.calls()))
    for region, count in COUNTS.items():
        assert (
            2 * count
            < len(without_later_pages(calls[region]))
            <= 2 * count + 10 + len(without_later_pages(polls[region]))
        )
        assert not any("/device/" in call for call in polls[region]), "polling must not request single devices"
        assert_largest_pages(calls[region])


def test_an_unchanged_fleet_needs_at_most_six_calls_and_reads_each_page_once(counted):
    counted("onboard")
    for playbook in ("onboard", "drift_report"):
        _run, calls = counted(playbook)
        for region in COUNTS:
            assert 0 < len(without_later_pages(calls[region])) <= 6, (playbook, calls[region])
            lists = Counter(call for call in calls[region] if "offset=" in call)
            assert set(lists.values()) == {1}, (playbook, lists)
            assert_largest_pages(calls[region])
    assert sum(bool(LATER_PAGE.search(call)) for call in calls["europe"]) > 0, "the lists must have several pages"


@pytest.mark.parametrize("playbook", ["onboard", "remove"])
def test_a_quota_that_is_too_small_stops_the_run_before_any_write(lab, ansible, playbook):
    lab.switch(region="europe", set={"rate_limit": 60})
    run = ansible.playbook(f"emailsec.ctr.{playbook}", *QUICK)
    assert (run.rc != 0, lab.writes()) == (True, []), run.output
    needed, left = map(
        int, re.search(r"europe: this run needs up to (\d+) API calls, but (\d+) are left", run.output).groups()
    )
    spent = len(by_region(lab.calls())["europe"])
    assert needed == 10 + 2 * COUNTS["europe"] + 20 / 0.2
    assert left in (60 - spent, 60 - spent + 1), "the last answer with the quota may be the last call"
    assert "apjc: this run needs" not in run.output
    assert "Fix: rerun later, or for fewer appliances at a time" in run.output
    lab.reset()
    lab.switch(region="europe", set={"rate_limit": needed + 10})
    enough = ansible.playbook(f"emailsec.ctr.{playbook}", *QUICK)
    assert enough.rc == 0, enough.output
    assert len(by_region(lab.calls())["europe"]) <= needed, "the predicted number of calls must be sufficient"
