# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands below the table of a report because it concerns no single appliance."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.state import fleet_state
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.table import note_lines, table_with_details

SETTINGS = {"a": {"region": "europe", "module_name": "a", "request_timeframe_days": 30}}


def notes(check_mode: bool = False, **results: Any) -> list[str]:
    return fleet_state(SETTINGS, {"a": {}}, ["a"], results, check_mode=check_mode)["notes"]


def turn(region: str = "europe", **values: Any) -> dict[str, Any]:
    return {"results": [{"item": region, **values}]}


def record(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": f"id-{number}", "name": f"d{number}", "status": "Registered", "removable": True, **changes}


def test_tokens_left_over_are_counted_and_none_left_over_is_no_note() -> None:
    assert notes(portal_tokens=turn(left_over=2, given=5)) == [
        "europe: 2 of 5 registration tokens of the portal were not used in this run."
    ]
    assert notes(portal_tokens=turn(left_over=0, given=5)) == []


def test_a_region_outside_the_play_that_cannot_be_read_is_said() -> None:
    (note,) = notes(devices=turn("apjc", msg="cannot connect"))
    assert note.startswith("apjc: its devices could not be read") and note.endswith("cannot connect")
    assert notes(devices=turn("europe", msg="cannot connect")) == []


def test_what_was_pruned_is_named_and_what_was_not_has_a_reason() -> None:
    orphans = {
        "europe": {
            "orphans": [record(1), record(2, removable=False)],
            "duplicates": [record(3), record(4, removable=False)],
            "unproven": "",
        }
    }
    pruned = {
        "orphans": orphans,
        "pruned_modules": turn(modules=[{"id": "m-1", "name": "M", "action": "deleted", "error": None}]),
        "pruned_records": turn(
            msg="1 of 2 failed",
            devices=[
                {"id": "id-1", "name": "d1", "action": "deleted", "error": None},
                {"id": "id-3", "name": "d3", "action": "failed", "error": "SSE says no"},
            ],
        ),
    }
    assert notes(**pruned) == [
        "europe: CTR module M (m-1) was removed.",
        "europe: SSE record d1 (id-1) was removed.",
        "europe: SSE record d3 (id-3) is still there: SSE says no",
        "europe: SSE record d2 (id-2, Registered) was left: no appliance claims it, but it is not certain that it is a "
        "leftover. Look at it in the SSE portal.",
        "europe: SSE record d4 (id-4, Registered) was left: its name stands twice, but it is not certain that it is a "
        "leftover. Look at it in the SSE portal.",
    ]
    assert notes(check_mode=True, **pruned)[0] == "europe: CTR module M (m-1) would be removed."


def test_while_something_is_unproven_every_record_that_stays_says_why() -> None:
    orphans = {"europe": {"orphans": [record(1)], "duplicates": [], "unproven": "b of the inventory was not read"}}
    (note,) = notes(orphans=orphans, pruned_records=turn(devices=[]))
    assert note.startswith("europe: SSE record d1 (id-1, Registered) was left: b of the inventory was not read. Run")


def test_a_turn_that_failed_as_a_whole_is_said_once() -> None:
    orphans = {"europe": {"orphans": [], "duplicates": [], "unproven": ""}}
    found = notes(orphans=orphans, pruned_modules=turn(msg="cannot connect"))
    assert found == ["europe: no CTR module was removed: cannot connect"]


def test_lines_below_a_table_cannot_steer_the_terminal() -> None:
    assert note_lines([]) == []
    assert note_lines(["one\n\x1b[31mtwo"]) == ["", "Note: one  [31mtwo"]


def test_details_stand_below_their_row() -> None:
    rows = [
        {"host": "a", "code": "bad", "evidence": "e" * 300, "remedy": "mend\x1b it"},
        {"host": "b", "code": "fine", "evidence": "e", "remedy": "r"},
        {"host": "c", "code": "bad", "evidence": "", "remedy": "r"},
    ]
    lines = table_with_details(["host", "code"], rows, ["evidence", "remedy"], lambda row: row["code"] == "fine")
    assert lines == [
        "HOST  CODE",
        "a     bad",
        f"    Evidence: {'e' * 300}",
        "    Remedy: mend  it",
        "b     fine",
        "c     bad",
        "    Remedy: r",
    ]
