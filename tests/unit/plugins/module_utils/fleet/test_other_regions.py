# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of an appliance in other regions are always reported, and removed only if this is safe."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import Goal
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.notes import notes_of
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.other_regions import old_modules, old_records
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.progress import progress_of
from ansible_collections.emailsec.ctr.plugins.module_utils._report.wording import progress_row, reason_text
from tests.unit.plugins.module_utils.fleet.picture import APJC, EUROPE, Box, Picture, api_down, device
from tests.unit.plugins.module_utils.fleet.results import done, loop, outcomes_of

NAME = "a.example.com"
BOX = Box("a", region="apjc", server=APJC)
MOVED = done("a", "deregister", "set_server", "commit", before={"server": EUROPE, "registration": "registered"})
"""The first task deregistered the appliance from europe; it is now registered in apjc."""


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    return device("a", **{"id": f"id-{number}", "status": "Unregistered", "type": "ESA", **changes})


class Fleet:
    """An appliance of apjc with these records in europe. ``moved``: this run deregistered it from europe."""

    def __init__(
        self,
        *found: dict[str, Any],
        moved: bool = False,
        allow: bool = True,
        goal: Goal = Goal.PRESENT,
        boxes: tuple[Box, ...] = (BOX,),
        down: bool = False,
        **task_results: Any,
    ) -> None:
        devices = {"europe": list(found), "apjc": [record(9, status="Registered")]}
        picture = Picture(list(boxes), devices, allow_move=allow)
        if down:
            picture.devices_error["europe"] = api_down("europe")
        state = picture.state(goal)
        enable = {"enable": {"a": task_results.pop("first", MOVED)}} if moved else {}
        outcomes = outcomes_of(state.settings.hosts, task_results.pop("alive", None), {**enable, **task_results})
        rows = progress_of(state, outcomes, goal)
        self.records, self.modules = old_records(rows.values()), old_modules(rows.values())
        self.elsewhere = {host: row.elsewhere for host, row in rows.items()}
        self.rows = {host: progress_row(row) for host, row in rows.items()}
        self.notes = [reason_text(note) for note in notes_of(state, rows.values(), outcomes, {}, False)]


def test_a_record_in_another_region_is_reported_and_without_permission_kept() -> None:
    for found in (Fleet(record(), allow=False), Fleet(record(), goal=Goal.ABSENT)):
        assert found.rows["a"]["detail"] == "also in the SSE of europe: device id-1, Unregistered"
        assert found.rows["a"]["result"] == "ok"
        assert (found.records, found.modules) == ({}, {})


def test_with_permission_record_and_modules_are_removed_in_any_letter_case() -> None:
    found = Fleet(record(name="A.Example.com"))
    assert found.records == {"europe": [{"id": "id-1", "name": "A.Example.com"}]}, "as SSE has it"
    assert found.modules == {"europe": [{"device": "id-1", "product": "esa"}]}
    assert found.rows["a"]["detail"] == ""


@pytest.mark.parametrize(
    ("changes", "moved", "goes"),
    [
        ({"status": "Registered"}, False, False),
        ({"status": "Registered"}, True, True),
        ({"status": "Enrolled"}, False, False),
        ({"status": "Unregistered"}, False, True),
        ({"status": "Pending", "type": None}, False, False),
        ({"type": "SMA"}, False, True),
    ],
)
def test_a_record_that_may_belong_to_another_appliance_is_kept(
    changes: dict[str, Any], moved: bool, goes: bool
) -> None:
    found = Fleet(record(**changes), moved=moved)
    assert (found.records == {"europe": [{"id": "id-1", "name": NAME}]}) is goes
    assert ("also in the SSE of europe: device id-1" in found.rows["a"]["detail"]) is not goes


def test_devices_of_other_types_are_ignored() -> None:
    found = Fleet(record(type="WSA"), moved=True)
    assert (found.records, found.elsewhere["a"]) == ({}, [])


def test_a_record_of_an_appliance_of_that_region_is_kept() -> None:
    class Namesake(Box):
        @property
        def hostname(self) -> str:
            return NAME

    found = Fleet(record(), boxes=(BOX, Namesake("b")))
    assert (found.records, found.elsewhere["a"]) == ({}, [])


def test_nothing_is_removed_before_the_new_registration() -> None:
    under_way = {**MOVED, "cloud_service": {**MOVED["cloud_service"], "registration": "unregistered"}}
    for found in (Fleet(record(), moved=True, first=under_way), Fleet(record(), moved=True, alive=())):
        assert (found.records, found.modules) == ({}, {})


def deleted(**more: Any) -> dict[str, Any]:
    return {"name": NAME, "id": "id-1", "action": "deleted", "error": None, **more}


def test_the_row_shows_removed_records() -> None:
    found = Fleet(
        record(),
        old_modules=loop(modules=[deleted(id="m-1", device_id="id-1")]),
        old_records=loop(devices=[deleted()]),
    )
    assert found.rows["a"]["detail"] == "CTR module of europe deleted; SSE record of europe deleted"


def test_a_failed_removal_fails_only_its_own_appliance() -> None:
    other = device("b", "Unregistered", id="id-2", type="ESA")
    answers = [deleted(action="failed", error="SSE says no"), deleted(id="id-2", name="b.example.com")]
    turn = loop(msg="1 of 2 failed", devices=answers)
    found = Fleet(record(), other, boxes=(BOX, replace(BOX, host="b")), old_records=turn)
    assert [found.rows[host]["result"] for host in "ab"] == ["failed", "changed"]
    assert found.rows["a"]["reason"] == "moved to apjc, but its SSE record in europe still exists: SSE says no"


@pytest.mark.parametrize(("task", "what"), [("old_records", "SSE record"), ("old_modules", "CTR module")])
def test_a_failed_region_fails_the_appliances_with_records_there(task: str, what: str) -> None:
    found = Fleet(record(), **{task: loop(msg="cannot connect")})
    assert f"its {what} in europe still exists: cannot connect" in found.rows["a"]["reason"]
    other = Fleet(record(status="Registered"), **{task: loop(msg="cannot connect")})
    assert other.rows["a"]["result"] == "ok", "it had nothing to remove there"


def test_an_unread_old_region_fails_the_moved_appliance_at_the_end() -> None:
    under_way = Fleet(down=True, moved=True)
    assert under_way.rows["a"]["result"] != "failed"
    assert any(note.startswith("europe: its devices could not be read") for note in under_way.notes)
    module = {"name": "a", "error": None, "action": "created"}
    end = Fleet(down=True, moved=True, modules=loop("apjc", modules=[module]))
    assert end.rows["a"]["result"] == "failed"
    assert f"in europe still exist: {api_down('europe')} Fix: when europe is reachable" in end.rows["a"]["reason"]
    stayed = Fleet(down=True, modules=loop("apjc", modules=[{**module, "action": "none"}]))
    assert stayed.rows["a"]["result"] == "ok"


RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from([NAME, "A.example.com", "b.example.com"]),
            "type": st.sampled_from(["ESA", "SMA", "WSA", None]),
            "status": st.sampled_from(["Registered", "Unregistered", "Pending"]),
        }
    ),
    max_size=6,
).map(lambda found: [record(place, **one) for place, one in enumerate(found)])


@given(RECORDS, st.booleans(), st.booleans())
def test_each_record_of_the_name_is_either_removed_or_reported(
    found: list[dict[str, Any]], moved: bool, allow: bool
) -> None:
    fleet = Fleet(*found, moved=moved, allow=allow)
    removed = {item["id"] for item in fleet.records.get("europe", [])}
    reported = {one["id"] for one in found if f"device {one['id']}," in fleet.rows["a"]["detail"]}
    own = {one["id"] for one in found if one["name"].lower() == NAME and one["type"] != "WSA"}
    assert removed | reported == own
    assert not removed & reported
    assert not removed or allow
    if not moved:
        assert not removed & {one["id"] for one in found if one["status"] == "Registered"}
