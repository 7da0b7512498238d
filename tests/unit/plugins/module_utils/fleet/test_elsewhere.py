# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of an appliance in a region other than the wanted one: always reported, and removed only where that is safe."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.state import fleet_state

EUROPE = "api.eu.sse.itd.cisco.com"
NAME = "a.example.com"


def wanted(*hosts: str, region: str = "apjc") -> dict[str, dict[str, Any]]:
    return {host: {"region": region, "module_name": host, "request_timeframe_days": 30} for host in hosts}


def variables(host: str = "a", moved: bool = False, registration: str = "registered") -> dict[str, Any]:
    service = {"hostname": f"{host}.example.com", "product": "ESA", "registration": registration}
    before = {**service, "server": EUROPE if moved else "api.apj.sse.itd.cisco.com", "registration": "registered"}
    steps = ["deregister", "set the server to x", "commit (c)"] if moved else []
    return {"esa_ctr__read": {"cloud_service": service, "steps": steps, "diff": {"before": before}}}


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {"id": f"id-{number}", "name": NAME, "type": "ESA", "status": "Unregistered", **changes}


def devices(*found: dict[str, Any], own: bool = True, **other: Any) -> dict[str, Any]:
    """Of the old region europe, and of apjc, where the appliance is registered by now."""
    old = {"item": "europe", **(other or {"ansible_facts": {"sse_devices": list(found)}})}
    here = [record(9, status="Registered")] if own else []
    return {"results": [old, {"item": "apjc", "ansible_facts": {"sse_devices": here}}]}


def fleet(shown: dict[str, Any], *, moved: bool = False, allow: bool = True, **results: Any) -> dict[str, Any]:
    return fleet_state(
        wanted("a"), {"a": variables(moved=moved)}, ["a"], {"devices": shown, **results}, allow_move=allow
    )


def done(region: str, key: str, **entry: Any) -> dict[str, Any]:
    return {"results": [{"item": region, "msg": "1 failed" if entry.get("error") else None, key: [entry]}]}


def test_a_record_elsewhere_is_always_reported_and_without_leave_never_removed() -> None:
    result = fleet(devices(record()), allow=False)
    row = result["hosts"]["a"]
    assert row["detail"] == "also in the SSE of europe: device id-1, Unregistered"
    assert row["result"] == "ok"
    assert (result["old_records"], result["old_modules"]) == ({}, {})


def test_with_leave_it_goes_with_its_modules_and_the_name_in_any_case_of_letters() -> None:
    result = fleet(devices(record(name="A.Example.com")))
    assert result["old_records"] == {"europe": [{"id": "id-1", "name": "A.Example.com"}]}, "as SSE has it"
    assert result["old_modules"] == {"europe": [{"device": "id-1", "product": "esa"}]}
    assert result["hosts"]["a"]["detail"] == ""


@pytest.mark.parametrize(
    ("changes", "moved", "goes"),
    [
        ({"status": "Registered"}, False, False),
        ({"status": "Registered"}, True, True),
        ({"status": "Enrolled"}, False, False),
        ({"status": ""}, False, False),
        ({"status": "Unregistered"}, False, True),
        ({"status": "Pending", "type": None}, False, False),
        ({"type": "SMA"}, False, True),
    ],
)
def test_what_may_be_of_another_appliance_is_reported_and_left(
    changes: dict[str, Any], moved: bool, goes: bool
) -> None:
    result = fleet(devices(record(**changes)), moved=moved)
    assert (result["old_records"] == {"europe": [{"id": "id-1", "name": NAME}]}) is goes
    assert ("also in the SSE of europe: device id-1" in result["hosts"]["a"]["detail"]) is not goes


def test_a_device_of_another_type_is_none_of_ours() -> None:
    result = fleet(devices(record(type="WSA")), moved=True)
    assert (result["old_records"], result["hosts"]["a"]["elsewhere"]) == ({}, [])


def test_what_an_appliance_of_that_region_claims_is_its_own() -> None:
    both = {**wanted("a"), **wanted("b", region="europe")}
    hostvars = {"a": variables(), "b": variables("b")}
    hostvars["b"]["esa_ctr__read"]["cloud_service"]["hostname"] = NAME
    result = fleet_state(both, hostvars, ["a", "b"], {"devices": devices(record())}, allow_move=True)
    assert result["old_records"] == {}
    assert result["hosts"]["a"]["elsewhere"] == []


def test_nothing_goes_before_the_appliance_is_registered_anew() -> None:
    arguments: tuple[Any, ...] = (wanted("a"), {"a": variables(moved=True, registration="unregistered")}, ["a"])
    result = fleet_state(*arguments, {"devices": devices(record())}, allow_move=True)
    assert (result["old_records"], result["old_modules"]) == ({}, {})
    failed = fleet_state(wanted("a"), {"a": variables(moved=True)}, [], {"devices": devices(record())}, allow_move=True)
    assert (failed["old_records"], failed["old_modules"]) == ({}, {})


def test_what_was_removed_stands_in_the_row() -> None:
    result = fleet(
        devices(record()),
        old_modules=done("europe", "modules", device_id="id-1", action="deleted"),
        old_records=done("europe", "devices", id="id-1", action="deleted"),
    )
    assert result["hosts"]["a"]["detail"] == "CTR module of europe deleted; SSE record of europe deleted"


def test_what_is_still_there_fails_its_own_appliance_alone() -> None:
    both = wanted("a", "b")
    other = record(2, name="b.example.com")
    answers = {
        "results": [
            {
                "item": "europe",
                "msg": "1 of 2 failed",
                "devices": [
                    {"id": "id-1", "action": "failed", "error": "SSE says no"},
                    {"id": "id-2", "action": "deleted", "error": None},
                ],
            }
        ]
    }
    hostvars = {host: variables(host) for host in "ab"}
    result = fleet_state(
        both, hostvars, "ab", {"devices": devices(record(), other), "old_records": answers}, allow_move=True
    )
    assert [result["hosts"][host]["failed"] for host in "ab"] == [True, False]
    assert result["hosts"]["a"]["reason"] == ("moved to apjc, but its SSE record of europe is still there: SSE says no")


def test_a_turn_that_failed_as_a_whole_fails_those_whose_records_it_had() -> None:
    result = fleet(devices(record()), old_records={"results": [{"item": "europe", "msg": "cannot connect"}]})
    assert "SSE record of europe is still there: cannot connect" in result["hosts"]["a"]["reason"]


def test_an_old_region_that_cannot_be_read_fails_the_appliance_that_left_it_at_the_end() -> None:
    down = devices(msg="cannot connect")
    under_way = fleet(down, moved=True)
    assert not under_way["hosts"]["a"]["failed"]
    assert under_way["notes"][0].startswith("europe: its devices could not be read")
    end = fleet(down, moved=True, modules=done("apjc", "modules", name="a", action="created"))
    assert end["hosts"]["a"]["failed"]
    assert "of europe are still there: cannot connect Remedy: run again" in end["hosts"]["a"]["reason"]
    stayed = fleet(down, modules=done("apjc", "modules", name="a", action="none"))
    assert not stayed["hosts"]["a"]["failed"]


RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from([NAME, "A.example.com", "b.example.com"]),
            "type": st.sampled_from(["ESA", "SMA", "WSA", None]),
            "status": st.sampled_from(["Registered", "Unregistered", "Pending"]),
        }
    ),
    max_size=6,
).map(lambda found: [{**one, "id": f"id-{place}"} for place, one in enumerate(found)])


@given(RECORDS, st.booleans(), st.booleans())
def test_each_record_of_the_name_is_either_removed_or_reported(
    found: list[dict[str, Any]], moved: bool, allow: bool
) -> None:
    result = fleet(devices(*found), moved=moved, allow=allow)
    row = result["hosts"]["a"]
    removed = {item["id"] for item in result["old_records"].get("europe", [])}
    reported = {one["id"] for one in found if f"device {one['id']}," in row["detail"]}
    own = {one["id"] for one in found if one["name"].lower() == NAME and one["type"] != "WSA"}
    assert removed | reported == own
    assert not removed & reported
    assert not removed or allow
    if not moved:
        assert not removed & {one["id"] for one in found if one["status"] == "Registered"}
