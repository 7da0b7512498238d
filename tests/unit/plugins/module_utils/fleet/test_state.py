# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One row per appliance from what the tasks have registered, and what is next for each region."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.state import (
    DUMMY_TOKEN,
    fleet_state,
    registration_token,
)

TOKEN = "0123456789abcdef0123456789abcdef"


def settings(*hosts: str, region: str = "europe") -> dict[str, dict[str, Any]]:
    return {host: {"region": region, "module_name": f"module {host}", "request_timeframe_days": 30} for host in hosts}


def read(host: str, registration: str = "unregistered", **more: Any) -> dict[str, Any]:
    service = {"hostname": f"{host}.example.com", "product": "ESA", "registration": registration}
    return {"esa_ctr__read": {"cloud_service": service, "steps": [], **more}}


def loop(region: str = "europe", **turn: Any) -> dict[str, Any]:
    return {"results": [{"item": region, **turn}]}


def device(host: str, action: str, **more: Any) -> dict[str, Any]:
    return {"name": f"{host}.example.com", "id": "id-1", "action": action, "error": None, **more}


def row(fleet: dict[str, Any], host: str) -> dict[str, Any]:
    return fleet["hosts"][host]


def test_only_appliances_that_are_not_registered_need_a_token() -> None:
    fleet = fleet_state(settings("a", "b"), {"a": read("a"), "b": read("b", "registered")}, ["a", "b"])
    assert fleet["without_token"] == {"europe": ["a.example.com"]}
    assert fleet["registered"] == {"europe": ["b.example.com"]}
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
    fleet = fleet_state(settings("a"), {"a": read("a")}, ["a"], tokens={"item": "europe", "devices": []})
    assert not row(fleet, "a")["failed"]


def test_a_region_whose_api_is_down_stops_its_appliances_that_need_a_token() -> None:
    hostvars = {"a": read("a"), "b": read("b", "registered")}
    fleet = fleet_state(settings("a", "b"), hostvars, ["a", "b"], tokens=loop(msg="cannot connect"))
    assert row(fleet, "a")["reason"] == "cannot connect"
    assert not row(fleet, "b")["failed"]


def test_a_device_that_got_no_token_stops_alone() -> None:
    answer = loop(msg="1 of 2 failed", devices=[device("a", "failed", error="conflict"), device("b", "added")])
    fleet = fleet_state(settings("a", "b"), {"a": read("a"), "b": read("b")}, ["a", "b"], tokens=answer)
    assert "conflict" in row(fleet, "a")["reason"]
    assert not row(fleet, "b")["failed"]


def test_a_registered_record_of_an_unregistered_appliance_is_explained() -> None:
    fleet = fleet_state(settings("a"), {"a": read("a")}, ["a"], tokens=loop(devices=[device("a", "none")]))
    assert "id-1" in row(fleet, "a")["reason"] and "leftover" in row(fleet, "a")["reason"]


def test_only_the_missing_devices_of_a_wait_stop() -> None:
    hostvars = {host: read(host, "registered") for host in "ab"}
    waited = loop(msg="time is up", missing={"b.example.com": "Pending"})
    fleet = fleet_state(settings("a", "b"), hostvars, ["a", "b"], waited=waited)
    assert [row(fleet, host)["failed"] for host in "ab"] == [False, True]
    everyone = fleet_state(settings("a", "b"), hostvars, ["a", "b"], waited=loop(msg="cannot connect"))
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
    fleet = fleet_state(settings("a", "b", "c"), hostvars, ["a", "b", "c"], modules=answer)
    assert [row(fleet, host)["result"] for host in "abc"] == ["changed", "failed", "ok"]
    assert "no such device" in row(fleet, "b")["detail"]


def test_check_mode_does_not_wait_for_what_it_did_not_register() -> None:
    variables = read("a")
    variables["esa_ctr__written"] = {"cloud_service": {"registration": "registered"}, "steps": ["register"]}
    arguments: tuple[Any, ...] = (settings("a"), {"a": variables}, ["a"])
    assert fleet_state(*arguments)["registered"] == {"europe": ["a.example.com"]}
    predicted = fleet_state(*arguments, check_mode=True)
    assert predicted["registered"] == {}
    assert [item["device"] for item in predicted["modules"]["europe"]] == ["a.example.com"]


def test_a_read_only_task_is_taken_by_what_it_found_not_by_what_it_predicts() -> None:
    variables = read(
        "a", "registered", steps=["register"], diff={"before": read("a")["esa_ctr__read"]["cloud_service"]}
    )
    fleet = fleet_state(settings("a"), {"a": variables}, ["a"], read_only=True)
    assert row(fleet, "a")["registration"] == "unregistered"
    assert row(fleet, "a")["steps"] == []


def test_the_token_of_a_device_is_found_and_a_dummy_stands_for_it_in_check_mode() -> None:
    issued = loop(devices=[device("a", "added")], tokens=[{"name": "a.example.com", "token": TOKEN}])
    assert registration_token(issued, "europe", "a.example.com") == TOKEN
    assert registration_token(issued, "apjc", "a.example.com") is None
    predicted = loop(devices=[device("a", "added"), device("b", "none")], tokens=[])
    assert registration_token(predicted, "europe", "a.example.com", check_mode=True) == DUMMY_TOKEN
    assert registration_token(predicted, "europe", "b.example.com", check_mode=True) is None
