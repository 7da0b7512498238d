# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One row per appliance from what the tasks have registered, and what is next for each region."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.state import (
    DUMMY_TOKEN,
    fleet_state,
    known_devices,
    registration_token,
    unread_regions,
)

TOKEN = "0123456789abcdef0123456789abcdef"


def settings(*hosts: str, region: str = "europe") -> dict[str, dict[str, Any]]:
    return {host: {"region": region, "module_name": f"module {host}", "request_timeframe_days": 30} for host in hosts}


def read(host: str, registration: str = "unregistered", **more: Any) -> dict[str, Any]:
    service = {"hostname": f"{host}.example.com", "product": "ESA", "registration": registration}
    return {"esa_ctr__read": {"cloud_service": service, "steps": [], **more}}


def loop(region: str = "europe", **turn: Any) -> dict[str, Any]:
    return {"results": [{"item": region, **turn}]}


def shown(name: str, status: str, number: int) -> dict[str, Any]:
    return {"id": f"id-{number}", "name": name, "type": "ESA", "status": status}


def listed(*devices: tuple[str, str], region: str = "europe") -> dict[str, Any]:
    return loop(
        region, ansible_facts={"sse_devices": [shown(*device, number) for number, device in enumerate(devices, 1)]}
    )


def device(host: str, action: str, **more: Any) -> dict[str, Any]:
    return {"name": f"{host}.example.com", "id": "id-1", "action": action, "error": None, **more}


def row(fleet: dict[str, Any], host: str) -> dict[str, Any]:
    return fleet["hosts"][host]


@pytest.mark.parametrize("state", ["Present", "ABSENT", "", "gone"])
def test_a_state_that_is_none_is_no_removal(state: str) -> None:
    with pytest.raises(ValueError, match="no such state"):
        fleet_state(settings("a"), {"a": read("a")}, ["a"], state=state)


def test_a_failure_of_a_region_is_one_note_and_a_short_word_for_each_appliance() -> None:
    hostvars = {"a": read("a"), "b": read("b")}
    fleet = fleet_state(settings("a", "b"), hostvars, ["a", "b"], results={"devices": loop(msg="cannot connect")})
    assert fleet["notes"] == ["europe: cannot connect (2 appliances)"]
    for host in ("a", "b"):
        assert row(fleet, host)["short_reason"] == "the region europe failed (see the message of the region)"
        assert "cannot connect" not in row(fleet, host)["detail"]
    alone = fleet_state(settings("a"), {"a": read("a")}, ["a"], results={"devices": loop(msg="cannot connect")})
    assert (alone["notes"], row(alone, "a")["detail"]) == ([], "cannot connect")


def test_only_appliances_that_are_not_registered_need_a_token() -> None:
    fleet = fleet_state(settings("a", "b"), {"a": read("a"), "b": read("b", "registered")}, ["a", "b"])
    assert fleet["without_token"] == {"europe": ["a.example.com"]}
    assert fleet["to_register"] == {"europe": ["a.example.com"]}
    assert [item["device"] for item in fleet["modules"]["europe"]] == ["b.example.com"]


def test_a_failed_appliance_is_left_out_of_everything_and_says_why() -> None:
    failed = {"esa_ctr__read": {"failed": True, "msg": "b: x", "problem": "too old.", "remedy": "upgrade."}}
    fleet = fleet_state(settings("a", "b"), {"a": read("a"), "b": failed}, ["a"])
    assert row(fleet, "b")["result"] == "failed"
    assert row(fleet, "b")["reason"] == "too old. Remedy: upgrade."
    assert fleet["without_token"] == {"europe": ["a.example.com"]}


def test_an_unreachable_appliance_says_why() -> None:
    lost = {"esa_ctr__read": {"unreachable": True, "msg": "Task failed: a (192.0.2.1:22): no answer"}}
    assert row(fleet_state(settings("a"), {"a": lost}, []), "a")["reason"] == "no answer"


def test_an_appliance_that_an_unknown_task_stopped_counts_as_failed() -> None:
    assert row(fleet_state(settings("a"), {"a": read("a")}, []), "a")["failed"]


def test_two_appliances_of_one_host_name_both_stop() -> None:
    fleet = fleet_state(settings("a", "b"), {"a": read("same"), "b": read("same")}, ["a", "b"])
    assert [row(fleet, host)["failed"] for host in "ab"] == [True, True]
    assert "same.example.com" in row(fleet, "a")["reason"]
    assert fleet["without_token"] == {}


def test_while_the_loop_is_under_way_its_register_is_no_result() -> None:
    fleet = fleet_state(settings("a"), {"a": read("a")}, ["a"], results={"tokens": {"item": "europe", "devices": []}})
    assert not row(fleet, "a")["failed"]


def test_a_region_whose_api_is_down_stops_its_appliances_that_need_a_token() -> None:
    hostvars = {"a": read("a"), "b": read("b", "registered")}
    fleet = fleet_state(settings("a", "b"), hostvars, ["a", "b"], results={"tokens": loop(msg="cannot connect")})
    assert row(fleet, "a")["reason"] == "cannot connect"
    assert not row(fleet, "b")["failed"]


def test_a_device_that_got_no_token_stops_alone() -> None:
    answer = loop(msg="1 of 2 failed", devices=[device("a", "failed", error="conflict"), device("b", "added")])
    fleet = fleet_state(settings("a", "b"), {"a": read("a"), "b": read("b")}, ["a", "b"], results={"tokens": answer})
    assert "conflict" in row(fleet, "a")["reason"]
    assert not row(fleet, "b")["failed"]


def test_a_registered_record_of_an_unregistered_appliance_is_explained() -> None:
    fleet = fleet_state(settings("a"), {"a": read("a")}, ["a"], results={"tokens": loop(devices=[device("a", "none")])})
    assert "id-1" in row(fleet, "a")["reason"] and "leftover" in row(fleet, "a")["reason"]


def test_only_the_missing_devices_of_a_wait_stop() -> None:
    hostvars = {host: read(host, "registered") for host in "ab"}
    waited = loop(msg="time is up", missing={"b.example.com": "Pending"})
    fleet = fleet_state(settings("a", "b"), hostvars, ["a", "b"], results={"waited": waited})
    assert [row(fleet, host)["failed"] for host in "ab"] == [False, True]
    everyone = fleet_state(settings("a", "b"), hostvars, ["a", "b"], results={"waited": loop(msg="cannot connect")})
    assert [row(everyone, host)["failed"] for host in "ab"] == [True, True]


def test_the_module_of_each_appliance_is_judged_by_its_name() -> None:
    hostvars = {host: read(host, "registered") for host in "abc"}
    answer = loop(
        msg="1 of 2 failed",
        modules=[
            {"name": "module a", "action": "created", "error": None},
            {"name": "module b", "action": "failed", "error": "no such device"},
            {"name": "module c", "action": "none", "error": None},
        ],
    )
    fleet = fleet_state(settings("a", "b", "c"), hostvars, ["a", "b", "c"], results={"modules": answer})
    assert [row(fleet, host)["result"] for host in "abc"] == ["changed", "failed", "ok"]
    assert "no such device" in row(fleet, "b")["detail"]


def test_check_mode_does_not_wait_for_what_it_did_not_register() -> None:
    variables = read("a")
    variables["esa_ctr__written"] = {"cloud_service": {"registration": "registered"}, "steps": ["register"]}
    arguments: tuple[Any, ...] = (settings("a"), {"a": variables}, ["a"])
    assert fleet_state(*arguments)["to_wait_for"] == {"europe": ["a.example.com"]}
    predicted = fleet_state(*arguments, check_mode=True)
    assert predicted["to_wait_for"] == {}
    assert [item["device"] for item in predicted["modules"]["europe"]] == ["a.example.com"]


@pytest.mark.parametrize(
    ("shown", "waits"),
    [
        ([("A.example.com", "Registered")], False),
        ([("a.example.com", "Pending")], True),
        ([("a.example.com", "Registered"), ("a.example.com", "Pending")], True),
        ([("b.example.com", "Registered")], True),
        ([], True),
    ],
)
def test_only_what_sse_does_not_show_as_registered_yet_is_waited_for(shown: list[tuple[str, str]], waits: bool) -> None:
    fleet = fleet_state(settings("a"), {"a": read("a", "registered")}, ["a"], results={"devices": listed(*shown)})
    assert fleet["to_wait_for"] == ({"europe": ["a.example.com"]} if waits else {})


def test_a_region_that_cannot_be_read_stops_its_appliances_before_they_are_touched() -> None:
    wanted = {**settings("a", "b"), **settings("c", region="apjc")}
    devices = {"results": [{"item": "europe", "msg": "cannot connect"}, {"item": "apjc", "ansible_facts": {}}]}
    assert unread_regions(wanted, devices) == {"europe": "cannot connect"}
    fleet = fleet_state(wanted, {"a": {}, "b": {}, "c": read("c")}, "abc", results={"devices": devices})
    assert [row(fleet, host)["reason"] for host in "abc"] == ["cannot connect", "cannot connect", ""]
    assert fleet["without_token"] == {"apjc": ["c.example.com"]}


def test_with_tokens_of_the_portal_a_missing_scope_stops_nothing_and_any_other_trouble_does() -> None:
    wanted = {host: {**values, "by_hand": host == "a"} for host, values in settings("a", "b").items()}
    hostvars = {"a": read("a"), "b": read("b")}
    forbidden = {"devices": loop(msg="missing scopes: sse", http_status=403)}
    fleet = fleet_state(wanted, hostvars, "ab", results=forbidden)
    assert [row(fleet, host)["failed"] for host in "ab"] == [False, True]
    assert fleet["without_portal_token"] == {"europe": ["a"]}
    assert fleet["without_token"] == {}
    assert fleet["to_register"] == {"europe": ["a.example.com"]}
    down = fleet_state(wanted, hostvars, "ab", results={"devices": loop(msg="cannot connect", http_status=None)})
    assert [row(down, host)["failed"] for host in "ab"] == [True, True]
    alone = {"a": wanted["a"]}
    assert unread_regions(alone, forbidden["devices"]) == {}
    assert unread_regions(alone, loop(msg="bad gateway", http_status=502)) == {"europe": "bad gateway"}


def test_without_the_list_of_devices_nobody_waits_for_a_device_that_came_with_a_token_of_the_portal() -> None:
    wanted = {"a": {**settings("a")["a"], "by_hand": True}}
    variables = read("a")
    variables["esa_ctr__written"] = {"cloud_service": {"registration": "registered"}, "steps": ["register"]}
    results = {"devices": loop(msg="missing scopes: sse", http_status=403)}
    fleet = fleet_state(wanted, {"a": variables}, ["a"], results=results)
    assert fleet["to_wait_for"] == {}
    assert [item["device"] for item in fleet["modules"]["europe"]] == ["a.example.com"]


def test_what_is_to_be_entered_in_the_portal_is_a_note_and_no_failure() -> None:
    answer = loop(modules=[{"name": "module a", "action": "by_hand", "error": None, "by_hand": "Enter it."}])
    fleet = fleet_state(settings("a"), {"a": read("a", "registered")}, ["a"], results={"modules": answer})
    assert (row(fleet, "a")["result"], row(fleet, "a")["module"], row(fleet, "a")["detail"]) == (
        "ok",
        "by hand",
        "Enter it.",
    )


def test_an_appliance_whose_enable_was_not_committed_gets_no_token() -> None:
    fleet = fleet_state(settings("a"), {"a": read("a", "unavailable")}, ["a"])
    assert row(fleet, "a")["failed"] and "was not committed" in row(fleet, "a")["reason"]
    assert fleet["without_token"] == {}


def test_a_task_of_a_removal_is_taken_by_what_it_found_not_by_what_it_predicts() -> None:
    variables = read(
        "a", "registered", steps=["register"], diff={"before": read("a")["esa_ctr__read"]["cloud_service"]}
    )
    fleet = fleet_state(settings("a"), {"a": variables}, ["a"], state="absent")
    assert row(fleet, "a")["registration"] == "unregistered"
    assert row(fleet, "a")["steps"] == []
    assert row(fleet, "a")["to_write"]


def test_a_removal_takes_every_record_of_the_name_and_names_the_one_that_stays() -> None:
    before = {"hostname": "a.example.com", "product": "ESA", "registration": "unregistered"}
    variables = {"esa_ctr__read": {"diff": {"before": before}, "steps": []}}
    devices = listed(
        ("a.example.com", "Unregistered"), ("A.example.com", "Registered"), ("b.example.com", "Registered")
    )
    arguments: tuple[Any, ...] = (settings("a"), {"a": variables}, ["a"])
    fleet = fleet_state(*arguments, results={"devices": devices}, state="absent")
    assert [item["id"] for item in fleet["records"]["europe"]] == ["id-1", "id-2"]
    assert [item["device"] for item in fleet["modules"]["europe"]] == ["a.example.com"]
    answer = {"id": "id-1", "action": "deleted", "error": None}
    done = fleet_state(*arguments, results={"devices": devices, "records": loop(devices=[answer])}, state="absent")
    assert row(done, "a")["done"] == ["SSE record deleted"]
    stays = {"id": "id-2", "action": "failed", "error": "SSE says no"}
    part = loop(msg="1 of 2 failed", devices=[answer, stays])
    half = fleet_state(*arguments, results={"devices": devices, "records": part}, state="absent")
    assert row(half, "a")["failed"] and "SSE says no" in row(half, "a")["reason"]


def test_the_token_of_a_device_is_found_and_a_dummy_stands_for_it_in_check_mode() -> None:
    issued = loop(devices=[device("a", "added")], tokens=[{"name": "a.example.com", "token": TOKEN}])
    assert registration_token(issued, {}, "europe", "a.example.com") == TOKEN
    assert registration_token({}, issued, "europe", "a.example.com") == TOKEN
    assert registration_token(issued, {}, "apjc", "a.example.com") is None
    predicted = loop(devices=[device("a", "added"), device("b", "none"), device("c", "handed_out")], tokens=[])
    assert registration_token(predicted, {}, "europe", "a.example.com", check_mode=True) == DUMMY_TOKEN
    assert registration_token(predicted, {}, "europe", "b.example.com", check_mode=True) is None
    assert registration_token({}, predicted, "europe", "c.example.com", check_mode=True) == DUMMY_TOKEN


def test_devices_are_known_as_they_are_by_now() -> None:
    first = listed(("a", "Pending"), ("b", "Registered"), ("c", "Registered"))
    now = loop(ansible_facts={"sse_devices": [shown("a", "Registered", 1), shown("d", "Registered", 9)]})
    known = known_devices(first, "europe", now, [{"id": "id-3"}])
    assert [(device["name"], device["status"]) for device in known] == [
        ("a", "Registered"),
        ("b", "Registered"),
        ("d", "Registered"),
    ]
    in_vain = {"results": [{**now["results"][0], "msg": "time is up", "missing": {"c": "not in SSE"}}]}
    assert known_devices(first, "europe", in_vain, [{"id": "id-3"}]) == known, "the others have come"
    assert known_devices(first, "apjc", unread="omitted") == "omitted"
    assert known_devices(loop(msg="cannot connect"), "europe", unread="omitted") == "omitted"
