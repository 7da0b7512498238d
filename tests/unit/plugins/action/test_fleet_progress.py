# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each task of a run is given, from what was read and what the tasks before it have registered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.action.fleet_progress import (
    DUMMY_TOKEN,
    STEPS,
    STEPS_OF,
    ActionModule,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.carry import pack
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import Goal
from tests.unit.plugins.action.controller import run_action
from tests.unit.plugins.module_utils.fleet.picture import (
    Box,
    Picture,
    api_down,
    device,
    module,
    no_scope,
    onboarded,
    unreachable,
)
from tests.unit.plugins.module_utils.fleet.results import answer, done, loop

NEW = Box("a", registration="unregistered")
OFF = Box("a", enabled=False, server=None, registration="unavailable")
TOKEN = "0123456789abcdef0123456789abcdef"
ENABLED = {"enable": "of_enable"}


def progress(
    picture: Picture,
    step: str,
    state: str = "present",
    registered: dict[str, dict[str, Any]] | None = None,
    check_mode: bool = False,
    alive: tuple[str, ...] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """``registered`` by host; its variables are named of_enable and of_register."""
    reading = pack(picture.state(Goal(state)))
    arguments = {"reading": reading, "state": state, "step": step, **more}
    hosts = tuple(box.host for box in picture.boxes) if alive is None else alive
    return run_action(ActionModule, arguments, registered, hosts, check_mode)


STAGES = [(step, goal) for goal, steps in STEPS_OF.items() for step in steps]


@pytest.mark.parametrize(("step", "goal"), STAGES)
def test_a_fleet_that_is_fine_is_given_nothing_to_do(step: str, goal: Goal) -> None:
    """But for a look at the modules."""
    picture = onboarded("a") if goal is Goal.PRESENT else Picture([OFF])
    found = progress(picture, step, goal.value)
    assert not found["changed"] and not found.get("failed")
    assert (found["hosts"], found["tokens"]) == ([], {})
    assert list(found["options"]) == (["europe"] if step == "modules" else [])


@pytest.mark.parametrize(
    ("step", "goal"), [(step, goal) for step in STEPS for goal in Goal if (step, goal) not in STAGES]
)
def test_a_step_of_the_other_state_is_refused(step: str, goal: Goal) -> None:
    """Nobody's records are handed out to be deleted while the fleet is onboarded."""
    with pytest.raises(AnsibleActionFail, match=f"no step {step} with state: {goal.value}"):
        progress(onboarded("a"), step, goal.value)


def test_options_are_by_region_and_ready_to_use() -> None:
    picture = Picture([NEW, replace(NEW, host="b", region="apjc", server=None)])
    found = progress(picture, "tokens")
    assert found["options"] == {
        region: {"region": region, "devices": [f"{host}.example.com"], "known_devices": []}
        for region, host in (("europe", "a"), ("apjc", "b"))
    }
    assert progress(picture, "tokens", check_mode=True)["options"] == found["options"]


def test_hosts_with_tokens_of_the_portal_are_told_with_those_that_share_them() -> None:
    picture = Picture([NEW, Box("there")], by_hand=True, devices_error={"europe": no_scope()})
    found = progress(picture, "tokens")
    assert found["manual"] == {"europe": ["a"]}
    assert found["claimants"] == {
        "a": {"device": "a.example.com", "needs_token": True},
        "there": {"device": "there.example.com", "needs_token": False},
    }
    assert found["options"] == {}


@pytest.mark.parametrize("source", ["tokens", "portal_tokens"])
def test_each_host_gets_the_token_of_its_device_and_nobody_sees_it(source: str) -> None:
    picture = Picture([NEW, replace(NEW, host="b", server=None)])
    turn = {"devices": [answer("a", "added")], "tokens": [{"name": "a.example.com", "token": TOKEN}]}
    results = {source: {"results": [{"item": "europe", **turn}]}}
    found = progress(picture, "register", results=results)
    assert (found["hosts"], found["tokens"]) == (["a"], {"a": TOKEN})
    assert found["_ansible_no_log"] is True
    elsewhere = {source: loop("apjc", **turn)}
    assert progress(picture, "register", results=elsewhere)["tokens"] == {}


def test_both_sources_of_tokens_serve_one_region() -> None:
    picture = Picture([NEW, replace(NEW, host="b", server=None)])
    results = {
        "tokens": loop(devices=[answer("a", "added")], tokens=[{"name": "a.example.com", "token": TOKEN}]),
        "portal_tokens": {
            "regions": loop(devices=[answer("b", "handed_out")], tokens=[{"name": "b.example.com", "token": "f" * 32}])[
                "results"
            ]
        },
    }
    assert progress(picture, "register", results=results)["tokens"] == {"a": TOKEN, "b": "f" * 32}


def test_in_check_mode_a_dummy_stands_for_a_token_that_there_would_be() -> None:
    hosts = ("a", "b", "c")
    picture = Picture([replace(NEW, host=host) for host in hosts])
    results = {
        "tokens": loop(devices=[answer("a", "added"), answer("b", "none")]),
        "portal_tokens": loop(devices=[answer("c", "handed_out")]),
    }
    found = progress(picture, "register", check_mode=True, results=results)
    assert found["tokens"] == {"a": DUMMY_TOKEN, "c": DUMMY_TOKEN}
    assert found["hosts"] == ["a", "c"]


def test_what_hosts_have_registered_is_taken_from_their_variables() -> None:
    picture = Picture([OFF])
    enabled = {"a": {"of_enable": done("a", "enable", "commit", registration="unregistered")}}
    assert progress(picture, "tokens", host_results=ENABLED)["options"] == {}, "it was not enabled"
    found = progress(picture, "tokens", registered=enabled, host_results=ENABLED)
    assert list(found["options"]) == ["europe"]
    lost = progress(picture, "tokens", registered=enabled, host_results=ENABLED, alive=())
    assert lost["options"] == {}, "Ansible does not run it any more"


def test_a_removal_deregisters_what_is_registered() -> None:
    picture = onboarded("a", "b")
    picture.boxes[1] = replace(picture.boxes[1], registration="unregistered")
    assert progress(picture, "deregister", "absent")["hosts"] == ["a"]
    assert list(progress(picture, "records", "absent")["options"]) == ["europe"]
    failed = loop(modules=[{"name": "a", "action": "failed", "error": "no"}])
    assert progress(picture, "deregister", "absent", results={"modules": failed})["hosts"] == []


def test_a_removal_prunes_nothing_whatever_the_inventory_says() -> None:
    """So it knows all devices that were read, and has nothing to say about those that nobody claims."""
    picture = onboarded("a")
    picture.prune = True
    picture.devices["europe"] += [device("a", "Unregistered"), device("stranger")]
    found = progress(picture, "modules", "absent")
    assert len(found["options"]["europe"]["known_devices"]) == 3
    deleted = {"modules": loop(modules=[{"name": "a", "action": "deleted", "error": None}])}
    assert progress(picture, "report", "absent", results=deleted)["notes"] == []
    pruned = progress(picture, "modules", "present")
    assert len(pruned["options"]["europe"]["known_devices"]) == 1
    assert len(progress(picture, "report", "present", results=deleted)["notes"]) == 2


def test_the_report_of_a_run() -> None:
    picture = Picture([NEW, replace(NEW, host="b")])
    results = {"tokens": loop(devices=[answer("a", "added"), answer("b", "failed", error="conflict")])}
    registered = {"a": {"of_register": done("a", "register")}}
    found = progress(
        picture, "report", registered=registered, host_results={"register": "of_register"}, results=results
    )
    assert [row["result"] for row in found["rows"]] == ["changed", "failed"]
    assert found["not_done"] == {"b": "b: no registration token: conflict"}
    assert found["notes"] == []
    both = progress(picture, "report", results={"tokens": loop(msg="cannot connect")})
    assert both["notes"] == ["europe: cannot connect (2 appliances)"]
    assert set(both["not_done"]) == {"a", "b"}


def test_the_report_where_no_task_has_run_is_the_plan() -> None:
    picture = onboarded("a")
    picture.modules["europe"] = [module("a", "id-a-registered")]
    (row,) = progress(picture, "report")["rows"]
    assert (row["result"], row["module"], row["registration"]) == ("ok", "no change", "registered")
    (gone,) = progress(Picture([OFF]), "report", "absent")["rows"]
    assert (gone["result"], gone["registration"]) == ("ok", "unavailable")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"results": {"weather": {}}}, "results: unknown weather"),
        ({"host_results": {"weather": "x"}}, "host_results: unknown weather"),
        ({"reading": "odd"}, "reading is not what emailsec.ctr.fleet_plan returns"),
    ],
)
def test_what_it_does_not_know_is_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(AnsibleActionFail, match=words):
        progress(onboarded("a"), "tokens", **arguments)


def test_a_region_or_an_appliance_that_was_not_read_is_left_alone_at_every_step() -> None:
    picture = onboarded("a", "b")
    picture.boxes = [replace(NEW, trouble=unreachable("a")), replace(NEW, host="b", region="apjc", server=None)]
    picture.devices_error = {"apjc": api_down("apjc")}
    for step, goal in STAGES:
        found = progress(picture, step, goal.value)
        assert (found["hosts"], found["tokens"]) == ([], {})
        assert not any(
            one.get("devices") or one.get("names") or one.get("modules") for one in found["options"].values()
        )
