# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What another run changed after the reading is found at the write, named, and not reported as a change of this run."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._change import Meanwhile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.tokens import NewToken, replace_token
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.modules import ctr_module, sse_device, sse_token

DEVICE = "/iroh/iroh-sse/device"
INSTANCE = "/iroh/iroh-int/module-instance"


def device(name: str, status: str, id: str = "id-of-the-reading") -> dict[str, Any]:
    """Return a device as a reading has it."""
    return {"id": id, "name": name, "status": status, "created": "2026-01-01T00:00:00Z"}


def token_for(run_module: Any, **args: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    result = run_module(sse_token.main, devices=["a"], tokens_shown=True, **args)
    return result, result["devices"][0]


def test_an_added_record_gets_a_new_token(iroh: Any, run_module: Any) -> None:
    there = iroh.device("a", "Pending")
    result, row = token_for(run_module, known_devices=[])
    assert (row["action"], row["id"], row["meanwhile"]) == ("new_token", there["id"], "record_added")
    assert [one["token"] for one in result["tokens"]] == iroh.registration_tokens


def test_a_deleted_record_is_added_again(iroh: Any, run_module: Any) -> None:
    result, row = token_for(run_module, known_devices=[device("a", "Pending")])
    assert (row["action"], row["meanwhile"]) == ("added", "record_deleted")
    assert row["id"] == iroh.devices[0]["id"] == result["tokens"][0]["device_id"]


def test_a_registered_device_gets_no_token(iroh: Any, run_module: Any) -> None:
    there = iroh.device("a")
    result, row = token_for(run_module, known_devices=[device("a", "Pending", there["id"])])
    assert (row["action"], row["meanwhile"]) == ("none", "registered")
    assert (result["tokens"], result["changed"]) == ([], False)


@pytest.mark.parametrize("status", [404, 409])
def test_without_a_change_the_refusal_is_the_error(iroh: Any, run_module: Any, status: int) -> None:
    there = iroh.device("a", "Pending")
    iroh.trick("POST", DEVICE + "/.+/token", status=status, body={"error": "odd"})
    _result, row = token_for(run_module, known_devices=[device("a", "Pending", there["id"])])
    assert (row["action"], row["meanwhile"]) == ("failed", None)
    assert f"answered {status}: odd" in row["error"]


def test_a_record_is_added_again_only_once(iroh: Any, run_module: Any) -> None:
    iroh.trick("POST", DEVICE, status=409, body={"error": "device_exists"})
    _result, row = token_for(run_module, known_devices=[device("a", "Pending")])
    assert (row["action"], iroh.writes) == ("failed", [f"POST {DEVICE}/id-of-the-reading/token", f"POST {DEVICE}"])


def test_a_record_that_is_gone_is_no_change_of_this_run(run_module: Any) -> None:
    result = run_module(
        sse_device.main, name="a", state="absent", known_devices=[device("a", "Unregistered")], wait_timeout=0
    )
    assert (result["devices"][0]["action"], result["devices"][0]["meanwhile"]) == ("none", "record_deleted")
    assert not result["changed"]


def test_a_repeated_deletion_that_finds_nothing_is_a_change(iroh: Any, run_module: Any) -> None:
    iroh.device("a", "Unregistered")
    iroh.trick("DELETE", DEVICE + "/.+", drops=True, acts=True)
    result = run_module(sse_device.main, name="a", state="absent", wait_timeout=0)
    assert (result["devices"][0]["action"], result["changed"]) == ("deleted", True)


def test_a_module_that_is_gone_is_no_change_of_this_run(iroh: Any, run_module: Any) -> None:
    iroh.instance("M", iroh.device("a")["id"])
    iroh.trick("DELETE", INSTANCE + "/.+", status=404, body={"error": "module_instance_not_found"})
    result = run_module(ctr_module.main, name="M", state="absent")
    assert (result["modules"][0]["action"], result["modules"][0]["meanwhile"]) == ("none", "module_deleted")
    assert not result["changed"]


@pytest.mark.parametrize(
    ("status", "meanwhile", "state"),
    [(None, "record_deleted", "no longer exists"), ("Unregistered", "deregistered", 'the status "Unregistered"')],
)
def test_a_module_is_refused_for_a_device_that_is_no_longer_registered(
    iroh: Any, run_module: Any, status: str | None, meanwhile: str, state: str
) -> None:
    known = device("a", "Registered")
    if status:
        iroh.device("a", status, id=known["id"])
    iroh.trick("POST", INSTANCE, status=422, body={"error": "invalid_request"})
    result = run_module(ctr_module.main, name="M", device="a", known_devices=[known])
    (row,) = result["modules"]
    assert (row["action"], row["meanwhile"]) == ("failed", meanwhile)
    assert state in row["error"] and "Fix: rerun" in row["error"]


def test_a_module_that_was_deleted_before_its_change_is_named(iroh: Any, run_module: Any) -> None:
    iroh.instance("M", iroh.device("a")["id"])
    iroh.trick("PATCH", INSTANCE + "/.+", status=404, body={"error": "module_instance_not_found"})
    result = run_module(ctr_module.main, name="M", device="a", request_timeframe_days=60)
    assert (result["modules"][0]["action"], result["modules"][0]["meanwhile"]) == ("failed", "module_deleted")


def test_after_one_refusal_the_other_devices_are_chosen_from_the_new_reading(iroh: Any, run_module: Any) -> None:
    ids = [iroh.device(name)["id"] for name in "ab"]
    known = [device(name, "Pending", id) for name, id in zip("ab", ids, strict=True)]
    result = run_module(sse_token.main, devices=["a", "b"], known_devices=known)
    assert [(row["action"], row["meanwhile"]) for row in result["devices"]] == [("none", "registered")] * 2
    assert iroh.writes == [f"POST {DEVICE}/{ids[0]}/token"]


@pytest.mark.parametrize(("status", "kept"), [("Registered", True), ("Pending", False)])
def test_a_record_that_another_run_has_registered_is_kept(iroh: Any, run_module: Any, status: str, kept: bool) -> None:
    there = iroh.device("a", status)
    entry = {"id": there["id"], "allow_registered": False}
    result = run_module(sse_device.main, devices=[entry], state="absent", allow_registered=True, wait_timeout=0)
    (row,) = result["devices"]
    assert (row["action"], row["meanwhile"]) == (("failed", "registered") if kept else ("deleted", None))
    assert bool(iroh.devices) == kept


# A token that the appliance refused


@pytest.mark.parametrize(
    ("old", "expires_at", "meanwhile"),
    [
        ("same", "2020-01-01T00:00:00Z", Meanwhile.TOKEN_EXPIRED),
        ("same", "2999-01-01T00:00:00Z", Meanwhile.TOKEN_REPLACED),
        ("same", "soon", Meanwhile.TOKEN_REPLACED),
        ("same", None, Meanwhile.TOKEN_REPLACED),
        ("other", "2020-01-01T00:00:00Z", Meanwhile.RECORD_DELETED),
    ],
)
def test_a_refused_token_is_replaced_and_the_reason_is_found(
    iroh: Any, make_client: Any, old: str, expires_at: str | None, meanwhile: Meanwhile
) -> None:
    there = iroh.device("a", "Pending")
    old_id = there["id"] if old == "same" else "id-of-the-reading"
    new = replace_token(make_client(), "a", "1h", old_id, expires_at)
    assert new == NewToken(iroh.registration_tokens[-1], meanwhile)


def test_a_device_that_is_registered_by_now_gets_no_token(iroh: Any, make_client: Any) -> None:
    there = iroh.device("a")
    assert replace_token(make_client(), "a", "1h", there["id"]) == NewToken(None, Meanwhile.REGISTERED)
    assert iroh.writes == []


def test_a_token_that_cannot_be_replaced(iroh: Any, make_client: Any) -> None:
    there = iroh.device("a", "Pending")
    iroh.trick("POST", DEVICE + "/.+/token", status=403, body={"error": "odd"})
    with pytest.raises(ApiError, match="403: odd"):
        replace_token(make_client(), "a", "1h", there["id"])
