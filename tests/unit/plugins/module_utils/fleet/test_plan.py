# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plan a run from a reading. A run with the predicted results has the same progress."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    Action,
    Answer,
    CloudStep,
    CloudStepKind,
    Goal,
    Progress,
    TokensOutcome,
    WaitOutcome,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan, plan_fleet
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.progress import progress_of
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import Code
from ansible_collections.emailsec.ctr.plugins.module_utils._http.transport import Transport
from ansible_collections.emailsec.ctr.plugins.module_utils._report.wording import steps_text
from tests.unit.examples import examples
from tests.unit.plugins.module_utils.fleet.drawn import troubled_pictures
from tests.unit.plugins.module_utils.fleet.picture import (
    AMERICAS,
    EUROPE,
    Box,
    Picture,
    api_down,
    device,
    module,
    no_scope,
    onboarded,
    too_old,
    unreachable,
)
from tests.unit.plugins.module_utils.fleet.results import outcomes_of, results_of

OFF = Box("a", enabled=False, server=None, registration="unavailable")
SET = [f"set the server to {EUROPE}", "commit (emailsec.ctr)"]
REGISTER = "register with a registration token"


def enabled(plan: FleetPlan) -> list[str]:
    return steps_text(plan.outcomes.enable["a"].steps)


def registered(plan: FleetPlan) -> list[str] | None:
    found = plan.outcomes.register.get("a")
    return steps_text(found.steps) if found else None


@pytest.mark.parametrize(
    ("box", "first", "second"),
    [
        (OFF, [f"enable the cloud service on {EUROPE}", "commit (emailsec.ctr)"], [REGISTER]),
        (Box("a"), [], None),
        (Box("a", server=AMERICAS), ["deregister", *SET], [REGISTER]),
        (Box("a", server=AMERICAS, registration="unregistered"), SET, [REGISTER]),
        (Box("a", server=None, registration="unregistered"), [], [*SET, REGISTER]),
    ],
)
def test_steps_are_split_where_a_run_issues_the_token(box: Box, first: list[str], second: list[str] | None) -> None:
    plan = Picture([box], {"europe": [device("a")] if second is None else []}, allow_move=True).plan()
    assert (enabled(plan), registered(plan)) == (first, second)
    assert steps_text(plan.progress["a"].steps)[: len(first)] == first


def test_the_second_task_starts_from_the_result_of_the_first() -> None:
    plan = Picture([OFF]).plan()
    first, second = plan.outcomes.enable["a"], plan.outcomes.register["a"]
    assert first.before is not None and first.after is not None and second.after is not None
    assert (first.before.registration, first.after.registration) == ("unavailable", "unregistered")
    assert (first.after.server, second.after.registration) == (EUROPE, "registered")


def test_a_move_leaves_its_old_region() -> None:
    plan = Picture([Box("a", server=AMERICAS)], {"americas": [device("a")]}, allow_move=True).plan()
    assert plan.progress["a"].left_region == "americas"
    assert CloudStep(CloudStepKind.OLD_RECORD_DELETED, "americas") in plan.progress["a"].steps


@pytest.mark.parametrize(
    ("box", "code"),
    [
        (replace(OFF, pending=True), Code.APPLIANCE_REFUSED),
        (Box("a", trouble=too_old("a")), Code.APPLIANCE_REFUSED),
        (Box("a", trouble=unreachable("a")), Code.APPLIANCE_UNREAD),
        (Box("a", server=None, registration="in_progress"), Code.BUSY),
    ],
)
def test_an_unread_or_refused_appliance_has_no_task(box: Box, code: Code) -> None:
    for goal in Goal:
        plan = Picture([box]).plan(goal)
        row = plan.progress["a"]
        if box.pending and goal is Goal.ABSENT:
            continue
        assert row.stop is not None and row.stop.code is code
        assert (plan.outcomes.enable, plan.outcomes.register, row.module) == ({}, {}, None)
        assert row.device == (None if box.trouble else "a.example.com"), "what was read is kept"


def missing(*devices: dict[str, Any], prune: bool = False, boxes: tuple[str, ...] = ("a",)) -> Mapping[str, str]:
    """Return the SSE state of devices whose wait would time out, by name."""
    plan = Picture([Box(host) for host in boxes], {"europe": list(devices)}, prune=prune).plan()
    turn = plan.outcomes.wait.get("europe")
    assert turn is None or (turn.predicted and turn.failure and turn.failure.fix)
    return (turn.missing if turn else None) or {}


def test_a_predicted_time_out_has_the_message_of_the_waiting_task() -> None:
    assert missing() == {"a.example.com": "not in SSE"}
    assert missing(device("a", "Pending")) == {"a.example.com": "Pending"}
    for both in ([device("a"), device("a", "Pending")], [device("a", "Pending"), device("a")]):
        assert missing(*both)["a.example.com"].startswith("duplicate name: id-a-registered, Reg")
    assert missing(device("a")) == {}
    assert missing(device("a", name="A.EXAMPLE.COM")) == {}
    assert missing(device("a"), device("a", "Pending", name="A.EXAMPLE.COM")) == {}
    assert missing(device("b"), boxes=("b", "c")) == {"c.example.com": "not in SSE"}


def test_records_pruned_before_the_wait_are_ignored() -> None:
    both = [device("a"), device("a", "Unregistered")]
    assert missing(*both, prune=True) == {}
    assert "duplicate name" in missing(*both)["a.example.com"]
    unproven = Picture([Box("a"), Box("b", trouble=unreachable("b"))], {"europe": both}, prune=True).plan()
    assert unproven.outcomes.wait["europe"].missing, "while nothing is removed, it stays"


def test_tokens_of_the_portal_are_part_of_the_plan() -> None:
    """A host with a token continues. A host without a token stops with a reason."""
    picture = Picture([OFF, replace(OFF, host="b")], manual=True)
    plan = picture.plan()
    assert {answer.action for answer in plan.outcomes.tokens["europe"].answers} == {Action.HANDED_OUT}
    assert all(steps_text(row.steps)[2:] == [REGISTER, "module created"] for row in plan.progress.values())
    without = replace(picture, manual=False)
    assert {answer.action for answer in without.plan().outcomes.tokens["europe"].answers} == {Action.ADDED}
    assert registered(Picture([OFF], manual=True, devices_error={"europe": no_scope()}).plan()) == [REGISTER]


def test_an_appliance_whose_token_of_the_portal_is_unusable_has_no_steps() -> None:
    state = Picture([OFF], manual=True).state()
    answer = Answer("a.example.com", None, Action.FAILED, "its token expired")
    (row,) = plan_fleet(
        replace(state, portal_tokens={"europe": TokensOutcome((answer,))}), Goal.PRESENT
    ).progress.values()
    assert (list(row.steps), row.stop and row.stop.code) == ([], Code.TOKEN_FAILED)


def removal(picture: Picture) -> dict[str, tuple[list[str], Code | None]]:
    rows = picture.plan(Goal.ABSENT).progress
    return {host: (steps_text(row.steps), row.stop.code if row.stop else None) for host, row in rows.items()}


def test_a_removal_takes_module_registration_and_every_record_of_the_name() -> None:
    picture = onboarded("a", "b")
    picture.devices["europe"].append(device("a", "Unregistered", name="A.example.com"))
    picture.boxes[1] = replace(picture.boxes[1], registration="unregistered")
    records = ["SSE record deleted"]
    assert removal(picture) == {
        "a": (["module deleted", "deregister", *records * 2], None),
        "b": (["module deleted", *records], None),
    }
    assert removal(Picture([OFF])) == {"a": ([], None)}, "what is gone is gone"
    kept = picture.plan(Goal.ABSENT)
    assert (kept.orphans, kept.outcomes.tokens, kept.outcomes.wait) == ({}, {}, {})


def test_a_removal_stops_if_a_region_or_an_appliance_was_not_read() -> None:
    down = onboarded("a")
    down.devices_error["europe"] = api_down("europe")
    assert removal(down) == {"a": ([], Code.REGION_UNREAD)}
    blind = onboarded("a")
    blind.modules_error["europe"] = api_down("europe")
    assert removal(blind) == {"a": ([], Code.MODULES_UNREAD)}
    lost = onboarded("a", "b")
    lost.boxes[0] = replace(lost.boxes[0], trouble=unreachable("a"))
    assert removal(lost) == {
        "a": ([], Code.APPLIANCE_UNREAD),
        "b": (["module deleted", "deregister", "SSE record deleted"], None),
    }


def test_pruning_is_planned_before_the_tokens() -> None:
    picture = Picture([Box("a", registration="unregistered")], prune=True)
    picture.devices["europe"] = [
        device("a", "Unregistered", created="2026-02-01"),
        device("a", "Unregistered", id="old", created="2026-01-01"),
    ]
    picture.modules["europe"] = [module("Old", "vanished")]
    plan = picture.plan()
    deleted = {
        answer.id: answer.action
        for turn in (plan.outcomes.pruned_records["europe"], plan.outcomes.pruned_modules["europe"])
        for answer in turn.answers
    }
    assert deleted == {"old": Action.DELETED, "module-Old-vanished": Action.DELETED}
    (answer,) = plan.outcomes.tokens["europe"].answers
    assert (answer.action, answer.id) == (Action.NEW_TOKEN, "id-a-unregistered")
    assert not replace(picture, prune=False).plan().outcomes.pruned_records


@examples(100)
@given(troubled_pictures(), st.sampled_from(Goal))
def test_a_plan_sends_no_request_and_changes_nothing(picture: Picture, goal: Goal) -> None:
    """The recorded client raises an exception for unknown requests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transport, "send", _nobody)
        before = picture.state(goal)
        kept = copy.deepcopy(before)
        first, second = (picture.plan(goal) for _turn in range(2))
    assert picture.state(goal) == before == kept
    assert first == second


def _nobody(*_arguments: Any, **_options: Any) -> Any:
    raise AssertionError("a plan sends nothing")


def judged(rows: Mapping[str, Progress]) -> dict[str, Progress]:
    """Return the outcomes without the only difference: no task has waited yet."""
    codes = {Code.NOT_SHOWN: Code.NOT_SHOWN_IN_TIME}
    return {
        host: replace(row, stop=row.stop and replace(row.stop, code=codes.get(row.stop.code, row.stop.code)))
        for host, row in rows.items()
    }


@examples(150)
@given(troubled_pictures(), st.sampled_from(Goal))
def test_actual_and_predicted_results_lead_to_the_same_progress(picture: Picture, goal: Goal) -> None:
    """Predicted outcomes, converted to results of the modules and back, lead to the same rows."""
    plan, state = picture.plan(goal), picture.state(goal)
    real = outcomes_of(state.settings.hosts, state.settings.hosts, results_of(plan.outcomes))
    assert all(not turn.predicted for turn in real.wait.values() if isinstance(turn, WaitOutcome))
    assert judged(progress_of(state, real, goal)) == judged(plan.progress)


@examples(100)
@given(troubled_pictures())
def test_a_plan_without_steps_is_finished(picture: Picture) -> None:
    """A host that stops has no further steps. A host that continues ends with its module."""
    for row in picture.plan().progress.values():
        if row.stop is None:
            assert row.registered and row.module in (Action.NONE, Action.CREATED, Action.UPDATED, Action.MANUAL)
