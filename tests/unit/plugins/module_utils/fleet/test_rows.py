# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The row of one appliance: what its own tasks found and did, and why it stopped."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.found import fleet_found
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.rows import fail, fail_namesakes, reason_of, row_of

WANTED = {"region": "apjc", "module_name": "A", "request_timeframe_days": "60", "by_hand": True}
EUROPE = "api.eu.sse.itd.cisco.com"
SERVICE = {"hostname": "a.example.com", "product": "ESA", "registration": "unregistered", "server": EUROPE}


def row(read: dict[str, Any] | None = None, written: dict[str, Any] | None = None, **how: Any) -> dict[str, Any]:
    variables = {"esa_ctr__read": read, "esa_ctr__written": written}
    return row_of("a", how.pop("wanted", WANTED), variables, how.pop("alive", True), how.pop("read_only", False))


def test_every_key_is_in_every_row() -> None:
    assert row({}).keys() == row({"cloud_service": SERVICE}).keys() == row(None, None).keys()


def test_what_the_tasks_found_and_did() -> None:
    done = {"cloud_service": {**SERVICE, "registration": "registered"}, "steps": ["register"]}
    whole = row({"cloud_service": SERVICE, "steps": ["commit"]}, done)
    shown = {key: whole[key] for key in ("device", "product", "registration", "needs_token", "steps", "by_hand")}
    assert shown == {
        "device": "a.example.com",
        "product": "esa",
        "registration": "registered",
        "needs_token": True,
        "steps": ["commit", "register"],
        "by_hand": True,
    }
    assert whole["request_timeframe_days"] == 60


def test_an_appliance_that_was_not_read_needs_no_token() -> None:
    assert not row({})["needs_token"]
    assert row({})["device"] is None


def test_a_task_that_only_read_counts_by_what_it_found() -> None:
    read = {
        "cloud_service": {**SERVICE, "registration": "unregistered"},
        "steps": ["deregister"],
        "diff": {"before": {**SERVICE, "registration": "registered"}},
    }
    whole = row(read, read_only=True)
    assert (whole["registration"], whole["steps"], whole["predicted"]) == ("registered", [], True)


@pytest.mark.parametrize(
    ("steps", "server", "left"),
    [
        (["deregister", "set the server to x"], EUROPE, "europe"),
        (["set the server to x"], EUROPE, None),
        (["deregister"], "api.apj.sse.itd.cisco.com", None),
        (["deregister"], "sse.example.com", None),
        (["deregister"], None, None),
    ],
)
def test_the_region_that_an_appliance_left_in_this_run(steps: list[str], server: str | None, left: str | None) -> None:
    read = {"cloud_service": SERVICE, "steps": steps, "diff": {"before": {**SERVICE, "server": server}}}
    assert row(read)["left"] == left


def test_a_registered_appliance_of_another_region_is_refused_with_the_command_that_moves_it() -> None:
    before = {**SERVICE, "registration": "registered"}
    refused = {"failed": True, "refused": True, "problem": "p.", "remedy": "r.", "diff": {"before": before}}
    reason = row(refused)["reason"]
    assert f"registered with {EUROPE}, and the inventory wants api.apj.sse.itd.cisco.com (apjc)" in reason
    command = "ansible-playbook -i INVENTORY emailsec.ctr.onboard --limit a -e esa_ctr_allow_region_change=true"
    assert reason.endswith(command)


@pytest.mark.parametrize(
    "changes",
    [
        {"refused": False},
        {"diff": {"before": SERVICE}},
        {"diff": {"before": {**SERVICE, "registration": "registered", "server": "api.apj.sse.itd.cisco.com"}}},
        {"diff": {"before": {**SERVICE, "registration": "registered", "server": None}}},
        {"diff": {}},
    ],
)
def test_any_other_refusal_keeps_its_own_words(changes: dict[str, Any]) -> None:
    before = {**SERVICE, "registration": "registered"}
    refused = {"failed": True, "refused": True, "problem": "p.", "remedy": "r.", "diff": {"before": before}, **changes}
    assert row(refused)["reason"] == "p. Remedy: r."


def test_the_last_task_that_failed_gives_the_reason_and_the_first_reason_stays() -> None:
    read, written = {"failed": True, "msg": "first"}, {"failed": True, "msg": "second"}
    assert row(read, written, alive=False)["reason"] == "second"
    whole = row(read)
    fail(whole, "third")
    assert whole["reason"] == "first"
    assert row({}, alive=False)["reason"] == "stopped by an earlier task of the play."


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Task failed: a (192.0.2.1:22): no answer", "no answer"),
        ("a: no answer", "no answer"),
        ("aa: no answer", "aa: no answer"),
        ("", ""),
    ],
)
def test_a_reason_does_not_name_the_host_again(message: str, reason: str) -> None:
    assert reason_of("a", {"msg": message}) == reason


def test_namesakes_are_of_one_region() -> None:
    here, there = (row({"cloud_service": SERVICE}, wanted={**WANTED, "region": name}) for name in ("apjc", "europe"))
    fail_namesakes([here, there])
    assert not here["failed"] and not there["failed"]
    unread = [row({}), row({})]
    fail_namesakes(unread)
    assert not any(one["failed"] for one in unread)


def test_rows_of_one_task_for_all_are_those_of_the_roles_own_tasks() -> None:
    """The report reads all appliances at once, and predicts as if each had had the tasks of a run."""
    found = {
        "host": "a",
        "reachable": True,
        "msg": None,
        "cloud_service": SERVICE,
        "after": {**SERVICE, "server": "x", "registration": "registered"},
        "steps": ["set the server to x", "commit (c)", "register with a registration token"],
    }
    whole = row_of("a", WANTED, fleet_found([found])["a"], alive=True, read_only=False)
    assert whole["needs_token"] and whole["registration"] == "registered"
    assert whole["steps"] == found["steps"]


def test_namesakes_differ_in_the_case_of_letters_at_most() -> None:
    names = ("a.example.com", "A.EXAMPLE.com", "b.example.com")
    rows = [row({"cloud_service": {**SERVICE, "hostname": name}}) for name in names]
    fail_namesakes(rows)
    assert [one["failed"] for one in rows] == [True, True, False]


@pytest.mark.parametrize(
    "server, pending, registration, fails",
    [
        (None, True, "unregistered", True),
        (None, None, "unregistered", True),
        (None, True, "registered", False),
        (None, False, "unregistered", False),
        ("api.eu.sse.itd.cisco.com", True, "unregistered", False),
    ],
)
def test_no_token_for_one_that_has_to_commit_later_and_must_not(
    server: str | None, pending: bool | None, registration: str, fails: bool
) -> None:
    """Of an appliance that hides its server, the server is set, and committed, only when it registers."""
    service = {**SERVICE, "enabled": True, "server": server, "registration": registration}
    found = row({"cloud_service": service, "pending_changes": pending, "steps": []})
    assert found["failed"] is fails
    assert ("uncommitted changes of someone else" in found["reason"]) is fails
    removal = row_of(
        "a", WANTED, {"esa_ctr__read": {"diff": {"before": service}, "pending_changes": pending}}, True, True
    )
    assert not removal["failed"]
