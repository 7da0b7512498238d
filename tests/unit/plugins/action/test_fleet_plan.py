# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts take part in the tasks of a run if they need a change or could not be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.action import fleet_plan
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import Action, Answer, Goal, TokensOutcome
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import plan_fleet
from tests.unit.plugins.module_utils.fleet.picture import (
    AMERICAS,
    EUROPE,
    Box,
    Picture,
    api_down,
    device,
    module,
    onboarded,
    too_old,
    unreachable,
)

OFF = Box("a", enabled=False, server=None, registration="unavailable")
NEW = Box("a", registration="unregistered")


def to_do(picture: Picture, goal: Goal = Goal.PRESENT) -> dict[str, Any]:
    return fleet_plan._to_do(picture.state(goal), picture.plan(goal), goal)


def in_europe(*hosts: str) -> dict[str, str]:
    return dict.fromkeys(hosts, "europe")


def beside_one_that_is_fine(box: Box) -> Picture:
    picture = onboarded("a", "fine")
    picture.boxes[0] = box
    return picture


@pytest.mark.parametrize("goal", Goal)
def test_without_changes_no_host_takes_part(goal: Goal) -> None:
    picture = onboarded("a", "b") if goal is Goal.PRESENT else Picture([OFF, replace(OFF, host="b")])
    found = to_do(picture, goal)
    assert (found["included"], found["enable"], found["read_again"]) == ({}, {}, {})


@pytest.mark.parametrize(
    ("box", "enable", "read_again"),
    [
        (OFF, ["a"], []),
        (Box("a", server=AMERICAS, registration="unregistered"), ["a"], []),
        (NEW, [], []),
        (replace(NEW, server=None), [], []),
        (Box("a", days=60), [], []),
        (Box("a", trouble=unreachable("a")), ["a"], ["a"]),
        (Box("a", trouble=too_old("a")), ["a"], ["a"]),
        (Box("a", registration="in_progress", server=None), ["a"], ["a"]),
        (replace(OFF, pending=True), ["a"], ["a"]),
    ],
)
def test_hosts_with_changes_and_unread_hosts_take_part(box: Box, enable: list[str], read_again: list[str]) -> None:
    """The unread appliance takes part, so that its own task fails."""
    picture = beside_one_that_is_fine(box)
    picture.devices["europe"] = [
        one for one in picture.devices["europe"] if one["name"] != "a.example.com" or box.days > 30
    ]
    found = to_do(picture)
    assert found["included"] == in_europe("a", "fine"), (
        "one that is fine carries the tasks of the regions if all others fail"
    )
    assert (found["enable"], found["read_again"]) == (in_europe(*enable), in_europe(*read_again))


def test_no_unchanged_host_is_added_if_all_hosts_have_changes() -> None:
    assert to_do(Picture([OFF, replace(OFF, host="b")]))["included"] == in_europe("a", "b")


def test_appliances_of_an_unread_region_are_skipped() -> None:
    for box in (OFF, Box("a", trouble=unreachable("a"))):
        found = to_do(Picture([box], devices_error={"europe": api_down("europe")}))
        assert (found["included"], found["enable"], found["read_again"]) == (in_europe("a"), {}, {}), (
            "it takes part to fail"
        )


def test_an_appliance_that_stops_later_still_has_its_first_task() -> None:
    picture = Picture([OFF], {"europe": [device("a")]})
    assert to_do(picture)["enable"] == in_europe("a")


@pytest.mark.parametrize(("action", "enable"), [(Action.FAILED, []), (Action.HANDED_OUT, ["a"])])
def test_an_appliance_whose_token_from_the_portal_is_unusable_is_not_enabled(action: Action, enable: list[str]) -> None:
    answer = Answer("a.example.com", None, action, "its token expired")
    picture = Picture([OFF], manual=True)
    state = replace(picture.state(Goal.PRESENT), portal_tokens={"europe": TokensOutcome((answer,))})
    found = fleet_plan._to_do(state, plan_fleet(state, Goal.PRESENT), Goal.PRESENT)
    assert (found["included"], found["enable"]) == (in_europe("a"), in_europe(*enable))


def test_pruning_alone_includes_one_host() -> None:
    picture = onboarded("a", "b")
    picture.devices["europe"].append(device("x"))
    picture.modules["europe"].append(module("Old", "vanished"))
    assert to_do(picture)["included"] == {}
    picture.prune = True
    found = to_do(picture)
    assert found["included"] == in_europe("a") and found["prunes"]
    assert [one["id"] for one in found["prune"]["records"]["europe"]["devices"]] == ["id-x-registered"]
    assert [one["id"] for one in found["prune"]["modules"]["europe"]["modules"]] == ["module-Old-vanished"]
    removal = to_do(picture, Goal.ABSENT)
    assert (removal["prune"], removal["prunes"]) == ({"modules": {}, "records": {}}, False)


def test_a_removal_includes_hosts_with_anything_to_remove() -> None:
    picture = Picture([Box("a"), replace(OFF, host="b"), replace(OFF, host="c")], {"europe": [device("b")]})
    found = to_do(picture, Goal.ABSENT)
    assert found["included"] == in_europe("a", "b", "c")
    assert found["enable"] == {}
    lost = to_do(Picture([Box("a", trouble=unreachable("a"))]), Goal.ABSENT)
    assert (lost["included"], lost["read_again"]) == (in_europe("a"), in_europe("a"))


def test_tasks_that_the_role_skips() -> None:
    found = to_do(onboarded("a"))
    assert (found["moves"], found["prunes"]) == (False, False)
    assert to_do(Picture([NEW], allow_move=True))["moves"]


def test_usable_regions() -> None:
    picture = Picture([NEW, replace(NEW, host="b", region="apjc", server=EUROPE)])
    picture.devices_error["apjc"] = api_down("apjc")
    state = picture.state()
    assert [name for name in state.settings.regions if fleet_plan._is_usable(state, name)] == ["europe"]
