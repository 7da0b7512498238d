# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of each task of a run, from the reading and the results of earlier tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.action import fleet_progress
from ansible_collections.emailsec.ctr.plugins.action.fleet_progress import (
    DUMMY_TOKEN,
    STEPS,
    STEPS_OF,
    ActionModule,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import Goal
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import Tokens
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.serialization import pack
from ansible_collections.emailsec.ctr.plugins.plugin_utils._portal_tokens import TokenPools
from tests.unit.plugins.action.controller import run_action
from tests.unit.plugins.module_utils.fleet.picture import (
    Box,
    Picture,
    api_down,
    device,
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
    """Return task_vars with the results in ``registered`` by host, in the variables of_enable and of_register."""
    reading = pack(picture.state(Goal(state)))
    arguments = {"reading": reading, "state": state, "step": step, **more}
    hosts = tuple(box.host for box in picture.boxes) if alive is None else alive
    return run_action(ActionModule, arguments, registered, hosts, check_mode)


STAGES = [(step, goal) for goal, steps in STEPS_OF.items() for step in steps]


@pytest.mark.parametrize(("step", "goal"), STAGES)
def test_an_unchanged_fleet_has_no_steps(step: str, goal: Goal) -> None:
    """Only the modules are checked."""
    picture = onboarded("a") if goal is Goal.PRESENT else Picture([OFF])
    found = progress(picture, step, goal.value)
    assert not found["changed"] and not found.get("failed")
    assert (found["hosts"], found["tokens"]) == ({}, {})
    assert list(found["options"]) == (["europe"] if step == "modules" else [])


@pytest.mark.parametrize(
    ("step", "goal"), [(step, goal) for step in STEPS for goal in Goal if (step, goal) not in STAGES]
)
def test_a_step_of_the_other_state_is_refused(step: str, goal: Goal) -> None:
    """Onboarding a fleet must not return records to delete."""
    with pytest.raises(AnsibleActionFail, match=f"step: {step} is not a step of state: {goal.value}"):
        progress(onboarded("a"), step, goal.value)


def test_options_are_complete_and_by_region() -> None:
    picture = Picture([NEW, replace(NEW, host="b", region="apjc", server=None)])
    found = progress(picture, "tokens")
    assert found["options"] == {
        region: {"region": region, "devices": [f"{host}.example.com"], "known_devices": []}
        for region, host in (("europe", "a"), ("apjc", "b"))
    }
    assert progress(picture, "tokens", check_mode=True)["options"] == found["options"]


def issued(*hosts: str) -> dict[str, Any]:
    """Return the result of C(sse_token) for these hosts."""
    devices = [answer(host, "added") for host in hosts]
    return {"tokens": loop(devices=devices, tokens=[{"name": f"{host}.example.com", "token": TOKEN} for host in hosts])}


def test_each_host_gets_the_token_of_its_device_in_a_hidden_result() -> None:
    picture = Picture([NEW, replace(NEW, host="b", server=None)])
    found = progress(picture, "register", results=issued("a"))
    assert (found["hosts"], found["tokens"]) == ({"a": "europe"}, {"a": TOKEN})
    assert found["_ansible_no_log"] is True
    (turn,) = issued("a")["tokens"]["results"]
    assert progress(picture, "register", results={"tokens": {"results": [{**turn, "item": "apjc"}]}})["tokens"] == {}


PORTAL = "f" * 32


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that assigns tokens from the portal to hosts, in the order of the play."""

    def give(*hosts: str, tokens: int = 1) -> None:
        pools = TokenPools(None)
        pools._regions["europe"] = [
            (Tokens(in_order=tuple(f"{number:x}" * 32 for number in range(15, 15 - tokens, -1))), [*hosts])
        ]
        monkeypatch.setattr(fleet_progress, "token_pools", lambda _action, _variables: pools)

    return give


def test_a_host_in_manual_mode_gets_a_token_of_the_portal(portal: Callable[..., None]) -> None:
    portal("a", "there")
    picture = Picture([NEW, Box("there")], manual=True, devices_error={"europe": no_scope()})
    assert progress(picture, "tokens")["options"] == {}
    found = progress(picture, "register")
    assert (found["hosts"], found["tokens"], found["_ansible_no_log"]) == ({"a": "europe"}, {"a": PORTAL}, True)
    (turn,) = found["portal_tokens"]["regions"]
    assert (turn["item"], turn["given"], turn["left_over"]) == ("europe", 1, 0)
    assert PORTAL not in repr(turn)


def test_a_host_without_a_token_of_the_portal_is_not_registered(portal: Callable[..., None]) -> None:
    portal("a", "b")
    picture = Picture([NEW, replace(NEW, host="b")], manual=True, devices_error={"europe": no_scope()})
    found = progress(picture, "register")
    assert (found["hosts"], found["tokens"]) == ({"a": "europe"}, {"a": PORTAL})
    seen = progress(picture, "report", results={"portal_tokens": found["portal_tokens"]})
    assert "no registration token is left" in seen["not_done"]["b"]


def test_an_unusable_token_is_the_reason_of_an_appliance_that_was_left_disabled(portal: Callable[..., None]) -> None:
    portal("a", "b")
    picture = Picture([NEW, replace(OFF, host="b")], manual=True, devices_error={"europe": no_scope()})
    found = progress(picture, "register", host_results=ENABLED)
    assert found["hosts"] == {"a": "europe"}
    seen = progress(picture, "report", results={"portal_tokens": found["portal_tokens"]}, host_results=ENABLED)
    assert "no registration token is left" in seen["not_done"]["b"]


def test_the_token_of_a_failed_host_is_kept(portal: Callable[..., None]) -> None:
    portal("a", "b")
    picture = Picture([NEW, replace(NEW, host="b")], manual=True, devices_error={"europe": no_scope()})
    found = progress(picture, "register", alive=("b",))
    assert (found["hosts"], found["tokens"]) == ({}, {})


def test_check_mode_returns_dummy_tokens(portal: Callable[..., None]) -> None:
    picture = Picture([replace(NEW, host=host) for host in ("a", "b")])
    results = {"tokens": loop(devices=[answer("a", "added"), answer("b", "none")])}
    found = progress(picture, "register", check_mode=True, results=results)
    assert (found["hosts"], found["tokens"]) == ({"a": "europe"}, {"a": DUMMY_TOKEN})
    portal("a", "b", tokens=2)
    manual = Picture([NEW, replace(NEW, host="b")], manual=True, devices_error={"europe": no_scope()})
    assert progress(manual, "register", check_mode=True)["tokens"] == {"a": DUMMY_TOKEN, "b": DUMMY_TOKEN}


def test_results_of_hosts_are_read_from_their_variables() -> None:
    picture = Picture([OFF])
    enabled = {"a": {"of_enable": done("a", "enable", "commit", registration="unregistered")}}
    assert progress(picture, "tokens", host_results=ENABLED)["options"] == {}, "it was not enabled"
    found = progress(picture, "tokens", registered=enabled, host_results=ENABLED)
    assert list(found["options"]) == ["europe"]
    lost = progress(picture, "tokens", registered=enabled, host_results=ENABLED, alive=())
    assert lost["options"] == {}, "Ansible does not run it any more"


def test_a_removal_deregisters_registered_appliances() -> None:
    picture = onboarded("a", "b")
    picture.boxes[1] = replace(picture.boxes[1], registration="unregistered")
    assert progress(picture, "deregister", "absent")["hosts"] == {"a": "europe"}
    assert list(progress(picture, "records", "absent")["options"]) == ["europe"]
    failed = loop(modules=[{"name": "a", "action": "failed", "error": "no"}])
    assert progress(picture, "deregister", "absent", results={"modules": failed})["hosts"] == {}


def test_a_removal_does_not_prune() -> None:
    """Known devices include orphaned records, and no note mentions them."""
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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"results": {"weather": {}}}, "results has unknown keys: weather"),
        ({"host_results": {"weather": "x"}}, "host_results has unknown keys: weather"),
        ({"reading": "odd"}, "reading is not a result of emailsec.ctr.fleet_plan"),
    ],
)
def test_unknown_keys_and_readings_are_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(AnsibleActionFail, match=words):
        progress(onboarded("a"), "tokens", **arguments)


def test_unread_regions_and_appliances_are_skipped_at_every_step() -> None:
    picture = onboarded("a", "b")
    picture.boxes = [replace(NEW, trouble=unreachable("a")), replace(NEW, host="b", region="apjc", server=None)]
    picture.devices_error = {"apjc": api_down("apjc")}
    for step, goal in STAGES:
        found = progress(picture, step, goal.value)
        assert (found["hosts"], found["tokens"]) == ({}, {})
        assert not any(
            one.get("devices") or one.get("names") or one.get("modules") for one in found["options"].values()
        )
