# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the next tasks of a run, by region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet import work
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import FleetState, Goal, Outcomes, Progress
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.orphans import find_orphans
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.progress import progress_of
from tests.unit.plugins.module_utils.fleet.picture import (
    AMERICAS,
    APJC,
    Box,
    Picture,
    api_down,
    device,
    no_scope,
    onboarded,
    unreachable,
)
from tests.unit.plugins.module_utils.fleet.results import done, loop, outcomes_of

NEW = Box("a", registration="unregistered")
THERE = Box("b")


class Stage:
    """A run after some results: the rows, state and outcomes for the functions of work."""

    def __init__(self, picture: Picture, goal: Goal = Goal.PRESENT, **task_results: Any) -> None:
        self.goal = goal
        self.state: FleetState = picture.state(goal)
        self.outcomes: Outcomes = outcomes_of(self.state.settings.hosts, None, task_results)
        self.rows: dict[str, Progress] = progress_of(self.state, self.outcomes, goal)

    def tokens(self) -> dict[str, list[str]]:
        return by_region(work.token_options(self.rows, self.state, {}), "devices")

    def waits(self, predicted: bool = False) -> dict[str, list[str]]:
        return by_region(work.wait_options(self.rows, self.state, {}, predicted), "names")

    def modules(self) -> dict[str, list[dict[str, Any]]]:
        return by_region(work.module_options(self.rows, self.state, self.outcomes, {}, self.goal), "modules")


def by_region(options: work.ByRegion, key: str) -> dict[str, Any]:
    assert all(one["region"] == region for region, one in options.items())
    return {region: one[key] for region, one in options.items()}


def test_only_appliances_that_are_not_registered_need_a_token() -> None:
    stage = Stage(Picture([NEW, THERE], {"europe": [device("b")]}))
    assert stage.tokens() == {"europe": ["a.example.com"]}
    assert work.hosts_to_write(stage.rows, stage.state, stage.outcomes, Goal.PRESENT) == ["a"]
    assert stage.modules() == {
        "europe": [{"name": "b", "device": "b.example.com", "product": "esa", "request_timeframe_days": 30}]
    }


def test_options_are_grouped_by_region() -> None:
    stage = Stage(Picture([NEW, replace(NEW, host="c", region="apjc", server=APJC)]))
    assert stage.tokens() == {"europe": ["a.example.com"], "apjc": ["c.example.com"]}


@pytest.mark.parametrize(
    "picture",
    [
        Picture([NEW, replace(NEW, host="c", trouble=unreachable("c"))]),
        Picture([NEW, Box("c", server=None, registration="in_progress")]),
        Picture([NEW, replace(NEW, host="c", region="apjc", server=APJC)], devices_error={"apjc": api_down("apjc")}),
    ],
)
def test_a_stopped_appliance_is_left_out_of_all_options(picture: Picture) -> None:
    stage = Stage(picture)
    assert stage.tokens() == {"europe": ["a.example.com"]}
    assert (stage.waits(), stage.modules()) == ({}, {})
    assert work.hosts_to_write(stage.rows, stage.state, stage.outcomes, Goal.PRESENT) == ["a"]


def test_hosts_in_manual_mode_are_issued_no_tokens() -> None:
    stage = Stage(Picture([NEW], manual=True, devices_error={"europe": no_scope()}))
    assert stage.tokens() == {}
    assert work.manual_token_hosts(stage.rows) == {"europe": ["a"]}
    registered = Stage(
        Picture([NEW], manual=True, devices_error={"europe": no_scope()}), register={"a": done("a", "register")}
    )
    assert registered.waits() == {}, "the list of devices cannot be read"
    assert [item["device"] for item in registered.modules()["europe"]] == ["a.example.com"]


def test_a_prediction_does_not_wait_for_predicted_registrations() -> None:
    stage = Stage(Picture([NEW]), register={"a": done("a", "register")})
    assert stage.waits() == {"europe": ["a.example.com"]}
    assert stage.waits(predicted=True) == {}
    assert [item["device"] for item in stage.modules()["europe"]] == ["a.example.com"]


@pytest.mark.parametrize(
    ("shown", "waits"),
    [
        ([device("b", name="B.example.com")], False),
        ([device("b", "Pending")], True),
        ([device("b"), device("b", "Pending")], True),
        ([device("c")], True),
        ([], True),
    ],
)
def test_only_devices_not_shown_as_registered_are_waited_for(shown: list[dict[str, Any]], waits: bool) -> None:
    assert Stage(Picture([THERE], {"europe": shown})).waits() == ({"europe": ["b.example.com"]} if waits else {})


def known(options: work.ByRegion) -> list[tuple[str, str]]:
    (one,) = options.values()
    assert all(entry["region"] == one["region"] for entry in one["known_devices"])
    return [(entry["name"], entry["status"]) for entry in one["known_devices"]]


def test_known_devices_are_current() -> None:
    """Devices seen while waiting replace those of the reading, and pruned records are left out."""
    picture = Picture([NEW, THERE], prune=True)
    picture.devices["europe"] = [
        device("a", "Pending", id="id-a"),
        device("b"),
        device("b", "Unregistered", id="surplus"),
    ]
    now = [device("a", id="id-a"), device("d")]
    for failure in ({}, {"msg": "time is up", "missing": {"c.example.com": "not in SSE"}}):
        waited = loop(ansible_facts={"sse_devices": now}, **failure)
        stage = Stage(picture, register={"a": done("a", "register")}, wait=waited)
        options = work.module_options(stage.rows, stage.state, stage.outcomes, find_orphans(stage.state), Goal.PRESENT)
        assert known(options) == [
            ("a.example.com", "Registered"),
            ("b.example.com", "Registered"),
            ("d.example.com", "Registered"),
        ]
    down = replace(picture, devices_error={"europe": no_scope()}, manual=True)
    stage = Stage(down, register={"a": done("a", "register")})
    one = work.module_options(stage.rows, stage.state, stage.outcomes, {}, Goal.PRESENT)["europe"]
    assert "known_devices" not in one, "what was not read is not known to be empty"


def test_known_devices_of_tokens_exclude_removed_records() -> None:
    picture = Picture([NEW], {"europe": [device("a", "Unregistered"), device("x")]}, prune=True)
    stage = Stage(picture)
    kept = replace(picture, prune=False)
    unpruned = work.token_options(Stage(kept).rows, stage.state, {})
    assert known(unpruned) == [("a.example.com", "Unregistered"), ("x.example.com", "Registered")]
    assert known(work.token_options(stage.rows, stage.state, find_orphans(stage.state))) == [
        ("a.example.com", "Unregistered")
    ]


def test_devices_of_new_registrations_are_assumed() -> None:
    stage = Stage(Picture([NEW, THERE]), register={"a": done("a", "register")})
    one = work.module_options(stage.rows, stage.state, stage.outcomes, {}, Goal.PRESENT)["europe"]
    assert one["assumed_devices"] == ["a.example.com"]
    empty = work.module_options({}, stage.state, stage.outcomes, {}, Goal.PRESENT, ["apjc"])
    assert by_region(empty, "modules") == {"apjc": []}, "to read the modules"


def test_records_and_modules_of_a_move_are_removed_after_the_new_registration() -> None:
    picture = Picture([Box("a", server=AMERICAS)], {"americas": [device("a")]}, allow_move=True)
    before = {"server": AMERICAS, "registration": "registered"}
    moving = done("a", "deregister", "set_server", "commit", registration="unregistered", before=before)
    asked: tuple[Callable[..., work.ByRegion], ...] = (work.old_module_options, work.old_record_options)
    under_way = Stage(picture, enable={"a": moving})
    assert [each(under_way.rows, under_way.state) for each in asked] == [{}, {}]
    moved = Stage(picture, enable={"a": moving}, register={"a": done("a", "register")})
    modules, records = (each(moved.rows, moved.state) for each in asked)
    assert by_region(modules, "modules") == {"americas": [{"device": "id-a-registered", "product": "esa"}]}
    assert by_region(records, "devices") == {"americas": [{"id": "id-a-registered", "name": "a.example.com"}]}
    assert known(records) == [("a.example.com", "Registered")]


def test_a_removal_includes_every_record_of_the_name() -> None:
    picture = onboarded("a", "b")
    picture.boxes[1] = replace(picture.boxes[1], registration="unregistered")
    picture.devices["europe"].append(device("a", "Unregistered", name="A.example.com"))
    stage = Stage(picture, Goal.ABSENT)
    assert work.hosts_to_write(stage.rows, stage.state, stage.outcomes, Goal.ABSENT) == ["a"]
    assert [item["device"] for item in stage.modules()["europe"]] == ["a.example.com", "b.example.com"]
    ids = [item["id"] for item in by_region(work.record_options(stage.rows, stage.state), "devices")["europe"]]
    assert ids == ["id-a-registered", "id-a-unregistered", "id-b-registered"]


def test_a_reread_appliance_is_removed_from_its_new_state() -> None:
    picture = Picture([Box("a", trouble=unreachable("a"))], {"europe": [device("a")]})
    read = done("a", "deregister", registration="unregistered", before={"registration": "registered"})
    stage = Stage(picture, Goal.ABSENT, read_again={"a": read})
    assert work.hosts_to_write(stage.rows, stage.state, stage.outcomes, Goal.ABSENT) == ["a"]
    assert [item["device"] for item in stage.modules()["europe"]] == ["a.example.com"]


def test_orphaned_records_and_modules_are_pruned() -> None:
    picture = onboarded("a")
    picture.devices["europe"] += [device("x"), device("n", "Pending")]
    stage = Stage(
        picture,
        modules=loop(modules=[], orphans=[{"id": "m-1", "name": "Old", "product": "esa", "device_id": "gone"}]),
    )
    records = work.prune_record_options(find_orphans(stage.state), stage.state)["europe"]
    assert records["devices"] == [{"id": "id-x-registered", "name": "x.example.com", "allow_registered": True}]
    assert len(records["known_devices"]) == 3
    assert work.prune_module_options(stage.outcomes, stage.state) == {
        "europe": {"region": "europe", "modules": [{"id": "m-1", "product": "esa"}], "known_devices": []}
    }
