# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A waiting action repeats its module until the wait is over, and shows a line per change."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.action import (
    ctr_investigation_info,
    esa_message_tracking_info,
    sse_device_facts,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.plugin_utils._login_records import ApiLogin
from ansible_collections.emailsec.ctr.plugins.plugin_utils._waiting import WaitingAction, progress_line, region_label
from tests.unit.plugins.action.controller import Display

HOST = {"host": "10.0.0.1", "username": "admin", "password": "s3cret"}
KINDS = {
    "ctr_investigation_info": (ctr_investigation_info, {"region": "europe"}, {"wait_timeout": 60}, "found"),
    "esa_message_tracking_info": (esa_message_tracking_info, HOST, {"wait_timeout": 60}, "tracked"),
    "sse_device_facts": (sse_device_facts, {"region": "europe"}, {"wait_for": "registered"}, "registered"),
}


class Story:
    """One task of an action, whose module gives these answers one after the other."""

    def __init__(self, kind: Any, arguments: dict[str, Any], answers: list[dict[str, Any]]) -> None:
        task = SimpleNamespace(args=arguments, check_mode=False, async_val=0, action="test", diff=False)
        shell = SimpleNamespace(_shell=SimpleNamespace(tmpdir="unused"), transport="ssh", become=None)
        self.action: WaitingAction = kind.ActionModule(task, shell, None, None, None, None)
        self.action._display = self.display = Display()
        self.action._execute_module = self._answer
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers = answers

    def _answer(self, module_name: str, module_args: dict[str, Any], **_how: Any) -> dict[str, Any]:
        self.asked.append((module_name, module_args))
        return dict(self._answers[len(self.asked) - 1])

    def run(self, **variables: Any) -> dict[str, Any]:
        return self.action.run(task_vars=variables)


def answer(counted: str, number: int, **more: Any) -> dict[str, Any]:
    return {"waited": {counted: number, "of": 2, "done": number == 2}, "api_calls": 3, **more}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("off", [None, 0, ""])
def test_a_task_that_does_not_wait_runs_its_module_once(name: str, off: Any) -> None:
    kind, options, waiting, _counted = KINDS[name]
    arguments = {**options, **dict.fromkeys(waiting, off)}
    story = Story(kind, arguments, [{"waited": None, "api_calls": 1, "changed": False}])
    assert story.run() == {"waited": None, "api_calls": 1, "changed": False}
    assert story.asked == [(f"emailsec.ctr.{name}", arguments)]
    assert story.display.lines == []


@pytest.mark.parametrize("name", KINDS)
def test_a_waiting_task_continues_from_its_progress(name: str) -> None:
    kind, options, waiting, counted = KINDS[name]
    arguments = {**options, **waiting}
    answers = [answer(counted, 0, warnings=["slow"]), answer(counted, 1, warnings=["slow", "late"]), answer(counted, 2)]
    story = Story(kind, dict(arguments), answers)
    result = story.run(inventory_hostname="localhost")
    place = "10.0.0.1" if "host" in options else "EUROPE"
    assert [re.sub(r"\d:\d\d$", "", line) for line in story.display.lines] == [
        f"{place}: {number} of 2 {counted}, " for number in range(3)
    ]
    assert result == {**answers[2], "api_calls": 9, "warnings": ["slow", "late"]}
    assert {module for module, _arguments in story.asked} == {f"emailsec.ctr.{name}"}
    progress = [asked.pop("wait_progress") for _module, asked in story.asked]
    assert [one["seen"] for one in progress] == [None, 0, 1]
    assert sorted(one["elapsed"] for one in progress) == [one["elapsed"] for one in progress]
    assert [asked for _module, asked in story.asked] == [arguments] * 3
    assert story.action._task.args == arguments


@pytest.mark.parametrize("last", [answer("found", 1, failed=True), {"failed": True, "api_calls": 3}, {"api_calls": 3}])
def test_a_failure_ends_the_waiting_without_a_line(last: dict[str, Any]) -> None:
    story = Story(ctr_investigation_info, {"region": "mars", "wait_timeout": 60}, [answer("found", 0), last])
    assert story.run() == {**last, "api_calls": 6}
    assert len(story.display.lines) == 1 and story.display.lines[0].startswith("mars: 0 of 2 found")


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({}, "10.0.0.1"),
        ({"inventory_hostname": "localhost"}, "10.0.0.1"),
        ({"inventory_hostname": "127.0.0.1"}, "10.0.0.1"),
        ({"inventory_hostname": "esa1.example.com"}, "esa1.example.com"),
    ],
)
def test_a_line_of_tracking_names_the_appliance(variables: dict[str, Any], place: str) -> None:
    action = Story(esa_message_tracking_info, HOST, []).action
    assert action.place(variables) == place


def test_after_a_refused_log_in_the_module_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ApiLogin, "refused_before", lambda self: ApiError("refused earlier", fix="wait."))
    story = Story(esa_message_tracking_info, {**HOST, "wait_timeout": 60}, [])
    result = story.run()
    assert (result["failed"], result["msg"], result["api_calls"]) == (True, "refused earlier. Fix: wait.", 0)
    assert story.asked == []


def test_the_form_of_a_line() -> None:
    waited = {"registered": 3, "of": 5, "done": False}
    assert progress_line(region_label("europe"), "registered", waited, 20.9) == "EUROPE: 3 of 5 registered, 0:20"
    assert (
        progress_line("esa1.example.com", "registered", waited, 754.0) == "esa1.example.com: 3 of 5 registered, 12:34"
    )
    assert region_label("mars") == "mars"
