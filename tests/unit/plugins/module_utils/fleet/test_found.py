# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one task has read of all appliances, in the shape of the tasks that each of them would have run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.found import fleet_found, is_busy, waited_in_vain
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.rows import READ, WRITTEN, row_of
from tests.unit.plugins.module_utils.fleet.picture import AMERICAS, EUROPE, Box, device, too_old, unreachable

OFF = Box("a", enabled=False, server=None, registration="unavailable")
WANTED = {"region": "europe", "module_name": "a", "request_timeframe_days": 30}


def found(box: Box, allow_move: bool = False) -> tuple[dict, dict]:
    variables = fleet_found([box.read(allow_move)])["a"]
    return variables[READ], variables[WRITTEN]


def test_steps_are_split_where_the_run_fetches_the_token() -> None:
    read, written = found(OFF)
    assert read["steps"] == [f"enable the cloud service on {EUROPE}", "commit (emailsec.ctr)"]
    assert written["steps"] == ["register with a registration token"]
    assert read["cloud_service"]["registration"] == "unregistered"
    assert read["cloud_service"]["server"] == EUROPE
    assert read["diff"]["before"]["registration"] == "unavailable"
    assert written["cloud_service"]["registration"] == "registered"


def test_one_that_needs_no_token_has_one_task() -> None:
    read, written = found(Box("a"))
    assert (read["steps"], written) == ([], {})
    assert read["cloud_service"]["registration"] == "registered"


def test_a_move_deregisters_in_the_first_task() -> None:
    read, written = found(Box("a", server=AMERICAS), allow_move=True)
    assert read["steps"][0] == "deregister" and len(read["steps"]) == 3
    assert written["steps"] == ["register with a registration token"]
    row = row_of("a", WANTED, {READ: read, WRITTEN: written}, True, False)
    assert row["left"] == "americas"


def test_a_hidden_server_is_set_by_the_second_task() -> None:
    read, written = found(Box("a", server=None, registration="unregistered"))
    assert read["steps"] == []
    assert written["steps"] == [
        *(f"set the server to {EUROPE}", "commit (emailsec.ctr)", "register with a registration token"),
    ]


def test_a_refusal_keeps_what_was_read() -> None:
    read, written = found(replace(OFF, pending=True))
    assert (read["failed"], read["unreachable"], read["refused"], written) == (True, False, True, {})
    assert read["cloud_service"]["hostname"] == "a.example.com"
    assert read["steps"] == []
    row = row_of("a", WANTED, {READ: read, WRITTEN: written}, True, False)
    assert row["device"] == "a.example.com"
    assert row["reason"].startswith("the session finds uncommitted changes of someone else")


@pytest.mark.parametrize("trouble, lost", [(too_old("a"), False), (unreachable("a"), True)])
def test_one_that_was_not_read_has_failed(trouble: Exception, lost: bool) -> None:
    read, written = found(Box("a", trouble=trouble))
    assert (read["failed"], read["unreachable"], written) == (True, lost, {})
    assert "cloud_service" not in read
    assert row_of("a", WANTED, {READ: read, WRITTEN: written}, True, False)["device"] is None


def test_one_that_is_busy_has_failed_because_what_comes_then_is_not_known() -> None:
    box = Box("a", server=None, registration="in_progress")
    read, written = found(box)
    assert (
        is_busy(box.read(False))
        and not is_busy(OFF.read(False))
        and not is_busy(Box("a", trouble=unreachable("a")).read(False))
    )
    assert (read["failed"], read["refused"], read["steps"], written) == (True, False, [], {})
    assert "busy" in read["problem"]


def waiting(*devices: dict, orphans: dict | None = None, names: tuple[str, ...] = ("a.example.com",)) -> dict:
    fleet = {"to_wait_for": {"europe": list(names)}}
    shown = {"results": [{"item": "europe", "ansible_facts": {"sse_devices": list(devices)}}]}
    turns = waited_in_vain(fleet, shown, orphans)["results"]
    assert all(turn["item"] == "europe" and turn["msg"] and turn["remedy"] for turn in turns)
    return turns[0]["missing"] if turns else {}


def test_waiting_in_vain_has_the_words_of_the_task_that_waits() -> None:
    assert waiting() == {"a.example.com": "not in SSE"}
    assert waiting(device("a", "Pending")) == {"a.example.com": "Pending"}
    for both in ([device("a"), device("a", "Pending")], [device("a", "Pending"), device("a")]):
        assert waiting(*both)["a.example.com"].startswith("devices of one name: id-a-registered, Reg")
    assert waiting(device("a")) == {}
    assert waiting(device("a", name="A.EXAMPLE.COM")) == {}
    assert waiting(device("a"), device("a", "Pending", name="A.EXAMPLE.COM")) == {}
    assert waiting(device("b"), names=("b.example.com", "c.example.com")) == {"c.example.com": "not in SSE"}


def test_what_is_removed_before_the_wait_does_not_count() -> None:
    both = [device("a"), device("a", "Unregistered")]
    orphans = {"europe": {"orphans": [], "duplicates": [{**both[1], "removable": True}], "unproven": ""}}
    assert waiting(*both, orphans=orphans) == {}
    orphans["europe"]["unproven"] = "x was not read"
    assert "devices of one name" in waiting(*both, orphans=orphans)["a.example.com"]
