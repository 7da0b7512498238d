# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module of a local task runs inside its action as it does in a process of its own; any other task starts the process."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._modules.module import Module
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task
from ansible_collections.emailsec.ctr.plugins.plugin_utils import _module_action
from ansible_collections.emailsec.ctr.plugins.plugin_utils._module_action import ModuleAction

SECRET = "s3cret-of-this-test"


def work(task: Task) -> dict[str, Any]:
    """Return what the work sees, with its secrets."""
    task.warn("as told")
    task.warn("as told")
    task.no_log_values.add("of-the-proxy")
    seen = {"name": task.params["name"], "check": task.check_mode, "number": task.params["number"]}
    return {
        "changed": True,
        "seen": seen,
        "told": f"{task.params['secret']} of-the-proxy",
        "where": os.environ["WHERE"],
    }


class Echo(ModuleAction):
    NAME = "echo"
    MODULE = Module(
        {
            "name": {"type": "str", "required": True},
            "id": {"type": "str"},
            "number": {"type": "int", "default": 7},
            "secret": {"type": "str", "no_log": True},
        },
        work,
        {"mutually_exclusive": [("name", "id")]},
    )


class Started(Exception):
    """Ansible would start a process."""


def action(options: dict[str, Any], *, transport: str = "local", become: Any = None, **keywords: Any) -> Echo:
    task = SimpleNamespace(args=options, action="echo", diff=False, environment=[{"WHERE": "here"}], **keywords)
    shell = SimpleNamespace(tmpdir="unused", env_prefix=lambda **_variables: "")
    connection = SimpleNamespace(_shell=shell, transport=transport, become=become)
    made = Echo(task, connection, None, None, SimpleNamespace(template=lambda value: value), None)

    def start(**told: Any) -> None:
        raise Started(told)

    made._execute_module = start
    return made


def run(options: dict[str, Any], check_mode: bool = False) -> dict[str, Any]:
    return action(options, check_mode=check_mode, async_val=0).run(task_vars={})


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_local_task_runs_here_with_its_options_check_mode_and_environment(check_mode: bool) -> None:
    result = run({"name": "a", "secret": SECRET}, check_mode)
    assert result["seen"] == {"name": "a", "check": check_mode, "number": 7}
    assert (result["where"], "WHERE" in os.environ) == ("here", False)
    assert result["warnings"] == ["as told"]


def test_the_secrets_of_options_and_work_are_masked() -> None:
    result = run({"name": "a", "secret": SECRET})
    assert SECRET not in str(result) and "of-the-proxy" not in str(result)
    assert OF_RUN.mask(SECRET) != SECRET


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "missing required arguments: name"),
        ({"name": "a", "number": "many"}, "number"),
        ({"name": "a", "id": "b"}, "parameters are mutually exclusive: name|id"),
        (
            {"name": "a", "other": "b"},
            "Unsupported parameters: other. Supported parameters include: id, name, number, secret.",
        ),
    ],
)
def test_wrong_options_are_refused_before_the_work(options: dict[str, Any], said: str) -> None:
    result = run({"secret": SECRET, **options})
    assert result["failed"] and said in result["msg"] and "seen" not in result
    assert SECRET not in str(result)


def test_the_environment_is_restored_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Echo, "MODULE", Module({"name": {}}, lambda task: {}["missing"]))
    with pytest.raises(KeyError):
        run({"name": "a"})
    assert "WHERE" not in os.environ


@pytest.mark.parametrize(
    "of_task", [{"transport": "ssh"}, {"become": object()}, {"async_val": 60}], ids=["connection", "become", "async"]
)
def test_another_task_starts_the_module(of_task: dict[str, Any]) -> None:
    keywords = {"check_mode": False, "async_val": 0, **of_task}
    with pytest.raises(Started) as started:
        action({"name": "a"}, **keywords).run(task_vars={})
    told = started.value.args[0]
    assert (told["module_name"], told["module_args"]) == ("emailsec.ctr.echo", {"name": "a"})
    assert told["wrap_async"] == bool(keywords["async_val"])


def test_without_requests_the_module_starts_with_the_interpreter_of_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_module_action, "REQUESTS_IMPORT_ERROR", "Traceback: no requests")
    with pytest.raises(Started):
        run({"name": "a"})
