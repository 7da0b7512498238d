# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check before a run that the remaining quota is enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    ApiFailure,
    DevicesReading,
    Goal,
    Quota,
    Wanted,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import Problem, sentence
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.quota import calls_needed, pages_of, quota_problems

FLEET = {f"esa{number}": Wanted(f"esa{number}", "europe", f"esa{number}") for number in range(1, 4)}


NOW = datetime.now(UTC)


def quota(remaining: int | None, age: timedelta = timedelta()) -> Quota:
    return Quota(8000, remaining, (NOW - age).strftime("%Y-%m-%dT%H:%M:%SZ"))


def reading(remaining: int | None, *registered: str) -> DevicesReading:
    devices = tuple(Device(name, name, "Registered") for name in registered)
    return DevicesReading(devices, quota=quota(remaining))


def problems(
    europe: DevicesReading | None, goal: Goal = Goal.PRESENT, timeout: float = 10, interval: float = 1
) -> list[Problem]:
    return quota_problems(FLEET, {"europe": europe} if europe else {}, goal, timeout, interval)


def test_an_insufficient_quota_is_reported_with_both_numbers_and_a_fix() -> None:
    (problem,) = problems(reading(25))
    assert sentence(problem).startswith("europe: this run needs up to 26 API calls, but 25 are left")
    assert "--limit" in problem.fix


def test_an_exactly_sufficient_quota_is_no_problem() -> None:
    assert problems(reading(26)) == []


@pytest.mark.parametrize("minutes, said", [(59, 1), (61, 0)])
def test_a_quota_older_than_an_hour_is_ignored(minutes: int, said: int) -> None:
    old = DevicesReading(quota=quota(0, timedelta(minutes=minutes)))
    assert len(quota_problems(FLEET, {"europe": old}, Goal.PRESENT, now=NOW)) == said


@pytest.mark.parametrize("europe", [reading(None), DevicesReading(failure=ApiFailure("no")), None])
def test_an_unknown_quota_is_ignored(europe: DevicesReading | None) -> None:
    assert problems(europe) == []


def test_the_quota_of_a_failed_answer_is_used() -> None:
    used_up = DevicesReading(failure=ApiFailure("429"), quota=quota(0))
    assert len(problems(used_up)) == 1


def test_a_converged_fleet_needs_few_calls_and_no_polls() -> None:
    assert problems(reading(10, "ESA1", "esa2", "esa3")) == []
    assert len(problems(reading(10, "esa1", "esa2"))) == 1


def test_a_removal_needs_calls_for_each_appliance() -> None:
    (problem,) = problems(reading(15, "esa1", "esa2", "esa3"), Goal.ABSENT, timeout=1)
    assert "needs up to 17 API calls, but 15 are left" in problem.text


def test_calls_are_counted_per_region() -> None:
    both = {"europe": reading(8000), "apjc": reading(3)}
    (problem,) = quota_problems({**FLEET, "far": Wanted("far", "apjc", "far")}, both, Goal.PRESENT)
    assert problem.subject == "apjc"


@pytest.mark.parametrize(
    ("devices", "pages"), [(0, 1), (1000, 1), (1001, 2), (1999, 2), (2000, 3), (2998, 3), (2999, 4)]
)
def test_each_page_after_the_first_repeats_a_record(devices: int, pages: int) -> None:
    assert pages_of(devices) == pages


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.floats(0, 3600), st.floats(0, 60))
def test_the_number_of_calls_grows_with_the_fleet(new: int, devices: int, timeout: float, interval: float) -> None:
    need = calls_needed(new, devices, timeout, interval)
    assert need >= 2 * new + 10
    assert calls_needed(new + 1, devices, timeout, interval) >= need + 2
    assert calls_needed(new, devices + 1000, timeout, interval) > need
    assert calls_needed(0, devices, timeout, interval) <= 10 + 3 * (devices // 1000 + 1)
