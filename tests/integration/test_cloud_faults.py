# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of the API: the user sees the cause, no call is wasted, and nothing is created twice."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import retry
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.contract import operation_of
from tests.integration.support import fault_cases
from tests.integration.support.ansible import Ansible
from tests.integration.support.fault_cases import (
    BARE,
    CASES,
    DEVICES,
    HELD,
    INSTANCES,
    NEW,
    OPTIONS,
    WAITING,
    Case,
)
from tests.integration.support.lab import Lab
from tests.integration.support.modules import ModuleRunner, in_short

FLEET = fault_cases.FLEET
REGION = "europe"


@pytest.fixture
def runner(lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> ModuleRunner:
    """Return a runner for modules against Europe's cloud, which has a device with a pending registration."""
    lab.token(REGION, WAITING)
    return ModuleRunner(lab, REGION, monkeypatch, capsys)


def options_of(case: Case) -> dict[str, Any]:
    return {key: value for key, value in {**OPTIONS[case.module], **case.options}.items() if value is not None}


def subject(case: Case) -> str:
    """Return the name of the device or module of the case."""
    options = options_of(case)
    first = options["devices"][0] if "devices" in options else options.get("name", "")
    return first["name"] if isinstance(first, dict) else first


def named(lab: Lab, case: Case) -> int:
    """Return the number of devices or modules with that name."""
    region = lab.state()["regions"][REGION]
    records = region["module_instances" if case.module == "ctr_module" else "devices"]
    return sum(record["name"] == subject(case) for record in records)


def visible_result(result: dict[str, Any]) -> str:
    if result.get("failed"):
        return result["msg"]
    return " ".join(map(warning, result.get("warnings", []))) or ("a change" if result["changed"] else "nothing")


def warning(given: Any) -> str:
    """Return the text of a warning, which is an object from ansible-core 2.19 on."""
    return given if isinstance(given, str) else given["event"]["msg"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.does)
def test_each_fault_gives_the_expected_message_and_calls(
    lab: Lab, runner: ModuleRunner, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE", case.pause)
    for number in range(case.more_devices):
        lab.token(REGION, f"more-{number}.example.com")
    for fault in case.faults:
        lab.fault(**fault, region=REGION)
    before = len(lab.calls())
    result = runner.run(case.module, **options_of(case))
    calls = lab.calls()[before:]
    assert runner.stable_text(visible_result(result)) == case.sees
    assert bool(result.get("failed")) == case.fails
    assert ", ".join(in_short(calls)) == case.calls
    assert result["api_calls"] == len(calls)
    unlisted = [call for call in calls if operation_of(call["method"], call["path"].partition("?")[0]) is None]
    assert unlisted == [], "docs/api-contract.md must list every call"
    assert {key: result[key] for key in case.keys} == case.keys
    assert all(fault["done"] for fault in lab.faults())
    if case.left and case.fails and case.does.endswith("carried out later"):
        until(lambda: named(lab, case), "the request after the time-out of the client")
    if case.left is not None:
        assert named(lab, case) == case.left
    if case.module == "sse_device_facts" and not case.fails:
        shown = [device["id"] for device in result["ansible_facts"]["sse_devices"]]
        assert shown == [device["id"] for device in lab.state()["regions"][REGION]["devices"]]


@pytest.mark.parametrize(
    ("module", "path", "action"), [("sse_token", DEVICES, "new_token"), ("ctr_module", INSTANCES, "none")]
)
def test_the_next_run_finds_what_was_created_after_the_time_out(
    lab: Lab, runner: ModuleRunner, module: str, path: str, action: str
) -> None:
    lab.fault("slow", method="POST", path_regex=path, seconds=3)
    assert runner.run(module, timeout=1, **OPTIONS[module])["failed"]
    kind = "devices" if module == "sse_token" else "module_instances"

    def made() -> list[Any]:
        names = [record["name"] for record in lab.state()["regions"][REGION][kind]]
        return [name for name in names if name == (NEW if module == "sse_token" else BARE)]

    until(lambda: len(made()) == 1, "the request that timed out")
    result = runner.run(module, **OPTIONS[module])
    assert [row["action"] for row in result["devices" if module == "sse_token" else "modules"]] == [action]
    assert len(made()) == 1


def test_an_expired_access_token_costs_one_log_in_at_any_call(lab: Lab, runner: ModuleRunner) -> None:
    """Make ten calls, with an expiry before each of them in turn."""
    names = [f"esa{number}.example.com" for number in range(8)]
    for place in range(9):
        lab.reset()
        lab.fault("expire_tokens", path=DEVICES, skip=place)
        result = runner.run("sse_token", devices=names)
        assert not result.get("failed"), result
        assert [row["action"] for row in result["devices"]] == ["added"] * 8
        assert result["api_calls"] == 10 + 2
        assert sorted(device["name"] for device in lab.state()["regions"][REGION]["devices"]) == sorted(
            [BARE, HELD, *names]
        )


def test_every_task_returns_the_remaining_quota(lab: Lab, runner: ModuleRunner) -> None:
    lab.fault("quota", remaining=100)
    for module, left in (("sse_device_facts", 100), ("sse_token", 98), ("ctr_module", 93)):
        quota = runner.run(module, **OPTIONS[module])["quota"]
        assert (quota["limit"], quota["remaining"]) == (8000, left), module


def test_a_playbook_shows_the_message_and_the_keys_of_a_failed_task(lab: Lab, ansible: Ansible) -> None:
    """Run ansible-playbook once, and check the message and the keys of the failed task."""
    account = {**lab.regions[REGION], "region": REGION, "ca_path": str(lab.folder / "ca.pem")}
    lab.fault("error", path="/iroh/iroh-int/", status=403, scopes=["integration"], trace_id="t-1", count=9)
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": [
            {"name": "facts", "emailsec.ctr.sse_device_facts": account},
            {"name": "module", "emailsec.ctr.ctr_module": {**account, **OPTIONS["ctr_module"]}},
        ],
    }
    run = ansible.plays([play])
    assert run.rc != 0
    facts, module = run.of("facts", "localhost").values, run.of("module", "localhost").values
    assert (facts["api_calls"], facts["quota"]["limit"], facts["quota"]["remaining"]) == (2, 8000, 7999)
    assert (module["http_status"], module["error"], module["trace_id"]) == (403, "missing_scope", "t-1")
    assert 'create an API client in EUROPE that has the missing scope "integration"' in module["fix"]
    assert module["fix"] in module["msg"]
    assert "that has the missing scope" in run.output
    assert module["api_calls"] == 2
    assert account["client_password"] not in run.output


def until(condition: Any, what: str) -> None:
    ends = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < ends, what
        time.sleep(0.05)
