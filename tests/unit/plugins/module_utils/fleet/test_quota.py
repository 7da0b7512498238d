# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the calls that a run needs are left, said before it begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import sentence
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.quota import calls_needed, pages_of, quota_problems

SETTINGS = {f"esa{number}": {"region": "europe"} for number in range(1, 4)}


NOW = datetime.now(UTC)


def reading(
    remaining: int | None, *registered: str, region: str = "europe", age: timedelta = timedelta()
) -> dict[str, Any]:
    devices = [{"id": name, "name": name, "status": "Registered"} for name in registered]
    quota = {"limit": 8000, "remaining": remaining, "said_at": (NOW - age).strftime("%Y-%m-%dT%H:%M:%SZ")}
    return {"results": [{"item": region, "ansible_facts": {"sse_devices": devices}, "quota": quota}]}


def test_a_quota_that_would_not_do_is_said_with_both_numbers_and_the_remedy() -> None:
    (problem,) = quota_problems(SETTINGS, reading(25), wait_timeout=10, wait_interval=1)
    assert sentence(problem).startswith("europe: this run needs up to 26 API calls, and 25 are left")
    assert "--limit" in problem.fix


def test_a_quota_that_would_do_just_about_is_no_problem() -> None:
    assert quota_problems(SETTINGS, reading(26), wait_timeout=10, wait_interval=1) == []


def test_a_quota_of_an_hour_ago_is_not_compared() -> None:
    assert len(quota_problems(SETTINGS, reading(0, age=timedelta(minutes=59)), now=NOW)) == 1
    assert quota_problems(SETTINGS, reading(0, age=timedelta(minutes=61)), now=NOW) == []


@pytest.mark.parametrize("reading", [reading(None), {"results": [{"item": "europe", "msg": "no"}]}, {}, None])
def test_where_the_api_does_not_say_it_nothing_is_compared(reading: dict[str, Any] | None) -> None:
    assert quota_problems(SETTINGS, reading) == []


def test_a_converged_fleet_needs_few_calls_and_no_polls() -> None:
    all_there = reading(10, "ESA1", "esa2", "esa3")
    assert quota_problems(SETTINGS, all_there) == []
    assert len(quota_problems(SETTINGS, reading(10, "esa1", "esa2"))) == 1


def test_to_remove_a_fleet_takes_calls_for_each_that_is_there() -> None:
    all_there = reading(15, "esa1", "esa2", "esa3")
    (problem,) = quota_problems(SETTINGS, all_there, wait_timeout=1, wait_interval=1, state="absent")
    assert "needs up to 17 API calls, and 15 are left" in problem.says


def test_a_state_that_is_none_is_no_reason_to_count() -> None:
    with pytest.raises(ValueError, match="Present"):
        quota_problems(SETTINGS, reading(8000), state="Present")


def test_each_region_has_its_own_need() -> None:
    settings = {**SETTINGS, "far": {"region": "apjc"}}
    both = {"results": reading(8000)["results"] + reading(3, region="apjc")["results"]}
    (problem,) = quota_problems(settings, both)
    assert problem.subject == "apjc:"


@pytest.mark.parametrize(
    ("devices", "pages"), [(0, 1), (1000, 1), (1001, 2), (1999, 2), (2000, 3), (2998, 3), (2999, 4)]
)
def test_each_page_after_the_first_repeats_a_record(devices: int, pages: int) -> None:
    assert pages_of(devices) == pages


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.floats(0, 3600), st.floats(0, 60))
def test_the_need_grows_with_the_fleet_and_no_interval_is_divided_by(
    new: int, devices: int, timeout: float, interval: float
) -> None:
    need = calls_needed(new, devices, timeout, interval)
    assert need >= 2 * new + 10
    assert calls_needed(new + 1, devices, timeout, interval) >= need + 2
    assert calls_needed(new, devices + 1000, timeout, interval) > need
    assert calls_needed(0, devices, timeout, interval) <= 10 + 3 * (devices // 1000 + 1)
