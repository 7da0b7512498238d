# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sse_token as Ansible runs it, against a real HTTPS server."""

from __future__ import annotations

import json
import os
import stat

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._modules import api
from ansible_collections.emailsec.ctr.plugins.modules import sse_token

DEVICES = "/iroh/iroh-sse/device"
RENEW = DEVICES + "/[^/]+/token"
LOST = [{"drops": True}, {"drops": True, "acts": True}, {"status": 503}, {"status": 502, "acts": True}]


@pytest.fixture
def run(run_module):
    def run(devices, **args):
        return run_module(sse_token.main, devices=devices, tokens_shown=True, **args)

    return run


def actions(result):
    return [(row["name"], row["action"]) for row in result["devices"]]


def test_each_device_gets_the_required_action_in_order(run, iroh):
    iroh.device("reg")
    waiting = iroh.device("wait", "Pending")
    iroh.device("left", "Unregistered")
    result = run(["new", "wait", "reg", "left"], lifetime="4h")
    assert actions(result) == [("new", "added"), ("wait", "new_token"), ("reg", "none"), ("left", "new_token")]
    assert [token["name"] for token in result["tokens"]] == ["new", "wait", "left"]
    assert result["tokens"][1] == {
        "name": "wait",
        "device_id": waiting["id"],
        "token": iroh.registration_tokens[1],
        "expires_at": "in 14400 s",
    }
    assert result["changed"]
    assert iroh.requests[:2] == ["POST /iroh/oauth2/token", f"GET {DEVICES}"]
    assert len(iroh.requests) == 5
    assert not any(token in json.dumps(result["diff"]) for token in iroh.registration_tokens)


def test_converged_writes_nothing(run, iroh, tmp_path):
    iroh.device("ESA1.example.com")
    dest = tmp_path / "tokens"
    dest.write_text("as it was")
    result = run(["esa1.example.com"], dest=str(dest))
    assert (result["changed"], result["tokens"], iroh.writes) == (False, [], [])
    assert dest.read_text() == "as it was"


def test_check_mode_predicts_a_run(run, iroh, tmp_path):
    iroh.device("reg")
    iroh.device("wait", "Pending")
    names = ["new", "wait", "reg"]
    dest = str(tmp_path / "tokens")
    predicted = run(names, check=True, dest=dest)
    assert iroh.writes == []
    assert not os.path.exists(dest)
    assert predicted["tokens"] == []
    done = run(names, dest=dest)
    assert actions(predicted) == actions(done)
    assert (predicted["changed"], predicted["diff"]) == (done["changed"], done["diff"])


def test_more_than_the_portal_takes_at_once(run, iroh):
    result = run([f"esa{number}" for number in range(130)])
    assert len(result["tokens"]) == 130
    assert len(iroh.requests) == 132
    assert iroh.logins == 1


def test_an_empty_list_changes_nothing(run, iroh):
    assert run([])["devices"] == []
    assert iroh.calls == []


@pytest.mark.parametrize("names", [["a", "b", "a"], ["a", "A"], ["a", " "]])
def test_invalid_names_are_refused(run, iroh, names):
    result = run(names)
    assert result["failed"]
    assert iroh.calls == []


def test_the_ids_of_a_duplicate_name_are_reported(run, iroh):
    ids = [iroh.device("twin", "Pending")["id"] for _time in range(2)]
    result = run(["twin", "new"])
    assert result["failed"]
    assert all(one in result["devices"][0]["error"] for one in ids)
    assert actions(result) == [("twin", "failed"), ("new", "added")]
    assert result["changed"]


def test_a_device_with_an_unknown_status_is_unchanged(run, iroh):
    iroh.device("odd", "Deleting")
    result = run(["odd"])
    assert 'status "Deleting"' in result["msg"]
    assert iroh.writes == []


def test_other_items_are_processed_after_a_refusal(run, iroh, tmp_path):
    body = {"error": "device_exists", "error_description": "it exists", "trace_id": "t9"}
    iroh.trick("POST", DEVICES, status=409, body=body)
    dest = tmp_path / "tokens"
    result = run(["a", "b"], dest=str(dest))
    assert actions(result) == [("a", "failed"), ("b", "added")]
    assert result["msg"].startswith("1 of 2 devices failed: a: answered 409: device_exists")
    assert (result["error"], result["trace_id"], result["http_status"]) == ("device_exists", "t9", 409)
    assert len(dest.read_text().splitlines()) == 1


@pytest.mark.parametrize(
    "how",
    [
        {"status": 403, "body": {"error": "missing_scope"}},
        {"status": 429, "headers": {"Retry-After": "3172s"}},
        {"status": 401, "times": 2},
    ],
)
def test_a_failure_for_all_stops_and_keeps_what_was_issued(run, iroh, tmp_path, how):
    iroh.trick("POST", DEVICES, skip=1, **how)
    dest = tmp_path / "tokens"
    result = run(["a", "b", "c"], dest=str(dest))
    assert actions(result) == [("a", "added"), ("b", "failed"), ("c", "failed")]
    assert "not processed" in result["devices"][2]["error"]
    assert [token["name"] for token in result["tokens"]] == ["a"]
    assert json.loads(dest.read_text())["name"] == "a"
    assert result["http_status"] == how["status"]
    assert result["devices"][2]["error"].endswith(f"Fix: {result['fix']}")


@pytest.mark.parametrize("how", LOST)
def test_a_lost_answer_to_an_addition_is_followed_by_a_read(run, iroh, how):
    iroh.trick("POST", DEVICES, **how)
    result = run(["a", "b"])
    assert actions(result) == [("a", "added"), ("b", "added")]
    assert [device["name"] for device in iroh.devices] == ["a", "b"]
    asked = iroh.requests[2:5]
    assert asked[:2] == [f"POST {DEVICES}", f"GET {DEVICES}"]
    assert asked[2].endswith("/token") == bool(how.get("acts"))
    assert result["tokens"][0]["token"] in iroh.registration_tokens


@pytest.mark.parametrize("how", LOST)
def test_a_lost_answer_to_a_new_token_is_followed_by_a_read(run, iroh, how):
    device = iroh.device("a", "Pending")
    iroh.trick("POST", RENEW, **how)
    result = run(["a"])
    assert iroh.requests[2:] == [f"POST {DEVICES}/{device['id']}/token", f"GET {DEVICES}", iroh.requests[2]]
    assert result["tokens"][0]["token"] == iroh.registration_tokens[-1]


def test_a_device_that_always_fails_does_not_stop_the_others(run, iroh):
    iroh.trick("POST", DEVICES, status=500, times=2)
    result = run(["a", "b"])
    assert actions(result) == [("a", "failed"), ("b", "added")]


def test_a_dead_api_stops_and_keeps_what_was_issued(run, iroh):
    iroh.trick("POST", DEVICES, drops=True, skip=1, times=9)
    iroh.trick("GET", DEVICES, drops=True, skip=1, times=99)
    result = run(["a", "b", "c"], retry_budget=0)
    assert actions(result) == [("a", "added"), ("b", "failed"), ("c", "failed")]
    assert "not processed" in result["devices"][2]["error"]
    assert len(result["tokens"]) == 1


def test_the_file_is_private_and_replaced_in_one_step(run, iroh, tmp_path):
    dest = tmp_path / "tokens"
    dest.write_text("old")
    dest.chmod(0o644)
    run(["a", "b"], dest=str(dest))
    assert stat.S_IMODE(dest.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in dest.read_text().splitlines()]
    assert [line["token"] for line in lines] == iroh.registration_tokens
    assert set(lines[0]) == {"name", "device_id", "token", "expires_at", "region"}
    assert os.listdir(tmp_path / ".") and not [name for name in os.listdir(tmp_path) if name.startswith(".sse")]


@pytest.mark.parametrize("check", [True, False])
def test_an_unwritable_file_is_refused_before_any_token(run, iroh, tmp_path, check):
    for dest in (tmp_path / "no" / "tokens", tmp_path):
        assert run(["a"], dest=str(dest), check=check)["failed"]
    assert iroh.calls == []


def test_a_renamed_field_is_reported_and_its_value_is_hidden(run, iroh):
    iroh.trick("POST", DEVICES, status=201, body={"id": "1", "name": "a", "regToken": "5ecret5ecret"})
    result = run(["a"])
    assert '"token"' in result["msg"]
    assert "regToken (string)" in result["msg"]
    assert "5ecret5ecret" not in json.dumps(result)
    assert result["changed"]


def test_credentials_from_the_environment(run, iroh, monkeypatch, options):
    monkeypatch.setenv("CTR_CLIENT_ID", options["client_id"])
    monkeypatch.setenv("CTR_CLIENT_PASSWORD", options["client_password"])
    assert run(["a"], client_id=..., client_password=...)["changed"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ({"api_url": "http://localhost:1"}, "is not an https:// address"),
        ({"api_url": "https://visibility.apjc.amp.cisco.com"}, "APJC"),
        ({"region": "mars"}, "region 'mars' is unknown"),
        ({"lifetime": "3h"}, "value of lifetime must be one of"),
        ({"timeout": 0}, "timeout is "),
        ({"retry_budget": -1}, "retry_budget is "),
    ],
)
def test_invalid_options_are_refused(run, iroh, args, says):
    result = run(["a"], **args)
    assert says in result["msg"]
    assert iroh.calls == []


@pytest.mark.parametrize("scheme", ["http://", ""])
def test_the_password_of_a_proxy_is_hidden(run, iroh, scheme):
    result = run(["a"], proxy=f"{scheme}user:proxy-pass-77@127.0.0.1:9")
    assert "the proxy failed" in result["msg"]
    assert "proxy-pass-77" not in json.dumps(result)


def test_an_invalid_proxy_address_is_refused(run, iroh):
    assert "is invalid" in run(["a"], proxy="http://[")["msg"]


def test_a_missing_library_is_reported(run, iroh, monkeypatch):
    monkeypatch.setattr(api, "REQUESTS_IMPORT_ERROR", "Traceback: no requests")
    assert "requests" in run(["a"])["msg"]
    assert iroh.calls == []
