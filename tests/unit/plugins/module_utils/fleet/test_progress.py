# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The progress of each appliance, from its own tasks and those of its region, with the reason for a stop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import Goal
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.outcomes import api_failure
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.progress import progress_of, usable
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import Code
from tests.unit.plugins.module_utils.fleet.picture import (
    AMERICAS,
    APJC,
    EUROPE,
    Box,
    Picture,
    api_down,
    device,
    no_scope,
    onboarded,
    too_old,
    unreachable,
)
from tests.unit.plugins.module_utils.fleet.results import answer, done, loop, outcomes_of, rows, service

NEW = Box("a", registration="unregistered")
DOWN = {"msg": "cannot connect"}


def new(*hosts: str, **more: Any) -> Picture:
    """Return appliances that need a token."""
    return Picture([replace(NEW, host=host) for host in hosts], **more)


class Twin(Box):
    """Return an appliance whose host name differs from that of A only in letter case."""

    @property
    def hostname(self) -> str:
        return "A.Example.com"


def test_the_progress_of_the_tasks_of_an_appliance() -> None:
    enabled = done("a", "enable", "commit", registration="unregistered")
    registered = done("a", "register")
    found = rows(new("a"), enable={"a": enabled}, register={"a": registered})["a"]
    assert (found["registration"], found["result"]) == ("registered", "changed")
    assert found["done"] == ["enable the cloud service on ", "commit ()", "register with a registration token"]


def test_an_appliance_that_was_not_read_needs_no_token() -> None:
    picture = Picture([Box("a", trouble=unreachable("a"))])
    (row,) = progress_of(picture.state(), outcomes_of((), None, {}), Goal.PRESENT).values()
    assert (row.needs_token, row.device, row.registration) == (False, None, None)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (too_old("a"), "AsyncOS 12.5.0-066 on an ESA is too old: it needs 13.0 or later. Fix: upgrade the"),
        (unreachable("a"), "connection refused. Fix: check ansible_port."),
    ],
)
def test_an_unread_appliance_has_a_reason(trouble: Any, reason: str) -> None:
    found = rows(Picture([Box("a", trouble=trouble), replace(NEW, host="b")]))
    assert found["a"]["result"] == "failed" and found["a"]["reason"].startswith(reason)
    assert found["b"]["result"] == "ok"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Task failed: a (192.0.2.1:22): no answer", "no answer"),
        ("a: no answer", "no answer"),
        ("aa: no answer", "aa: no answer"),
    ],
)
def test_a_reason_does_not_name_the_host_again(message: str, reason: str) -> None:
    lost = {"unreachable": True, "msg": message}
    assert rows(new("a"), enable={"a": lost})["a"]["reason"] == reason


def test_the_last_task_that_failed_gives_the_reason() -> None:
    first, second = ({"failed": True, "msg": text} for text in ("first", "second"))
    assert rows(new("a"), alive=(), enable={"a": first}, register={"a": second})["a"]["reason"] == "second"
    assert rows(new("a"), alive=())["a"]["reason"] == "an earlier task of the play failed."


@pytest.mark.parametrize(
    ("kinds", "server", "left"),
    [
        (["deregister", "set_server"], AMERICAS, "americas"),
        (["set_server"], AMERICAS, None),
        (["deregister"], EUROPE, None),
        (["deregister"], "sse.example.com", None),
        (["deregister"], None, None),
    ],
)
def test_the_region_that_an_appliance_left_in_this_run(kinds: list[str], server: str | None, left: str | None) -> None:
    task_results = {"enable": {"a": done("a", *kinds, before={"server": server, "registration": "registered"})}}
    (row,) = progress_of(new("a").state(), outcomes_of("a", None, task_results), Goal.PRESENT).values()
    assert row.left_region == left


REGISTERED = {"registration": "registered"}
MOVE = "ansible-playbook -i INVENTORY emailsec.ctr.onboard --limit a -e esa_ctr_allow_region_change=true"


@pytest.mark.parametrize(
    ("before", "refused", "moves"),
    [
        ({**REGISTERED, "server": APJC}, True, True),
        ({**REGISTERED, "server": APJC}, False, False),
        ({"registration": "unregistered", "server": APJC}, True, False),
        (REGISTERED, True, False),
        ({**REGISTERED, "server": None}, True, False),
        (None, True, False),
    ],
)
def test_a_registered_appliance_of_another_region_is_refused_with_the_command_that_moves_it(
    before: dict[str, Any] | None, refused: bool, moves: bool
) -> None:
    """Any other refusal keeps its own message."""
    diff = {"before": {**service("a"), **before} if before else None}
    result = {"failed": True, "refused": refused, "problem": "p.", "fix": "r.", "diff": diff}
    reason = rows(new("a"), enable={"a": result})["a"]["reason"]
    assert reason.endswith(MOVE) is moves
    assert reason == "p. Fix: r." or f"registered with {APJC}, but the inventory requires {EUROPE} (europe)" in reason


def test_duplicate_host_names_stop_in_one_region_and_any_letter_case() -> None:
    twin = Twin("twin", registration="unregistered")
    both = rows(Picture([NEW, twin, replace(NEW, host="b")]))
    assert [one["result"] for one in both.values()] == ["failed", "failed", "ok"]
    assert "2 appliances of europe have the host name a.example.com" in both["a"]["reason"]
    apart = rows(Picture([NEW, replace(twin, region="apjc")]))
    assert {one["result"] for one in apart.values()} == {"ok"}
    unread = rows(Picture([Box(host, trouble=unreachable(host)) for host in "ab"]))
    assert not any("host name" in one["reason"] for one in unread.values())


@pytest.mark.parametrize(
    ("server", "pending", "registration", "reason"),
    [
        (None, True, "unregistered", "another administrator's uncommitted changes"),
        (None, None, "unregistered", "does not show whether"),
        (None, True, "registered", ""),
        (None, False, "unregistered", ""),
        (EUROPE, True, "unregistered", ""),
    ],
)
def test_no_token_if_a_later_commit_is_not_allowed(
    server: str | None, pending: bool | None, registration: str, reason: str
) -> None:
    """If an appliance hides its server, the server is set and committed only at registration."""
    task_results = done("a", registration=registration, pending_changes=pending)
    task_results["cloud_service"]["server"] = server
    found = rows(Picture([replace(NEW, pending=pending)]), enable={"a": task_results})["a"]
    assert (found["result"] == "failed") is bool(reason)
    assert reason in found["reason"]
    hides = Picture([Box("a", server=server, registration=registration, pending=pending)])
    assert rows(hides, Goal.ABSENT)["a"]["result"] == "ok", "a removal commits nothing there"


def test_an_appliance_whose_enable_was_not_committed_gets_no_token() -> None:
    task_results = done("a", registration="unavailable")
    assert "was not committed" in rows(new("a"), enable={"a": task_results})["a"]["reason"]


TOKEN_CASES: tuple[tuple[dict[str, Any], str, str], ...] = (
    (DOWN, "cannot connect", "cannot connect"),
    (
        {"msg": "1 of 2 failed", "devices": [answer("a", "failed", error="conflict"), answer("b", "added")]},
        "no registration token: conflict",
        "",
    ),
    ({"devices": [answer("a", "none"), answer("b", "new_token")]}, "(id id-a), but the appliance is not regis", ""),
    ({"devices": [answer("b", "handed_out")]}, "no registration token was issued.", ""),
)


@pytest.mark.parametrize(("turn", "of_a", "of_b"), TOKEN_CASES)
def test_an_appliance_without_a_token_stops_alone(turn: dict[str, Any], of_a: str, of_b: str) -> None:
    picture = new("a", "b")
    picture.boxes.append(Box("there"))
    picture.devices = {"europe": [device("there")]}
    found = reasons_in_full(picture, tokens=loop(**turn))
    assert of_a in found["a"] and bool(found["a"])
    assert found["b"] == of_b
    assert found["there"] == "", "it needs none"


def reasons_in_full(picture: Picture, **task_results: Any) -> dict[str, str]:
    """Return the full reason why each appliance stops, also for failures shared by a region."""
    state = picture.state()
    found = progress_of(state, outcomes_of(state.settings.hosts, None, task_results), Goal.PRESENT)
    single = rows(picture, **task_results)
    return {
        host: str(row.stop.parameters["message"]) if row.shared and row.stop else single[host]["reason"]
        for host, row in found.items()
    }


def test_a_failure_of_a_region_is_marked_as_shared() -> None:
    found = rows(new("a", "b"), tokens=loop(**DOWN))
    assert {one["reason"] for one in found.values()} == {"the region europe failed (see the error of the region)"}
    assert rows(new("a"), tokens=loop(**DOWN))["a"]["reason"] == "cannot connect", "what one has alone is in its row"
    no_token = rows(new("a", "b"), tokens=loop(devices=[]))
    assert {one["reason"] for one in no_token.values()} == {"no registration token was issued."}, "of appliances"


def test_only_the_missing_devices_of_a_wait_stop() -> None:
    picture = Picture([Box(host) for host in "ab"])
    waited = loop(msg="time is up", missing={"b.example.com": "Pending"}, fix="wait.")
    found = rows(picture, wait=waited)
    assert [found[host]["result"] for host in "ab"] == ["ok", "failed"]
    assert "the SSE of europe did not show it as registered in time (Pending). Fix: wait." in found["b"]["reason"]
    everyone = rows(picture, wait=loop(**DOWN))
    assert [everyone[host]["result"] for host in "ab"] == ["failed", "failed"]


def test_modules_are_matched_to_appliances_by_name() -> None:
    picture = onboarded(*"abcd")
    turn = loop(
        msg="1 of 3 failed",
        modules=[
            {"name": "a", "action": "created", "error": None},
            {"name": "b", "action": "failed", "error": "no such device"},
            {"name": "c", "action": "none", "error": None},
            {"name": "d", "action": "by_hand", "error": None, "by_hand": "Enter it."},
        ],
    )
    found = rows(picture, modules=turn)
    assert [found[host]["result"] for host in "abcd"] == ["changed", "failed", "ok", "ok"]
    assert [found[host]["module"] for host in "abcd"] == ["created", "failed", "no change", "manual"]
    assert "CTR module 'b': no such device" in found["b"]["detail"]
    assert found["d"]["detail"] == "Enter it.", "a note, and no failure"
    refused = {"msg": "there is no module type called X", "fix": "enable it."}
    for failure in (DOWN, refused):
        assert rows(onboarded("a"), modules=loop(**failure))["a"]["reason"] == failure["msg"]


def test_a_region_that_cannot_be_read_stops_its_appliances() -> None:
    picture = new("a", "b", devices_error={"europe": api_down("europe")})
    picture.boxes.append(replace(NEW, host="c", region="apjc", server=APJC))
    found = rows(picture)
    assert [found[host]["result"] for host in "abc"] == ["failed", "failed", "ok"]


def test_with_tokens_from_the_portal_only_a_missing_scope_is_ignored() -> None:
    picture = new("a", manual=True, devices_error={"europe": no_scope()})
    assert rows(picture)["a"]["result"] == "ok"
    down = new("a", manual=True, devices_error={"europe": api_down("europe")})
    assert rows(down)["a"]["result"] == "failed"
    wanted = picture.state().settings.hosts["a"]
    reading = picture.state().devices["europe"]
    assert usable(wanted, reading) and usable(wanted, None)
    assert not usable(replace(wanted, manual_token=False), reading)
    gateway = replace(reading, failure=api_failure({"msg": "bad gateway", "http_status": 502}))
    assert not usable(wanted, gateway)


def test_a_removal_uses_the_state_before_its_steps() -> None:
    read = done("a", "deregister", registration="unregistered", before=REGISTERED)
    found = rows(Picture([Box("a", trouble=unreachable("a"))]), Goal.ABSENT, read_again={"a": read})["a"]
    assert (found["registration"], found["done"], found["result"]) == ("registered", [], "ok")


def test_a_removal_names_the_remaining_record() -> None:
    picture = Picture([replace(NEW, host="a")])
    picture.devices = {"europe": [device("a", "Unregistered"), device("a", name="A.example.com")]}
    deleted = answer("a", "deleted", id="id-a-unregistered")
    whole = rows(picture, Goal.ABSENT, records=loop(devices=[deleted]))["a"]
    assert (whole["done"], whole["result"]) == (["SSE record deleted"], "changed")
    stays = answer("a", "failed", id="id-a-registered", error="SSE says no")
    half = rows(picture, Goal.ABSENT, records=loop(msg="1 of 2 failed", devices=[deleted, stays]))["a"]
    assert half["reason"] == "deregistered, but its SSE record still exists: SSE says no"
    lost = rows(picture, Goal.ABSENT, records=loop(**DOWN))["a"]
    assert lost["reason"] == "deregistered, but its SSE record still exists: cannot connect"


def test_a_removal_begins_with_the_module() -> None:
    picture = onboarded("a")
    task_results = {
        "modules": loop(modules=[{"name": "a", "action": "deleted", "error": None}]),
        "register": {"a": done("a", "deregister", registration="unregistered")},
        "records": loop(devices=[answer("a", "deleted", id="id-a-registered")]),
    }
    found = rows(picture, Goal.ABSENT, **task_results)["a"]
    assert found["done"] == ["module deleted", "deregister", "SSE record deleted"]


def test_without_the_scope_the_record_is_removed_manually() -> None:
    picture = Picture([Box("a")], manual=True, devices_error={"europe": no_scope()})
    found = rows(picture, Goal.ABSENT)["a"]
    assert found["detail"] == 'In the SSE portal of EUROPE, Devices, remove "a.example.com" if it is listed.'


def test_a_busy_appliance_stops() -> None:
    busy = Picture([Box("a", registration="in_progress", server=None)])
    for goal in Goal:
        found = rows(busy, goal)["a"]
        assert found["result"] == "failed" and "busy" in found["reason"]
    settled = done("a", registration="registered")
    assert rows(busy, enable={"a": settled})["a"]["result"] == "ok"
    gone = done("a", registration="unregistered")
    assert rows(busy, Goal.ABSENT, read_again={"a": gone})["a"]["result"] == "ok", "its task has waited"


ISSUED = loop(devices=[answer("a", "new_token")], tokens=[])


def test_an_appliance_that_another_run_registered_meanwhile_has_a_note_and_one_on_the_unused_token() -> None:
    found = rows(new("a"), tokens=ISSUED, register={"a": done("a", before={"registration": "registered"})})["a"]
    assert (found["result"], found["registration"]) == ("ok", "registered")
    assert found["detail"] == (
        "changed by another run meanwhile: the appliance was registered; "
        "the registration token that this run issued was not used, because the appliance was already registered"
    )


def test_a_change_between_two_tasks_is_noted_once() -> None:
    enabled = done("a", registration="unregistered")
    moved = done("a", "register", before={"server": AMERICAS}, meanwhile=["settings_changed", "token_replaced"])
    found = rows(new("a"), enable={"a": enabled}, register={"a": moved})["a"]
    assert found["detail"].count("enabled, disabled or set to another server") == 1
    assert "the registration token was replaced, so this run issued a new one" in found["detail"]


def test_a_token_that_expired_is_not_attributed_to_another_run() -> None:
    found = rows(new("a"), register={"a": done("a", "register", meanwhile=["token_expired"])})["a"]
    assert "the registration token expired before it was used" in found["detail"]
    assert "another run" not in found["detail"]


def test_a_token_that_was_refused_twice_is_the_reason() -> None:
    failure = {"failed": True, "token_refused": True, "refused": False, "problem": "refused twice.", "fix": "wait."}
    state, outcomes = new("a").state(), outcomes_of("a", None, {"register": {"a": done("a", **failure)}})
    (row,) = progress_of(state, outcomes, Goal.PRESENT).values()
    assert row.stop is not None and row.stop.code is Code.TOKEN_REFUSED


def test_a_module_whose_device_was_deregistered_meanwhile_leaves_the_registration_unknown() -> None:
    module = {"name": "a", "action": "failed", "error": "no longer registered", "meanwhile": "deregistered"}
    found = rows(onboarded("a"), modules=loop(modules=[module]))["a"]
    assert (found["result"], found["registration"]) == ("failed", None)
    assert "changed by another run meanwhile: the appliance was deregistered" in found["detail"]


def test_an_appliance_whose_device_another_run_registered_is_read_again_without_a_token() -> None:
    tokens = loop(devices=[answer("a", "none", meanwhile="registered")])
    state, outcomes = new("a").state(), outcomes_of("a", None, {"tokens": tokens})
    (row,) = progress_of(state, outcomes, Goal.PRESENT).values()
    assert row.stop is None and row.needs_token
