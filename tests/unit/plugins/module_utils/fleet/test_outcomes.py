# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert results of modules to data classes of the fleet."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import Step
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    Action,
    Answer,
    ApiFailure,
    FoundModule,
    FoundType,
    Quota,
    SharedDevice,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.outcomes import (
    api_failure,
    appliance_outcome,
    by_region,
    joined_by_region,
    modules_outcome,
    records_outcome,
    tokens_outcome,
    wait_outcome,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import AccessRefused
from tests.unit.plugins.module_utils.fleet.picture import api_down, device, no_scope
from tests.unit.plugins.module_utils.fleet.results import answer, done, service

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("registered", "regions"),
    [
        (None, []),
        ({}, []),
        ({"skipped": True}, []),
        ({"results": []}, []),
        ({"item": "europe", "devices": []}, []),
        ({"results": [{"item": "europe"}, {"item": "apjc", "skipped": True}]}, ["europe"]),
        ({"results": [{"item": {"region": "apjc", "names": []}}]}, ["apjc"]),
        ({"regions": [{"item": "europe"}]}, ["europe"]),
    ],
)
def test_results_of_a_loop_by_region(registered: dict[str, Any] | None, regions: list[str]) -> None:
    """During a loop, the registered variable is the result of one item."""
    assert list(by_region(registered, tokens_outcome)) == regions


@pytest.mark.parametrize("result", [{}, {"skipped": True, "changed": False}])
def test_a_task_that_did_not_run_has_no_outcome(result: dict[str, Any]) -> None:
    assert appliance_outcome("a", result) is None


def test_a_task_on_an_appliance() -> None:
    actions = [{"kind": "set_server", "detail": "x"}]
    found = appliance_outcome("a", {**done("a", pending_changes=True), "actions": actions})
    assert found is not None and found.before is not None and found.after is not None
    assert (found.before.registration, found.after.registration) == ("unregistered", "registered")
    assert (found.steps, found.pending_changes, found.failure) == ((Step("set_server", "x"),), True, None)
    failed = {"failed": True, "problem": "p.", "fix": "r.", "refused": True, "diff": {"before": service("a")}}
    refused = appliance_outcome("a", failed)
    assert refused is not None and refused.failure is not None and refused.before is not None
    assert (refused.failure.problem, refused.failure.fix, refused.failure.refused) == ("p.", "r.", True)
    assert refused.after is None


def test_a_result_with_a_message_is_a_failure() -> None:
    assert api_failure({"msg": None}) is api_failure({}) is None
    assert api_failure({"msg": "x", "failed": False}) == ApiFailure("x")


@pytest.mark.parametrize(
    ("failure", "lacks", "refused"),
    [
        (api_failure(no_scope().as_result()), True, False),
        (api_failure(api_down("europe").as_result()), False, False),
        (ApiFailure("a proxy", path="/p", http_status=403), False, False),
        (ApiFailure("x", path="/p", http_status=403, missing_scopes=True), True, False),
        (ApiFailure("x", path="POST /iroh/oauth2/token", http_status=403, error="invalid"), False, False),
        (ApiFailure("no such type", fix="enable it"), False, True),
    ],
)
def test_what_a_failure_means(failure: ApiFailure, lacks: bool, refused: bool) -> None:
    assert (failure.lacks_scope, failure.refused) == (lacks, refused)


@pytest.mark.parametrize("error", [no_scope(), api_down("europe")])
def test_a_failure_can_be_raised_with_its_class(error: Any) -> None:
    failure = api_failure(error.as_result())
    assert failure is not None
    again = failure.as_error()
    assert isinstance(again, AccessRefused) is isinstance(error, AccessRefused)
    assert api_failure(again.as_result()) == failure


def test_outcomes_contain_no_tokens() -> None:
    found = tokens_outcome({"devices": [answer("a", "added")], "tokens": [{"name": "a.example.com", "token": TOKEN}]})
    assert found.answers == (Answer("a.example.com", "id-a", Action.ADDED),)
    assert TOKEN not in repr(found)


def test_outcomes_of_both_token_sources_are_joined() -> None:
    issued = tokens_outcome({"devices": [answer("a", "added")], "msg": "1 failed"})
    handed = tokens_outcome({"devices": [answer("b", "handed_out")], "given": 3, "left_over": 2})
    both = joined_by_region({"europe": issued}, {"europe": handed})["europe"]
    assert [one.name for one in both.answers] == ["a.example.com", "b.example.com"]
    assert (both.failure, both.given, both.left_over) == (issued.failure, 3, 2)
    assert joined_by_region({"europe": issued}, {"apjc": handed}) == {"europe": issued, "apjc": handed}


def test_the_first_answer_of_a_name_is_used() -> None:
    found = records_outcome(
        {"devices": [answer("a", "deleted"), answer("a", "failed", error="x"), answer("b", "none")]}
    )
    assert found.named("a.example.com") == found.answers[0]
    assert found.named("c.example.com") is None


def test_a_timed_out_wait_has_the_devices_shown() -> None:
    shown = {"ansible_facts": {"sse_devices": [device("a")]}, "quota": {"limit": 8000, "remaining": 7}}
    whole = wait_outcome(shown)
    assert (whole.failure, whole.missing, whole.quota) == (None, None, Quota(8000, 7))
    in_vain = wait_outcome({**shown, "msg": "time is up", "missing": {"b.example.com": "Pending"}})
    assert in_vain.devices == whole.devices
    assert (in_vain.missing, in_vain.predicted) == ({"b.example.com": "Pending"}, False)


def test_modules() -> None:
    found = {"id": "m-1", "name": "a", "product": "esa", "device_id": "d-1", "request_timeframe_days": 30}
    result = {
        "modules": [{"name": "a", "id": "m-1", "action": "updated", "error": None, "by_hand": None, "found": found}],
        "instances": [found],
        "duplicates": [{"device_id": "d-1", "device_name": "x", "modules": [{"name": "a"}, {"name": "b"}]}],
        "module_types": [{"product": "esa", "title": "Email", "devices_offered": 0}],
    }
    outcome = modules_outcome(result)
    module = FoundModule("a", "d-1", 30, True, "m-1", "esa")
    assert outcome.answers == (Answer("a", "m-1", Action.UPDATED, found=module),)
    assert (outcome.instances, outcome.orphans) == ((module,), None), "orphans were not requested"
    assert outcome.shared == (SharedDevice("d-1", "x", ("a", "b")),)
    assert outcome.types == (FoundType("esa", "Email", 0),)
    disabled = modules_outcome({"orphans": [{**found, "enabled": False}]})
    assert [one.enabled for one in disabled.orphans or ()] == [False]
