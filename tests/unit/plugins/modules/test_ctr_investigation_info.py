# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ctr_investigation_info against answers of all shapes; the lab's own are in tests/integration."""

from __future__ import annotations

import re
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.modules import ctr_investigation_info
from ansible_collections.emailsec.ctr.tests.unit.plugins.module_utils.cloud.fake_iroh import FakeIroh
from ansible_collections.emailsec.ctr.tests.unit.plugins.module_utils.cloud.fixtures import RunModule

OBSERVE = "/iroh/iroh-enrich/observe/observables"
HEALTH = "/iroh/iroh-enrich/health"
INSPECT = "/iroh/iroh-inspect/inspect"
QUERY = 'email_subject:"Invoice Due"'
SUBJECT = {"type": "email_subject", "value": "Invoice Due"}
NAMED = {"module": "esa1", "module_instance_id": "m-1", "module_type_id": "t-1"}
DOC = {
    "id": "transient:1",
    "type": "sighting",
    "schema_version": "1.1.3",
    "confidence": "High",
    "count": 2,
    "observed_time": {"start_time": "2026-01-12T09:30:48.000Z"},
    "observables": [SUBJECT],
    "relations": [
        {"origin": "x", "relation": "Sent_To", "source": SUBJECT, "related": {"type": "email", "value": "b@x"}}
    ],
}
ERROR = {**NAMED, "type": "fatal", "code": "device_unavailable", "message": "no answer"}


@pytest.fixture
def look(iroh: FakeIroh, run_module: RunModule) -> Any:
    """Run the module with this answer to the observation."""

    def run(body: Any = None, **options: Any) -> dict[str, Any]:
        iroh.trick("POST", OBSERVE, status=200, body={"data": []} if body is None else body, times=99)
        given = options if {"content", "observables", "query"} & set(options) else {"query": QUERY, **options}
        return run_module(ctr_investigation_info.main, **given)

    return run


def test_a_sighting(iroh: FakeIroh, look: Any) -> None:
    result = look({"data": [{**NAMED, "data": {"sightings": {"count": 1, "docs": [DOC]}}}]}, module_instance_id="m-1")
    assert result["changed"] is False and result["found"] is True
    assert result["observables"] == [SUBJECT]
    assert result["modules"] == [{**NAMED, "sightings_count": 1}]
    assert (result["errors"], result["health"], result["module_instance_id"]) == ([], None, "m-1")
    assert result["sightings"] == [
        {
            "id": "transient:1",
            "module": "esa1",
            "module_instance_id": "m-1",
            "observed_time": {"start": "2026-01-12T09:30:48.000Z", "end": None},
            "count": 2,
            "observables": [SUBJECT],
            "relations": [{"relation": "Sent_To", "source": "email_subject:Invoice Due", "related": "email:b@x"}],
            "source": None,
            "sensor": None,
            "title": None,
            "description": None,
            "confidence": "High",
            "severity": None,
        }
    ]
    call = iroh.calls[-1]
    assert (str(call), call.query, call.body) == (f"POST {OBSERVE}", {"mids": "m-1"}, [SUBJECT])


@pytest.mark.parametrize(
    "body",
    [
        {"data": []},
        {"data": [{**NAMED, "data": {}}]},
        {"data": [{**NAMED, "data": {"sightings": None, "verdicts": {"count": 0, "docs": []}}}]},
        {"data": [{**NAMED, "data": {"sightings": {"count": 0, "docs": []}}}], "errors": []},
        {"data": None, "errors": None},
        {"errors": []},
    ],
)
def test_no_sighting_is_a_success(look: Any, body: Any) -> None:
    result = look(body)
    assert not result.get("failed")
    assert (result["found"], result["sightings"]) == (False, [])


def test_a_sighting_with_nothing_in_it_has_the_same_shape(look: Any) -> None:
    result = look({"data": [{"data": {"sightings": {"docs": [{}, {"relations": ["x"], "observables": "y"}]}}}]})
    assert result["modules"][0]["sightings_count"] == 2
    for one in result["sightings"]:
        assert one["observed_time"] == {"start": None, "end": None}
        assert one["observables"] == one["relations"] == []
        assert one["module"] is None and one["count"] is None


def test_errors_of_modules_are_failures(look: Any) -> None:
    body = {"data": [{**NAMED, "data": {"sightings": {"count": 1, "docs": [DOC]}}}], "errors": [ERROR, "odd"]}
    result = look(body)
    assert result["failed"]
    for words in ("EUROPE", "esa1: no answer (device_unavailable)", "odd", "admin.eu.sse", "fail_on_errors"):
        assert words in result["msg"], words
    assert result["error"] == "device_unavailable"
    assert result["errors"][0] == ERROR
    assert result["errors"][1] == {**dict.fromkeys(ERROR), "message": "odd"}
    assert result["found"] is True and len(result["sightings"]) == 1, "the results of other modules are returned"


def test_errors_of_modules_can_be_ignored(look: Any) -> None:
    result = look({"data": [], "errors": [ERROR]}, fail_on_errors=False)
    assert not result.get("failed")
    assert result["errors"] == [ERROR]
    assert "no answer" in str(result["warnings"])


def test_warnings_are_warnings(look: Any) -> None:
    result = look({"data": [], "errors": [{**ERROR, "type": "warning"}]})
    assert not result.get("failed")
    assert "no answer" in str(result["warnings"])


@pytest.mark.parametrize(
    ("status", "errors", "failed"),
    [("ok", [], False), ("unknown", [], False), ("error", [], True), ("error", [ERROR], True), ("ok", [ERROR], True)],
)
def test_health_of_one_module(
    iroh: FakeIroh, run_module: RunModule, status: str, errors: list[Any], failed: bool
) -> None:
    body = {"data": {**NAMED, "data": {"status": status}}, "errors": errors}
    iroh.trick("POST", HEALTH + "/m-1", status=200, body=body)
    result = run_module(ctr_investigation_info.main, module_instance_id="m-1", check_health=True)
    assert result["health"] == {"status": status, "modules": [{**NAMED, "status": status}]}
    assert bool(result.get("failed")) is failed
    assert result["errors"] == errors
    if failed:
        assert "esa1" in result["msg"]
    assert iroh.requests[1:] == [f"POST {HEALTH}/m-1"], "no other request"


def test_the_health_of_all_modules_is_the_worst_status(iroh: FakeIroh, run_module: RunModule) -> None:
    body = {"data": [{**NAMED, "data": {"status": one}} for one in ("ok", "unknown", "ok")], "errors": []}
    iroh.trick("POST", HEALTH, status=200, body=body)
    result = run_module(ctr_investigation_info.main, check_health=True)
    assert result["health"]["status"] == "unknown"


def test_a_text_is_inspected_first(iroh: FakeIroh, look: Any) -> None:
    iroh.trick("POST", INSPECT, status=200, body=[SUBJECT])
    result = look(content="about the Invoice Due")
    assert result["observables"] == [SUBJECT]
    assert [str(call) for call in iroh.calls[1:]] == [f"POST {INSPECT}", f"POST {OBSERVE}"]
    assert iroh.calls[1].body == {"content": "about the Invoice Due"}
    assert iroh.calls[2].query == {}


def test_a_text_without_observables(iroh: FakeIroh, look: Any) -> None:
    iroh.trick("POST", INSPECT, status=200, body=[])
    result = look(content="nothing")
    assert result["failed"] and "no observables in content" in result["msg"] and 'ip:"' in result["msg"]


@pytest.mark.parametrize("body", [{}, [{"type": "ip"}], ["x"], [{"type": "ip", "value": 7}]])
def test_inspections_that_cannot_be_read(iroh: FakeIroh, look: Any, body: Any) -> None:
    iroh.trick("POST", INSPECT, status=200, body=body)
    assert "observable" in look(content="x")["msg"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        "text",
        {"sightings": []},
        {"data": {}},
        {"data": ["x"]},
        {"data": [{**NAMED, "data": {"sightings": []}}]},
        {"data": [{**NAMED, "data": {"sightings": {"docs": ["x"]}}}]},
    ],
)
def test_answers_that_cannot_be_read_are_failures(look: Any, body: Any) -> None:
    result = look(body)
    assert result["failed"]
    assert result["path"] == f"POST {OBSERVE}"


@pytest.mark.parametrize("body", [{"data": {}}, {"data": {"data": {"status": 7}}}, {"data": ["x"]}])
def test_health_that_cannot_be_read(iroh: FakeIroh, run_module: RunModule, body: Any) -> None:
    iroh.trick("POST", HEALTH, status=200, body=body)
    assert "data.status" in run_module(ctr_investigation_info.main, check_health=True)["msg"]


def test_a_module_by_its_name(iroh: FakeIroh, look: Any) -> None:
    wanted = iroh.instance("esa1", "d-1", enabled=False)
    iroh.instance("esa2", "d-2")
    result = look(module_name="esa1")
    assert result["module_instance_id"] == wanted["id"]
    assert iroh.calls[-1].query == {"mids": wanted["id"]}
    assert "disabled" in str(result["warnings"])


def test_missing_duplicate_and_disabled_module_names(iroh: FakeIroh, look: Any) -> None:
    iroh.instance("esa1", "d-1")
    iroh.instance("esa1", "d-2")
    assert "2 modules with the name esa1" in look(module_name="esa1")["msg"]
    assert "no module with the name esa9" in look(module_name="esa9")["msg"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "no observables"),
        ({"query": "subject"}, "query, character 1"),
        ({"query": QUERY, "content": "x"}, "mutually exclusive"),
        ({"query": QUERY, "module_name": "a", "module_instance_id": "b"}, "mutually exclusive"),
        ({"content": " "}, "content is empty"),
        ({"observables": []}, "observables is empty"),
        ({"observables": [{"type": "x", "value": "y"}]}, "entry 1"),
        ({"query": QUERY, "module_name": " "}, "module_name is empty"),
        ({"query": QUERY, "wait_timeout": -1}, "wait_timeout is "),
        ({"check_health": True, "wait_timeout": 5}, "wait_timeout is set"),
    ],
)
def test_invalid_options_are_refused(iroh: FakeIroh, run_module: RunModule, given: dict[str, Any], words: str) -> None:
    result = run_module(ctr_investigation_info.main, **given)
    assert result["failed"] and words in result["msg"]
    assert iroh.calls == []


def test_waiting_until_there_is_a_sighting(iroh: FakeIroh, look: Any) -> None:
    iroh.trick("POST", OBSERVE, status=200, body={"data": []}, times=2)
    found = {"data": [{**NAMED, "data": {"sightings": {"count": 1, "docs": [DOC]}}}]}
    result = look(found, wait_timeout=30, wait_interval=0)
    assert result["found"] is True
    assert iroh.requests.count(f"POST {OBSERVE}") == 3
    assert iroh.logins == 1


def test_waiting_times_out(look: Any) -> None:
    result = look({"data": [{**NAMED, "data": {}}]}, wait_timeout=0.2, wait_interval=0.05)
    assert result["failed"]
    assert 'no sighting of email_subject:"Invoice Due" within 0.2 s' in result["msg"]
    assert result["modules"] == [{**NAMED, "sightings_count": 0}] and result["found"] is False


def test_errors_end_the_waiting(iroh: FakeIroh, look: Any) -> None:
    result = look({"data": [], "errors": [ERROR]}, wait_timeout=30, wait_interval=0)
    assert result["failed"] and "no answer" in result["msg"]
    assert iroh.requests.count(f"POST {OBSERVE}") == 1


def test_check_mode_sends_the_same_requests_and_reports_no_change(iroh: FakeIroh, look: Any) -> None:
    assert look(_ansible_check_mode=True)["changed"] is False
    assert iroh.requests[-1] == f"POST {OBSERVE}"


def test_temporary_api_errors_are_retried(iroh: FakeIroh, look: Any) -> None:
    """A POST that only reads is retried."""
    iroh.trick("POST", OBSERVE, status=502, body=b"")
    assert look()["found"] is False
    assert iroh.requests.count(f"POST {OBSERVE}") == 2


FIRST, SECOND = ({"type": "email_messageid", "value": f"{name}@example.com"} for name in ("first", "second"))


def seen_by(*pairs: tuple[str, dict[str, str]]) -> dict[str, Any]:
    """Return an answer with a sighting of each observable from these modules."""
    return {
        "data": [
            {**NAMED, "module_instance_id": module, "data": {"sightings": {"docs": [{"observables": [observable]}]}}}
            for module, observable in pairs
        ]
    }


def test_waiting_for_any(look: Any) -> None:
    result = look(seen_by(("m-1", SECOND)), observables=[FIRST, SECOND], wait_timeout=30, wait_interval=0)
    assert result["waited"] == {"found": 1, "of": 2, "done": True}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result["looked_at"])
    counted = {"data": [{**NAMED, "data": {"sightings": {"count": 3, "docs": []}}}]}
    assert look(counted, wait_timeout=30, wait_interval=0)["waited"] == {"found": 0, "of": 1, "done": True}


@pytest.mark.parametrize(("ahead", "shown"), [(7200, 7200), (-7200, -7200), (20, 0)])
def test_the_difference_of_the_clocks(look: Any, monkeypatch: pytest.MonkeyPatch, ahead: int, shown: int) -> None:
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda _self: formatdate(time.time() + ahead))
    assert abs(look()["clock_difference"] - shown) <= 5


def test_waiting_for_all(iroh: FakeIroh, look: Any) -> None:
    iroh.trick("POST", OBSERVE, status=200, body=seen_by(("m-1", SECOND)), times=2)
    both = seen_by(("m-1", {**FIRST, "value": "<first@example.com>"}), ("m-2", SECOND))
    result = look(both, observables=[FIRST, SECOND], wait_for="all", wait_timeout=30, wait_interval=0)
    assert result["waited"] == {"found": 2, "of": 2, "done": True}
    assert iroh.requests.count(f"POST {OBSERVE}") == 3
    assert iroh.calls[-1].body == [FIRST, SECOND]


def test_a_time_out_names_the_missing_observables(look: Any) -> None:
    result = look(
        seen_by(("m-1", SECOND)), observables=[FIRST, SECOND], wait_for="all", wait_timeout=0.2, wait_interval=0.05
    )
    assert result["failed"]
    assert 'no sighting of email_messageid:"first@example.com" within' in result["msg"]
    assert "second" not in result["msg"]
    assert len(result["sightings"]) == 1 and result["waited"] == {"found": 1, "of": 2, "done": False}


@pytest.mark.parametrize("wait_for", ["any", "all"])
def test_waiting_for_the_sighting_of_one_module(iroh: FakeIroh, look: Any, wait_for: str) -> None:
    """Another module reports the message earlier."""
    iroh.trick("POST", OBSERVE, status=200, body=seen_by(("m-2", FIRST)), times=2)
    wanted = {**FIRST, "module_instance_id": "m-1"}
    found = seen_by(("m-2", FIRST), ("m-1", FIRST))
    result = look(found, observables=[wanted], wait_for=wait_for, wait_timeout=30, wait_interval=0)
    assert result["waited"] == {"found": 1, "of": 1, "done": True}
    assert iroh.requests.count(f"POST {OBSERVE}") == 3
    assert (iroh.calls[-1].body, iroh.calls[-1].query) == ([FIRST], {}), (
        "all modules are asked, in the words of the API"
    )


def test_the_same_message_of_two_modules_is_asked_for_once(iroh: FakeIroh, look: Any) -> None:
    wanted = [{**FIRST, "module_instance_id": module} for module in ("m-1", "m-2", "m-1")]
    result = look(seen_by(("m-1", FIRST)), observables=wanted, wait_for="all", wait_timeout=0.1, wait_interval=0.05)
    assert result["failed"] and result["waited"] == {"found": 1, "of": 2, "done": False}
    assert iroh.calls[-1].body == [FIRST]
