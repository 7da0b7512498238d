# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of ctr_investigation_info in real playbooks: progress is seen, and costs a login per change only."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.tests.unit.plugins.module_utils.cloud.fixtures import (
    ca,
    ca_path,
    environment,
    iroh,
    options,
)
from ansible_collections.emailsec.ctr.tests.unit.plugins.module_utils.cloud.playbooks import play

# The fixtures; pytest finds them by name.
__all__ = ["ca", "ca_path", "environment", "iroh", "options"]

OBSERVE = "/iroh/iroh-enrich/observe/observables"
MESSAGES = [{"type": "email_messageid", "value": f"{number}@example.com"} for number in range(3)]
WAIT = {"observables": MESSAGES, "wait_for": "all", "wait_interval": 0.05, "wait_timeout": 60}


def seen(count: int, errors: list[Any] | None = None) -> dict[str, Any]:
    """An answer with sightings of the first so many messages."""
    docs = [{"observables": [one]} for one in MESSAGES[:count]]
    data = [{"module": "esa1", "module_instance_id": "m-1", "data": {"sightings": {"count": count, "docs": docs}}}]
    return {"data": data, "errors": errors or []}


def test_a_line_per_change_and_a_login_per_line(iroh, options, tmp_path):
    for count, times in ((0, 3), (1, 3), (2, 1), (3, 1)):
        iroh.trick("POST", OBSERVE, status=200, body=seen(count), times=times)
    played = play(tmp_path, {"emailsec.ctr.ctr_investigation_info": {**options, **WAIT}}, verbose="")
    lines = played.lines(r"EUROPE: \d of 3 found, \d+:\d\d")
    assert [line.split(",")[0] for line in lines] == [f"EUROPE: {number} of 3 found" for number in range(4)]
    assert iroh.requests.count(f"POST {OBSERVE}") == 8
    assert iroh.logins == len(lines)
    assert played.registered["waited"] == {"found": 3, "of": 3, "done": True}
    assert played.registered["api_calls"] == len(iroh.requests)
    assert not played.registered["changed"]


def test_the_time_out_counts_the_time_of_earlier_runs(iroh, options, tmp_path):
    iroh.trick("POST", OBSERVE, status=200, body=seen(1), times=10_000)
    played = play(tmp_path, {"emailsec.ctr.ctr_investigation_info": {**options, **WAIT, "wait_timeout": 3}}, verbose="")
    result = played.registered
    assert result["failed"] and "within 3 s" in result["msg"]
    assert "0@example.com" not in result["msg"] and "1@example.com" in result["msg"]
    assert len(played.lines(r"EUROPE: 1 of 3 found, \d+:\d\d")) == 1
    assert len(result["sightings"]) == 1, "what was found is there all the same"


def test_a_warning_is_given_once(iroh, options, tmp_path):
    error = {"module": "esa1", "module_instance_id": "m-1", "code": "slow", "message": "took long", "type": "warning"}
    for count in range(3):
        iroh.trick("POST", OBSERVE, status=200, body=seen(count, [error]), times=1)
    iroh.trick("POST", OBSERVE, status=200, body=seen(3, [error]), times=1)
    played = play(tmp_path, {"emailsec.ctr.ctr_investigation_info": {**options, **WAIT}}, verbose="")
    assert [text for text in played.registered["warnings"] if "took long" in text] == ["esa1: took long (slow)"]


def test_a_failure_ends_the_waiting(iroh, options, tmp_path):
    task = {"emailsec.ctr.ctr_investigation_info": {**options, **WAIT, "client_password": "wrong"}}
    played = play(tmp_path, task, verbose="")
    assert "check client_id and client_password" in played.registered["msg"]
    assert iroh.logins == 1


def test_without_waiting_the_module_runs_once(iroh, options, tmp_path):
    iroh.trick("POST", OBSERVE, status=200, body=seen(0), times=99)
    task = {"emailsec.ctr.ctr_investigation_info": {**options, "observables": MESSAGES, "wait_timeout": 0}}
    played = play(tmp_path, task, "--check")
    assert played.registered["waited"] is None and not played.registered["failed"]
    assert iroh.requests.count(f"POST {OBSERVE}") == 1
    for secret in iroh.secrets:
        assert secret not in played.output
