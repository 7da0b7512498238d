# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a search: messages or a failure, always with the requests sent."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._modules import api
from ansible_collections.emailsec.ctr.plugins.module_utils._modules import esa_message_tracking_info as module
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task

SECRET = "of-the-proxy-1"
HOST = {"host": "127.0.0.1", "port": 1, "username": "admin", "password": "pässword-1"}


def task(**given: Any) -> Task:
    defaults = {name: spec.get("default") for name, spec in module.MODULE.argument_spec.items()}
    return Task({**defaults, **HOST, **given}, check_mode=False)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"max_messages": 0}, "max_messages must be 1 to 100000"),
        ({"proxy": "ftp://proxy.example.com"}, "proxy"),
        ({"last": "1 year"}, "last"),
        ({}, "firewall"),
    ],
    ids=["option", "proxy", "time range", "no answer"],
)
def test_a_failure_is_a_result_with_the_requests_sent(given: dict[str, Any], said: str) -> None:
    result = module.tracking_result(task(**given))
    assert result["failed"] and said in result["msg"] and result["api_calls"] in (0, 1)
    assert HOST["password"] not in str(result)


def test_a_wrong_profile_is_a_failure_before_any_request() -> None:
    result = module.tracking_result(task(profile={"ports": {"api": "many"}}))
    assert result["failed"] and "ports.api" in result["msg"] and result["api_calls"] == 0


def test_the_password_of_the_proxy_is_to_be_masked() -> None:
    asked = task(proxy=f"http://user:{SECRET}@127.0.0.1:1")
    result = module.tracking_result(asked)
    assert asked.no_log_values == {SECRET} and SECRET not in str(result)


def test_records_that_the_appliance_could_not_read_are_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_messages", lambda *_told, **_how: {"messages": [], "bad_records": 2})
    asked = task()
    assert module.tracking_result(asked) == {"api_calls": 0, "messages": [], "bad_records": 2}
    assert asked.warnings == ["127.0.0.1: the appliance could not read 2 of its tracking records."]


def test_a_missing_library_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "REQUESTS_IMPORT_ERROR", "Traceback: no requests")
    result = module.tracking_result(task())
    assert result["failed"] and "requests" in result["msg"] and result["api_calls"] == 0
