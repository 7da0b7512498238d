# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notes below the table of a report, which do not concern a single appliance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import Goal
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.notes import notes_of
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.orphans import Orphans, SurplusRecord
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.progress import progress_of
from ansible_collections.emailsec.ctr.plugins.module_utils._report.wording import reason_text
from tests.unit.plugins.module_utils.fleet.picture import Box, Picture, api_down, device, onboarded
from tests.unit.plugins.module_utils.fleet.results import loop, outcomes_of

DOWN = {"msg": "cannot connect"}


def notes(
    picture: Picture | None = None, orphans: Orphans | None = None, predicted: bool = False, **task_results: Any
) -> list[str]:
    state = (picture or onboarded("a")).state()
    outcomes = outcomes_of(state.settings.hosts, None, task_results)
    rows = progress_of(state, outcomes, Goal.PRESENT)
    found = {"europe": orphans} if orphans else {}
    return [reason_text(note) for note in notes_of(state, rows.values(), outcomes, found, predicted)]


def strays(*numbers: int, left: Iterable[int] = ()) -> tuple[SurplusRecord, ...]:
    return tuple(SurplusRecord(Device(f"id-{one}", f"d{one}", "Registered"), one not in left) for one in numbers)


def test_unused_tokens_are_counted_in_a_note() -> None:
    assert notes(tokens=loop(left_over=2, given=5)) == [
        "europe: 2 of 5 registration tokens from the portal were not used in this run."
    ]
    assert notes(tokens=loop(left_over=0, given=5)) == []


def test_an_unused_region_that_cannot_be_read_is_a_note() -> None:
    picture = onboarded("a")
    picture.devices_error["apjc"] = api_down("apjc")
    (note,) = notes(picture)
    assert note.startswith("apjc: its devices could not be read") and note.endswith(str(api_down("apjc")))
    assert notes(Picture([Box("a")], devices_error={"europe": api_down("europe")})) == [], "its row says so"


def test_a_failure_of_a_region_is_one_note_with_the_number_of_appliances() -> None:
    picture = Picture([Box(f"h{number}", registration="unregistered") for number in range(200)])
    picture.boxes.append(replace(picture.boxes[0], host="far", region="apjc", server=None))
    task_results = {"results": [*loop(**DOWN)["results"], *loop("apjc", **DOWN)["results"]]}
    assert notes(picture, tokens=task_results) == ["europe: cannot connect (200 appliances)"], (
        "what one has alone is in its row"
    )
    assert notes(picture, tokens=loop(devices=[])) == [], "a reason of an appliance is never shared"


def test_two_failures_of_a_region_are_two_notes() -> None:
    """Some appliances got no token, and others no module."""
    picture = Picture([Box(host, registration="unregistered") for host in "ab"] + [Box(host) for host in "cd"])
    picture.devices["europe"] = [device(host) for host in "cd"]
    found = notes(picture, tokens=loop(msg="no answer"), modules=loop(msg="forbidden"))
    assert sorted(found) == ["europe: forbidden (2 appliances)", "europe: no answer (2 appliances)"]
    assert notes(picture, tokens=loop(**DOWN), modules=loop(**DOWN)) == ["europe: cannot connect (4 appliances)"]


def test_notes_name_removed_records_and_the_reasons_of_kept_records() -> None:
    orphans = Orphans(strays(1, 2, left=[2]), strays(3, 4, left=[4]))
    pruned = {
        "pruned_modules": loop(modules=[{"id": "m-1", "name": "M", "action": "deleted", "error": None}]),
        "pruned_records": loop(
            msg="1 of 2 failed",
            devices=[
                {"id": "id-1", "name": "d1", "action": "deleted", "error": None},
                {"id": "id-3", "name": "d3", "action": "failed", "error": "SSE says no"},
            ],
        ),
    }
    assert notes(orphans=orphans, **pruned) == [
        "europe: CTR module M (m-1) was removed.",
        "europe: SSE record d1 (id-1) was removed.",
        "europe: SSE record d3 (id-3) was not removed: SSE says no",
        "europe: SSE record d2 (id-2, Registered) was not removed: orphaned record, but it may still be in use. "
        "Check it in the SSE portal.",
        "europe: SSE record d4 (id-4, Registered) was not removed: duplicate name, but it may still be in use. "
        "Check it in the SSE portal.",
    ]
    assert notes(orphans=orphans, predicted=True, **pruned)[0] == "europe: CTR module M (m-1) would be removed."


def test_kept_records_name_the_unproven_appliances() -> None:
    (note,) = notes(orphans=Orphans(strays(1), unproven=("b",)), pruned_records=loop(devices=[]))
    assert note.startswith(
        "europe: SSE record d1 (id-1, Registered) was not removed: b was neither read in this run nor found by name "
        "among the registered devices of SSE, so a record may belong to it under another name. Rerun without --limit"
    )


def test_a_failed_removal_of_a_region_is_one_note() -> None:
    assert notes(orphans=Orphans(), pruned_modules=loop(**DOWN)) == [
        "europe: no CTR module was removed: cannot connect"
    ]
