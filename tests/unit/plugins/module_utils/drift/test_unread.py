# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A failed reading is always unknown, never ok or drift."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._drift.drift import APPLIANCE_CHECKS
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.modules import MODULE_CHECKS
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.records import RECORD_CHECKS
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import KNOWN_REGIONS
from tests.unit.examples import examples
from tests.unit.plugins.module_utils.fleet.drawn import pictures
from tests.unit.plugins.module_utils.fleet.picture import (
    Picture,
    api_down,
    checks,
    unexpected,
    unreachable,
    unreadable,
    verdicts,
)

ENDS = {"unknown", "refused"}


def readable(picture: Picture) -> list[int]:
    return [place for place, box in enumerate(picture.boxes) if box.trouble is None]


@examples(200)
@given(pictures())
def test_every_difference_has_a_step_or_a_reason(picture: Picture) -> None:
    report = picture.report()
    for row in report["appliances"].values():
        for check in row["checks"]:
            assert (check["verdict"] == "ok") <= (check["step"] is None), check
            assert check["verdict"] == "ok" or check["step"] or check["reason"], check
            if check["step"]:
                assert set(check["step"].split("; ")) <= set(row["steps"]), (check, row["steps"])
        assert (row["verdict"] == "ok") <= (row["steps"] == []), row
        assert row["steps"] == [] or row["verdict"] != "ok"
        if row["verdict"] == "drift":
            assert row["reason"] == ""
    for region in report["regions"].values():
        for check in region["checks"]:
            assert check["verdict"] == "ok" or check["step"] or check["reason"], check


@examples(100)
@given(pictures(), st.sampled_from([unreachable("x"), unreadable("x")]), st.data())
def test_an_appliance_that_cannot_be_read(picture: Picture, trouble: Any, data: st.DataObject) -> None:
    if not readable(picture):
        return
    healthy = picture.report()["appliances"]
    place = data.draw(st.sampled_from(readable(picture)))
    box = picture.boxes[place]
    picture.boxes[place] = replace(box, trouble=trouble)
    rows = picture.report()["appliances"]
    row = rows[box.host]
    assert (row["verdict"], row["steps"]) == ("unknown", [])
    assert row["reason"]
    got = verdicts(row)
    assert tuple(got) == APPLIANCE_CHECKS
    assert {got[code] for code in APPLIANCE_CHECKS[1:]} == {"unknown"}
    assert got["reachable"] == ("ok" if trouble.host and "refused the command" in trouble.problem else "unknown")
    # The other checks of the appliance are unchanged.
    own = ("reachable", "supported", "enabled", "server", "registration", "pending_changes")
    for host in set(rows) - {box.host}:
        for code in set(own) & set(verdicts(rows[host])) - {"server", "registration"}:
            assert checks(rows[host])[code]["found"] == checks(healthy[host])[code]["found"]


@examples(100)
@given(pictures(), st.sampled_from(list(KNOWN_REGIONS)))
def test_devices_of_a_region_that_cannot_be_read(picture: Picture, region: str) -> None:
    healthy = picture.report()
    picture.devices_error[region] = api_down(region)
    report = picture.report()
    for host, row in report["appliances"].items():
        got = verdicts(row)
        if row["region"] == region:
            dependent = set(got) & {*RECORD_CHECKS, *MODULE_CHECKS}
            assert dependent >= set(RECORD_CHECKS)
            assert {got[code] for code in dependent} <= {"unknown", "refused"}, row
            assert {got[code] for code in RECORD_CHECKS} == {"unknown"} or row["verdict"] in ENDS
            assert row["verdict"] in ENDS and row["steps"] in ([], ["wait until the cloud service is no longer busy"])
        elif healthy["appliances"][host]["verdict"] != "ok":
            hidden = checks(row).get("sse_region", {"reason": ""})["reason"]
            assert row["verdict"] != "ok" or f"{region} could not be read" in hidden
    if region in report["regions"]:
        got = verdicts(report["regions"][region])
        assert {got[code] for code in ("devices_read", "orphans", "duplicates", "stray_modules", "quota")} == {
            "unknown"
        }


@examples(100)
@given(pictures(), st.sampled_from(list(KNOWN_REGIONS)))
def test_modules_of_a_region_that_cannot_be_read(picture: Picture, region: str) -> None:
    healthy = picture.report()
    picture.modules_error[region] = api_down(region)
    report = picture.report()
    for host, row in report["appliances"].items():
        got = verdicts(row)
        if row["region"] == region:
            assert set(MODULE_CHECKS) <= set(got)
            assert {got[code] for code in MODULE_CHECKS} == {"unknown"}
            assert not [step for step in row["steps"] if step.startswith("module ")]
            before = checks(healthy["appliances"][host])
            for code in set(RECORD_CHECKS) & set(before) & set(got):
                assert checks(row)[code]["found"] == before[code]["found"]
        elif not picture.allow_move:
            assert row == healthy["appliances"][host]
    if region in report["regions"]:
        got = verdicts(report["regions"][region])
        assert {got[code] for code in ("modules_read", "module_types", "stray_modules", "shared_devices")} == {
            "unknown"
        }


@examples(100)
@given(pictures(), st.data())
def test_a_failure_after_the_state_was_read(picture: Picture, data: st.DataObject) -> None:
    """The state is known, but nothing is predicted."""
    if not readable(picture):
        return
    place = data.draw(st.sampled_from(readable(picture)))
    box = picture.boxes[place]
    picture.boxes[place] = replace(box, trouble_later=unexpected(box.host))
    row = picture.report()["appliances"][box.host]
    if box.registration != "in_progress":
        assert row["steps"] == []
        assert checks(row)["registration"]["found"] == box.registration
    assert not [check for check in row["checks"] if check["step"]]
    assert row["verdict"] == "unknown" or row["reason"]
