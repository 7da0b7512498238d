# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The waves of a rollout: their sizes, their order, who waits, and when the rollout stops."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.waves import (
    HostResult,
    Result,
    Results,
    Rollout,
    amount,
    has_too_many_failures,
    hold_back,
    is_amount,
    plan_waves,
    sizes,
)

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
REGIONS = {"e1": "europe", "a1": "americas", "e2": "europe", "e3": "europe", "a2": "americas"}
DONE, FAILED, HELD = (HostResult(one) for one in Result)


def rollout(together: bool = False, **more: Any) -> Rollout:
    given: dict[str, Any] = {"unchanged": frozenset(), "windows": {}, **more}
    return Rollout(plan_waves(REGIONS, [1, "100%"], together), REGIONS, together=together, **given)


@pytest.mark.parametrize(
    ("entries", "total", "expected"),
    [
        ([1, "10%", "100%"], 1000, [1, 100, 899]),
        ([1, "10%", "100%"], 5, [1, 1, 3]),
        ([1, "10%", "100%"], 1, [1]),
        ([2], 5, [2, 2, 1]),
        (["12.5%"], 16, [2] * 8),
        ([100], 3, [3]),
        ([1], 0, []),
    ],
)
def test_sizes_of_waves(entries: list[Any], total: int, expected: list[int]) -> None:
    assert sizes(entries, total) == expected


@pytest.mark.parametrize("entry", [True, "x", "-1", "101%", "1e3", "%", "", "\u0661", "1" * 10, None])
def test_what_is_no_amount(entry: Any) -> None:
    with pytest.raises(ValueError, match="neither a number nor a percentage"):
        amount(entry, 10)


def test_a_wave_has_at_least_one_appliance() -> None:
    assert is_amount("0") and is_amount("0%") and is_amount("1", least=1) and is_amount("0.1%", least=1)
    assert not is_amount("0", least=1) and not is_amount("0%", least=1)
    with pytest.raises(ValueError, match="no waves"):
        sizes([], 1)


@given(
    st.lists(st.sampled_from(["europe", "americas", "apjc"]), max_size=60),
    st.lists(st.sampled_from([1, 3, "10%", "50%", "100%"]), min_size=1, max_size=4),
    st.booleans(),
)
def test_every_appliance_is_in_one_wave_in_the_order_of_its_region(
    regions: list[str], entries: list[Any], together: bool
) -> None:
    regions_of = {f"h{place}": region for place, region in enumerate(regions)}
    waves = plan_waves(regions_of, entries, together)
    assert [wave.number for wave in waves] == list(range(1, len(waves) + 1))
    for region in set(regions):
        of_region = [host for wave in waves for host in wave.hosts if regions_of[host] == region]
        assert of_region == [host for host in regions_of if regions_of[host] == region]
    assert sum(len(wave.hosts) for wave in waves) == len(regions)
    assert all({regions_of[host] for host in wave.hosts} == set(wave.regions) for wave in waves)


def test_regions_in_turn_or_together() -> None:
    assert [wave.hosts for wave in rollout().waves] == [("e1",), ("e2", "e3"), ("a1",), ("a2",)]
    assert [wave.hosts for wave in rollout(together=True).waves] == [("e1", "a1"), ("e2", "e3", "a2")]
    assert rollout().hosts == ["e1", "e2", "e3", "a1", "a2"]


def test_the_wave_of_a_batch() -> None:
    assert rollout().wave_of(["e3"]).number == 2
    for hosts in (["e1", "e2"], ["other"]):
        with pytest.raises(ValueError, match="not in one wave"):
            rollout().wave_of(hosts)


def test_an_appliance_waits_for_its_window() -> None:
    closed = {"e1": ("01:00-02:00 UTC",), "e2": ("01:00-02:00 UTC",), "e3": ("11:00-13:00 UTC",)}
    plan = rollout(windows=closed, unchanged=frozenset({"e2"}))
    first = hold_back(plan, plan.waves[0], Results(), NOON)
    assert (first["e1"].result, "01:00-02:00 UTC" in first["e1"].detail) == (Result.NOT_STARTED, True)
    second = hold_back(plan, plan.waves[1], Results({"e1": DONE}), NOON)
    assert second == {"e2": HostResult(Result.DONE, "unchanged")}, "an unchanged appliance needs no window"


def test_later_waves_wait_for_appliances_that_were_not_started() -> None:
    held = Results({"e1": HELD})
    in_turn, together = rollout(), rollout(together=True)
    assert {host: one.detail for host, one in hold_back(in_turn, in_turn.waves[3], held, NOON).items()} == {
        "a2": "wave 1 is not finished"
    }
    held = Results({"e1": HELD, "a1": DONE})
    assert set(hold_back(together, together.waves[1], held, NOON)) == {"e2", "e3"}, "only the region waits"
    assert hold_back(together, together.waves[1], Results({"e1": FAILED, "a1": DONE}), NOON) == {}


@pytest.mark.parametrize(
    ("failed", "max_failures", "stops"),
    [
        (0, "0", False),
        (1, "0", True),
        (1, "1", False),
        (2, "1", True),
        (1, "50%", False),
        (2, "50%", False),
        (3, "50%", True),
    ],
)
def test_when_a_rollout_stops(failed: int, max_failures: str, stops: bool) -> None:
    (wave,) = plan_waves({f"h{n}": "europe" for n in range(4)}, ["100%"], False)
    results = Results({host: FAILED if place < failed else DONE for place, host in enumerate(wave.hosts)})
    assert has_too_many_failures(wave, results, max_failures) is stops


def test_a_wave_without_success_stops_the_rollout() -> None:
    plan = rollout()
    assert has_too_many_failures(plan.waves[0], Results({"e1": FAILED}), "100%")
    assert not has_too_many_failures(plan.waves[0], Results({"e1": HELD}), "0"), "nothing failed"
