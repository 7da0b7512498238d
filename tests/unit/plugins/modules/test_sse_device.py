# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sse_device as Ansible runs it, against a real HTTPS server."""

from __future__ import annotations

import json

import pytest

from ansible_collections.emailsec.ctr.plugins.modules import sse_device, sse_device_facts

DEVICES = "/iroh/iroh-sse/device"
ONE = DEVICES + "/[^/]+"
LOGIN = "POST /iroh/oauth2/token"
LOST = [{"drops": True}, {"drops": True, "acts": True}, {"status": 503}, {"status": 502, "acts": True}]


@pytest.fixture
def run(run_module):
    def run(**args):
        return run_module(sse_device.main, **{"wait_interval": 0.01, "wait_timeout": 30, **args})

    return run


@pytest.fixture
def remove(run):
    def remove(*names, **args):
        return run(devices=[{"name": name} for name in names], state="absent", **args)

    return remove


def actions(result):
    return [(row["name"], row["action"]) for row in result["devices"]]


def names(iroh):
    return [device["name"] for device in iroh.devices]


def test_a_record_is_added_and_its_token_is_discarded(run, iroh):
    result = run(name="esa1", description="first")
    made = iroh.devices[0]
    assert (made["name"], made["description"]) == ("esa1", "first")
    assert result["devices"] == [
        {
            "name": "esa1",
            "id": made["id"],
            "type": None,
            "status": None,
            "action": "created",
            "error": None,
            "meanwhile": None,
        }
    ]
    assert iroh.requests == [LOGIN, f"GET {DEVICES}", f"POST {DEVICES}"]
    assert iroh.calls[-1].body == {"name": "esa1", "description": "first", "tokenExpiry": 3600}
    assert iroh.registration_tokens[0] not in json.dumps(result)
    again = run(name="ESA1", description="first")
    assert (actions(again), again["changed"], len(iroh.writes)) == ([("ESA1", "none")], False, 1)


def test_an_answer_without_a_required_field_shows_no_token(run, iroh):
    iroh.trick("POST", DEVICES, status=201, body={"name": "a", "status": "Pending", "token": "5ecret5ecret"})
    result = run(name="a")
    assert '"id"' in result["msg"]
    assert "token (string)" in result["msg"]
    assert "5ecret5ecret" not in json.dumps(result)


@pytest.mark.parametrize(
    ("there", "asked", "action"),
    [
        ("old", "new", "updated"),
        ("old", "", "updated"),
        (None, "new", "updated"),
        ("old", None, "none"),
        ("old", "old", "none"),
        (None, "", "none"),
        (None, None, "none"),
    ],
)
def test_a_description_is_changed_only_where_it_differs(run, iroh, there, asked, action):
    device = iroh.device("esa1", **({"description": there} if there else {}))
    predicted = run(name="esa1", description=asked, check=True)
    assert iroh.writes == []
    result = run(name="esa1", description=asked)
    assert actions(predicted) == actions(result) == [("esa1", action)]
    assert (predicted["changed"], predicted["diff"]) == (result["changed"], result["diff"])
    if action == "none":
        assert (result["changed"], iroh.writes) == (False, [])
    else:
        assert iroh.writes == [f"PATCH {DEVICES}/{device['id']}"]
        assert iroh.calls[-1].body == {"description": asked}
        assert result["diff"]["before"] == {"esa1": {"name": "esa1", "description": there}}
        assert result["diff"]["after"] == {"esa1": {"name": "esa1", "description": asked or None}}


def test_check_mode_predicts_a_run(run, iroh):
    iroh.device("same", description="unchanged")
    other = iroh.device("other", "Pending")
    devices = [
        {"name": "new", "description": "n"},
        {"name": "same", "description": "unchanged"},
        {"id": other["id"], "description": "o"},
        {"id": "no-such-id"},
    ]
    predicted = run(devices=devices, check=True)
    assert iroh.writes == []
    assert iroh.requests == [LOGIN, f"GET {DEVICES}"]
    done = run(devices=devices)
    assert actions(predicted) == actions(done)
    assert [action for _name, action in actions(done)] == ["created", "none", "updated", "failed"]
    assert (predicted["changed"], predicted["diff"], predicted["msg"]) == (True, done["diff"], done["msg"])


def test_absent_deletes_and_reports(run, iroh):
    left = iroh.device("left", "Unregistered", type="ESA", description="d")
    never = iroh.device("never", "Pending")
    other = iroh.device("other", "Unregistered", type="sma")
    devices = [{"name": "LEFT"}, {"id": never["id"].upper()}, {"name": "gone"}, {"id": "gone-id"}]
    predicted = run(devices=devices, state="absent", check=True)
    assert iroh.writes == []
    iroh.calls.clear()
    done = run(devices=devices, state="absent")
    assert predicted["devices"] == done["devices"]
    assert (predicted["changed"], predicted["diff"]) == (True, done["diff"])
    assert [row["action"] for row in done["devices"]] == ["deleted", "deleted", "none", "none"]
    assert done["devices"][0]["status"] == "Unregistered"
    assert done["diff"]["before"]["LEFT"] == {"name": "left", "description": "d"}
    assert set(done["diff"]["after"].values()) == {None}
    deletions = [f"DELETE {DEVICES}/{one['id']}" for one in (left, never)]
    assert iroh.requests == [LOGIN, f"GET {DEVICES}", *deletions]
    assert iroh.devices == [other]
    again = run(devices=devices, state="absent")
    assert ({row["action"] for row in again["devices"]}, again["changed"]) == ({"none"}, False)


@pytest.mark.parametrize("check", [True, False])
def test_a_device_of_another_type_is_never_deleted(remove, iroh, check):
    iroh.device("fw", "Unregistered", type="FTD")
    result = remove("fw", check=check, allow_registered=True)
    assert actions(result) == [("fw", "failed")]
    assert "has the type FTD; types permits only ESA, SMA" in result["msg"]
    assert iroh.writes == []
    assert actions(remove("fw", types=["ftd"])) == [("fw", "deleted")]


def test_a_device_of_an_unknown_status_is_deleted_only_if_that_is_allowed(remove, iroh):
    iroh.device("esa1", "enrolled")
    result = remove("esa1")
    assert actions(result) == [("esa1", "failed")]
    assert 'has the status "enrolled", and may be in use' in result["msg"].replace("Enrolled", "enrolled")
    assert iroh.writes == []
    assert actions(remove("esa1", allow_registered=True)) == [("esa1", "deleted")]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("kind", [{"type": "ESA"}, {}])
def test_a_registered_device_is_deleted_only_if_that_is_allowed(run, remove, iroh, check, kind):
    iroh.device("esa1", **kind)
    iroh.device("esa2", "registered", **kind)
    result = remove("esa1", "esa2", check=check)
    assert actions(result) == [("esa1", "failed"), ("esa2", "failed")]
    assert "emailsec.ctr.esa_cloud_service with state: unregistered" in result["msg"]
    assert "allow_registered: true" in result["fix"]
    assert iroh.writes == []
    devices = [{"name": "esa1", "allow_registered": True}, {"name": "esa2"}]
    assert actions(run(devices=devices, state="absent", check=check)) == [("esa1", "deleted"), ("esa2", "failed")]
    devices = [{"name": "esa2"}, {"name": "esa1", "allow_registered": False}]
    result = run(devices=devices, state="absent", allow_registered=True)
    assert actions(result)[0] == ("esa2", "deleted")
    assert iroh.devices == ([] if not check else [iroh.devices[0]])


def test_devices_with_a_duplicate_name_are_selected_by_id(run, iroh):
    ids = [iroh.device("twin", "Pending")["id"] for _time in range(2)]
    for state in ("absent", "present"):
        result = run(name="twin", state=state)
        assert all(one in result["msg"] for one in ids)
        assert result["fix"] == "set id to select one of them"
    assert iroh.writes == []
    both = run(devices=[{"id": one} for one in ids], state="absent", check=True)
    assert len(both["diff"]["before"]) == 2
    result = run(id=ids[1], name="Twin", state="absent")
    assert actions(result) == [("Twin", "deleted")]
    assert [one["id"] for one in iroh.devices] == ids[:1]


def test_an_id_of_another_name_is_refused(run, iroh):
    device = iroh.device("esa1", "Pending")
    result = run(id=device["id"], name="esa2", state="absent")
    assert "has the name esa1, not esa2" in result["msg"]
    assert iroh.writes == []


def test_a_device_selected_by_name_and_by_id_is_refused(run, iroh):
    device = iroh.device("esa1", "Pending")
    for first in ({"name": "esa1"}, {"name": "esa1", "id": device["id"]}):
        second = {"name": "esa1"} if "id" in first else {"id": device["id"]}
        result = run(devices=[first, second], state="absent", check=True)
        assert actions(result) == [("esa1", "deleted"), ("esa1", "failed")]
        assert "two entries of devices select device esa1" in result["msg"]


@pytest.mark.parametrize("later", [1, 3])
def test_deletions_that_finish_later_cost_one_list_per_interval(remove, iroh, later):
    everyone = [f"esa{number}" for number in range(20)]
    for name in everyone:
        iroh.device(name, "Unregistered", type="ESA")
    iroh.device("stays")
    iroh.listings_to_delete = later
    result = remove(*everyone)
    assert {row["action"] for row in result["devices"]} == {"deleted"}
    assert names(iroh) == ["stays"]
    lists = [f"GET {DEVICES}"] * (later + 1)
    assert [one for one in iroh.requests if not one.startswith("DELETE")] == [LOGIN, f"GET {DEVICES}", *lists]
    assert len(iroh.writes) == 20
    assert iroh.logins == 1


def test_a_time_out_names_the_remaining_devices(remove, iroh):
    for name in ("a", "b", "c"):
        iroh.device(name, "Pending")
    iroh.trick("DELETE", ONE, acts=True, skip=1, times=9)
    iroh.listings_to_delete = 1
    iroh.deleting = {one["id"]: 10**6 for one in iroh.devices[1:]}
    result = remove("a", "b", "c", wait_timeout=0.1)
    assert actions(result) == [("a", "deleted"), ("b", "failed"), ("c", "failed")]
    assert result["msg"].startswith("2 of 3 devices failed: b: SSE accepted the deletion of device b")
    assert "still lists it after 0.1 s" in result["devices"][2]["error"]
    assert result["changed"]
    assert set(result["diff"]["before"]) == {"a"}
    assert len(iroh.writes) == 3


def test_a_list_that_cannot_be_read_while_waiting(remove, iroh):
    iroh.device("a", "Pending")
    iroh.listings_to_delete = 1
    iroh.trick("GET", DEVICES, status=403, body={"error": "missing_scope"}, skip=1)
    result = remove("a")
    assert "SSE accepted the deletion, but its completion could not be checked" in result["msg"]
    assert (result["error"], result["changed"]) == ("missing_scope", True)


def test_without_time_to_wait_the_list_is_read_once(remove, iroh):
    iroh.device("a", "Pending")
    iroh.listings_to_delete = 1
    assert actions(remove("a", wait_timeout=0)) == [("a", "failed")]
    assert iroh.requests.count(f"GET {DEVICES}") == 2


def test_a_missing_record_is_accepted(remove, iroh):
    device = iroh.device("a", "Pending")
    facts = [{"id": device["id"], "name": "a", "status": "Pending"}]
    iroh.devices.clear()
    result = remove("a", known_devices=facts)
    assert actions(result) == [("a", "none")]
    assert [row["meanwhile"] for row in result["devices"]] == ["record_deleted"]
    assert iroh.requests == [LOGIN, f"DELETE {DEVICES}/{device['id']}"]


@pytest.mark.parametrize("how", LOST)
def test_a_lost_answer_to_an_addition_is_followed_by_a_read(run, iroh, how):
    iroh.trick("POST", DEVICES, **how)
    result = run(devices=[{"name": "a", "description": "d"}, {"name": "b"}])
    assert actions(result) == [("a", "created"), ("b", "created")]
    assert names(iroh) == ["a", "b"]
    assert iroh.devices[0]["description"] == "d"
    assert iroh.requests[2:4] == [f"POST {DEVICES}", f"GET {DEVICES}"]
    assert iroh.writes.count(f"POST {DEVICES}") == (2 if how.get("acts") else 3)
    assert [row["id"] for row in result["devices"]] == [one["id"] for one in iroh.devices]


def test_an_addition_is_not_repeated_while_the_api_may_process_it(run, iroh):
    iroh.trick("POST", DEVICES, status=504)
    result = run(devices=[{"name": "a"}, {"name": "b"}])
    assert actions(result) == [("a", "failed"), ("b", "created")]
    assert "may still process it" in result["msg"]
    assert len(iroh.writes) == 2


def test_an_addition_that_was_processed_late(run, iroh):
    iroh.trick("POST", DEVICES, status=504, acts=True)
    assert actions(run(name="a", description="d")) == [("a", "created")]
    assert len(iroh.writes) == 1


def test_a_record_that_was_added_without_its_description_gets_it(run, iroh):
    """A server may process a first attempt after its answer was lost, or another administrator may make the change."""
    iroh.trick("POST", DEVICES, drops=True, acts=True)
    bare = [{"id": "1", "name": "a", "status": "Pending"}]
    iroh.trick("GET", DEVICES, status=200, body=bare, headers={"X-Total-Hits": "1"}, skip=1)
    iroh.trick("PATCH", ONE, status=200, body={})
    assert actions(run(name="a", description="d")) == [("a", "created")]
    assert iroh.calls[-1].body == {"description": "d"}


def test_adding_that_always_fails_does_not_stop_the_others(run, iroh):
    iroh.trick("POST", DEVICES, status=500, times=2)
    assert actions(run(devices=[{"name": "a"}, {"name": "b"}])) == [("a", "failed"), ("b", "created")]


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("later", [0, 1])
def test_a_lost_deletion_is_followed_by_a_read(remove, iroh, how, later):
    """Without a retry budget, so that the client does not retry."""
    device = iroh.device("a", "Pending")
    iroh.device("b", "Pending")
    iroh.listings_to_delete = later
    iroh.trick("DELETE", ONE, **how)
    result = remove("a", "b", retry_budget=0)
    assert actions(result) == [("a", "deleted"), ("b", "deleted")]
    assert iroh.devices == []
    assert iroh.requests[2:4] == [f"DELETE {DEVICES}/{device['id']}", f"GET {DEVICES}"]
    assert iroh.writes.count(f"DELETE {DEVICES}/{device['id']}") == (1 if how.get("acts") and not later else 2)


def test_a_device_that_registered_while_the_answer_was_lost_stays(remove, iroh):
    device = iroh.device("a", "Pending")
    registered = [{**device, "status": "Registered"}]
    iroh.trick("DELETE", ONE, drops=True)
    iroh.trick("GET", DEVICES, status=200, body=registered, headers={"X-Total-Hits": "1"}, skip=1)
    result = remove("a", retry_budget=0)
    assert "is registered" in result["msg"]
    assert len(iroh.writes) == 1


def test_a_failure_for_all_stops(remove, iroh):
    for name in ("a", "b", "c"):
        iroh.device(name, "Pending")
    iroh.trick("DELETE", ONE, status=403, body={"error": "missing_scope"}, skip=1)
    result = remove("a", "b", "c")
    assert actions(result) == [("a", "deleted"), ("b", "failed"), ("c", "failed")]
    assert "not processed" in result["devices"][2]["error"]
    assert '"sse"' in result["fix"]
    assert result["changed"]


def test_other_items_are_processed_after_a_refusal(remove, iroh):
    for name in ("a", "b"):
        iroh.device(name, "Pending")
    iroh.trick("DELETE", ONE, status=409, body={"error": "conflict", "trace_id": "t7"})
    result = remove("a", "b")
    assert actions(result) == [("a", "failed"), ("b", "deleted")]
    assert result["trace_id"] == "t7"


def test_known_devices_are_not_listed_again(run, iroh, run_module):
    gone = iroh.device("a", "Unregistered", type="ESA")
    iroh.device("b", description="old")
    known = run_module(sse_device_facts.main)["ansible_facts"]["sse_devices"]
    iroh.calls.clear()
    assert actions(run(name="a", state="absent", known_devices=known)) == [("a", "deleted")]
    assert iroh.requests == [LOGIN, f"DELETE {DEVICES}/{gone['id']}"]
    assert actions(run(name="b", description="old", known_devices=known)) == [("b", "none")]
    assert actions(run(name="c", state="absent", known_devices=[])) == [("c", "none")]
    assert len(iroh.calls) == 2


@pytest.mark.parametrize("description", ["unchanged", "new"])
def test_an_outdated_list_adds_no_duplicate(run, iroh, description):
    iroh.device("a", "Pending", description="unchanged")
    run(name="a", description=description, known_devices=[])
    assert [(one["name"], one["description"]) for one in iroh.devices] == [("a", description)]
    assert len(iroh.writes) == (1 if description == "unchanged" else 2)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"id": "1", "name": "a"}, '"status"'),
        ({"id": "1", "name": "a", "status": None}, '"status"'),
        ({"id": "1", "name": "a", "status": "Pending", "region": "apjc"}, "apjc"),
    ],
)
def test_invalid_known_devices_are_refused(run, iroh, entry, says):
    result = run(name="a", state="absent", known_devices=[entry])
    assert "known_devices" in result["msg"]
    assert says in result["msg"]
    assert iroh.calls == []


def test_an_empty_list_changes_nothing(run, iroh):
    assert run(devices=[])["devices"] == []
    assert iroh.calls == []


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"description": "d"},
        {"name": " "},
        {"devices": [{"description": "d"}]},
        {"devices": [{"name": "a"}, {"name": "A"}]},
        {"devices": [{"id": "a"}, {"id": "a", "name": "b"}]},
        {"devices": [], "name": "a"},
        {"devices": [], "description": "d"},
        {"name": "a", "wait_timeout": -1},
        {"name": "a", "wait_interval": "nan"},
        {"name": "a", "state": "gone"},
    ],
)
def test_contradictory_options_are_refused(run, iroh, args):
    assert run(**args)["failed"]
    assert iroh.calls == []


def test_a_failed_read_is_not_an_empty_list(run, iroh):
    iroh.trick("GET", DEVICES, status=200, body={"message": "maintenance"})
    result = run(name="a")
    assert result["failed"]
    assert iroh.writes == []
