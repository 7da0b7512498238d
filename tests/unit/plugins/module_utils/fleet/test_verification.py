# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chain of a verification: each link broken in turn, its time and its remedy, and what CTR is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.verification import (
    fleet_verification,
    product_in_sse,
    sent_message_id,
    tracked_messages,
)

HOST, OTHER = "esa1.example.com", "esa2.example.com"
MESSAGE_ID = "emailsec.ctr.1@example.com"
SENT = {"message_id": MESSAGE_ID, "sent_at": "2026-01-12T09:30:48Z", "changed": True}
REFUSED = {
    "msg": "esa1: not accepted at the step RCPT TO: 550. Check recipient.",
    "step": "RCPT TO",
    "message_id": "x@y",
}
TRACKED = {"messages": [{"message_id": f"<{MESSAGE_ID}>", "timestamp": None}], "looked_at": "2026-01-12T09:31:00Z"}
ERROR = {
    "module": HOST,
    "module_instance_id": "m-1",
    "code": "device_unavailable",
    "message": "no answer",
    "type": "fatal",
}


def settings(*hosts: str, region: str = "europe") -> dict[str, dict[str, Any]]:
    return {host: {"region": region, "module_name": host} for host in hosts or (HOST,)}


def variables(sent: Any = None, tracked: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "esa_ctr__sent": SENT if sent is None else sent,
        "esa_ctr__tracked": TRACKED if tracked is None else tracked,
        **more,
    }


def health(
    status: str = "ok", *errors: dict[str, Any], modules: Any = None, region: str = "europe", **more: Any
) -> dict[str, Any]:
    if modules is None:
        modules = [{"module": HOST, "module_instance_id": "m-1", "status": status}]
    turn = {"item": region, "health": {"modules": modules}, "errors": list(errors), "looked_at": "2026-01-12T09:31:01Z"}
    return {"results": [{**turn, **more}]}


def sightings(*found: tuple[str, str], region: str = "europe", **more: Any) -> dict[str, Any]:
    """Pairs of Message-ID and module."""
    listed = [
        {"module_instance_id": module, "observables": [{"type": "email_messageid", "value": value}]}
        for value, module in found
    ]
    turn = {"item": region, "sightings": listed, "errors": [], "looked_at": "2026-01-12T09:31:31Z"}
    return {"results": [{**turn, **more}]}


FOUND = sightings((MESSAGE_ID, "m-1"))


def row(host_variables: Any = None, told: Any = None, found: Any = FOUND, check_mode: bool = False) -> dict[str, Any]:
    given = {HOST: variables() if host_variables is None else host_variables}
    return fleet_verification(settings(), given, health() if told is None else told, found, check_mode)[HOST]


def test_a_whole_chain_has_the_time_of_each_link() -> None:
    assert row() == {
        "host": HOST,
        "region": "europe",
        "message_id": MESSAGE_ID,
        "smtp": "09:30:48 UTC",
        "tracked": "09:31:00 UTC",
        "module": "09:31:01 UTC",
        "sighting": "09:31:31 UTC",
        "times": {
            "smtp": "2026-01-12T09:30:48Z",
            "tracked": "2026-01-12T09:31:00Z",
            "module": "2026-01-12T09:31:01Z",
            "sighting": "2026-01-12T09:31:31Z",
        },
        "result": "ok",
        "detail": "",
    }


NONE: dict[str, Any] = {"results": []}
TOO_LATE = {"msg": "EUROPE: no sighting within 300 s.", "failed": True}
FORBIDDEN = {"item": "europe", "msg": "EUROPE: 403, the scope enrich:read is missing. Make a client that has it."}


@pytest.mark.parametrize(
    ("link", "given", "words"),
    [
        ("smtp", {"host_variables": variables(REFUSED, {"skipped": True})}, "Check recipient."),
        ("smtp", {"host_variables": {}}, "no test message was sent"),
        ("tracked", {"host_variables": variables(tracked={"msg": "no message was tracked. Raise it."})}, "Raise it."),
        ("tracked", {"host_variables": variables(tracked={"skipped": True})}, "was not asked"),
        ("tracked", {"host_variables": variables(tracked={"messages": [{"message_id": "odd"}]})}, "form name@domain"),
        (
            "module",
            {"told": health(modules=[])},
            f"CTR has no module '{HOST}'. Remedy: add it with emailsec.ctr.onboard.",
        ),
        ("module", {"told": health("error")}, "its health is error. Remedy: emailsec.ctr.diagnose"),
        ("module", {"told": health("error", ERROR)}, "no answer (device_unavailable). Remedy: emailsec.ctr.diagnose"),
        ("module", {"told": health("ok", ERROR)}, "no answer (device_unavailable)"),
        ("module", {"told": {"results": [FORBIDDEN]}}, "Make a client that has it."),
        ("module", {"told": NONE}, "CTR was not asked."),
        ("sighting", {"found": sightings()}, f"esa_ctr_verify_message_id {MESSAGE_ID}"),
        ("sighting", {"found": sightings(("another@example.com", "m-1"))}, "no sighting of it in time. Remedy: "),
        ("sighting", {"found": sightings((MESSAGE_ID, "m-2"))}, "no sighting of it in time. Remedy: "),
        ("sighting", {"found": sightings(**TOO_LATE)}, "no sighting of it in time. Remedy: "),
        ("sighting", {"found": sightings(errors=[ERROR])}, "in time: no answer (device_unavailable). Remedy: "),
        ("sighting", {"found": {"results": [FORBIDDEN]}}, "Make a client that has it."),
        ("sighting", {"found": NONE}, "CTR was not asked."),
    ],
)
def test_the_first_broken_link_ends_the_chain(link: str, given: dict[str, Any], words: str) -> None:
    found = row(**given)
    links = ["smtp", "tracked", "module", "sighting"]
    place = links.index(link)
    assert [found[one] for one in links[place:]] == ["broken"] + [None] * (3 - place)
    assert [str(found[one])[-4:] for one in links[:place]] == [" UTC"] * place
    assert list(found["times"]) == links[:place]
    assert found["result"] == "broken"
    assert found["detail"].startswith(f"{link}: ") and words in found["detail"]


def test_what_does_not_break_a_chain() -> None:
    unknown = row(told=health("unknown", {**ERROR, "type": "warning"}, {**ERROR, "module_instance_id": "m-2"}))
    assert (unknown["result"], unknown["module"]) == ("ok", "unknown, 09:31:01 UTC")
    late = row(found=sightings((f"<{MESSAGE_ID}>", "m-1"), **TOO_LATE))
    assert late["result"] == "ok", "another message came too late"
    silent = row(variables(tracked={"messages": [{"message_id": None}], "looked_at": None}))
    assert (silent["result"], silent["tracked"], silent["message_id"]) == ("ok", "yes", MESSAGE_ID)


def test_a_message_that_was_there_already() -> None:
    given = variables({"skipped": True, "changed": False}, esa_ctr_verify_message_id=f"<{MESSAGE_ID}>")
    found = row(given)
    assert (found["smtp"], found["result"], found["message_id"]) == ("not sent by this run", "ok", MESSAGE_ID)
    assert "smtp" not in found["times"]
    given["esa_ctr__tracked"] = {"messages": [{"message_id": None}]}
    assert row(given)["message_id"] == MESSAGE_ID


def test_check_mode_says_that_nothing_was_sent() -> None:
    found = row({}, NONE, NONE, check_mode=True)
    assert found["result"] == "not sent" and "would be sent" in found["detail"]
    assert [found[link] for link in ("smtp", "tracked", "module", "sighting", "message_id")] == [None] * 5


@pytest.mark.parametrize(
    ("sent", "message_id"),
    [
        (SENT, MESSAGE_ID),
        (REFUSED, ""),
        ({**SENT, "step": "end of data", "sent_at": None}, ""),
        ({**SENT, "sent_at": None}, ""),
        ({"skipped": True}, ""),
        (None, ""),
    ],
)
def test_only_a_message_that_was_accepted_is_looked_for(sent: Any, message_id: str) -> None:
    assert sent_message_id(sent) == message_id


def tracked(message_id: str | None) -> dict[str, Any]:
    return variables({}, {"messages": [{"message_id": message_id}] if message_id else []})


def test_ctr_is_asked_once_per_region_for_what_can_be_found() -> None:
    wanted = {**settings("a", "b", "none", "odd", "gone", "ill"), **settings("far", region="apjc")}
    hostvars = {
        "a": tracked("<a@x>"),
        "b": tracked("b@x"),
        "none": tracked(None),
        "odd": tracked("no message id"),
        "gone": tracked("gone@x"),
        "ill": tracked("ill@x"),
        "far": tracked("far@x"),
    }

    def observable(value: str, *module: str) -> dict[str, str]:
        return {"type": "email_messageid", "value": value, **({"module_instance_id": module[0]} if module else {})}

    assert tracked_messages(wanted, hostvars) == {
        "europe": [observable(f"{name}@x") for name in ("a", "b", "gone", "ill")],
        "apjc": [observable("far@x")],
    }
    modules = [
        {"module": name, "module_instance_id": f"m-{name}", "status": "error" if name == "ill" else "ok"}
        for name in ("a", "b", "ill")
    ]
    assert tracked_messages(wanted, hostvars, health(modules=modules)) == {
        "europe": [observable("a@x", "m-a"), observable("b@x", "m-b")],
    }
    assert tracked_messages(wanted, dict.fromkeys(hostvars, {}), health()) == {}


def test_the_same_message_at_two_appliances_is_asked_for_at_each_of_their_modules() -> None:
    modules = [{"module": name, "module_instance_id": f"m-{name}", "status": "ok"} for name in ("a", "b")]
    hostvars = {name: tracked("same@x") for name in ("a", "b")}
    asked = tracked_messages(settings("a", "b"), hostvars, health(modules=modules))
    assert [one["module_instance_id"] for one in asked["europe"]] == ["m-a", "m-b"]
    assert len(tracked_messages(settings("a", "b"), hostvars)["europe"]) == 1


def test_one_broken_appliance_leaves_the_others_whole() -> None:
    modules = [{"module": name, "module_instance_id": f"m-{name}", "status": "ok"} for name in (HOST, OTHER)]
    hostvars = {HOST: variables(REFUSED, {"skipped": True}), OTHER: variables()}
    found = sightings((MESSAGE_ID, f"m-{OTHER}"))
    rows = fleet_verification(settings(HOST, OTHER), hostvars, health(modules=modules), found)
    assert {host: one["result"] for host, one in rows.items()} == {HOST: "broken", OTHER: "ok"}


@pytest.mark.parametrize(
    ("devices", "product"),
    [
        ([{"name": HOST, "type": "SMA"}], "sma"),
        ([{"name": HOST.upper(), "type": "sma"}], "sma"),
        ([{"name": HOST, "type": "ESA"}], "esa"),
        ([{"name": HOST, "type": None}], "esa"),
        ([{"name": OTHER, "type": "SMA"}], "esa"),
        ([], "esa"),
    ],
)
def test_the_product_is_what_sse_shows(devices: list[dict[str, Any]], product: str) -> None:
    told = {"results": [{"item": "europe", "ansible_facts": {"sse_devices": devices}}]}
    assert product_in_sse(settings(), told, HOST) == product
    failed = {"results": [{"item": "europe", "msg": "down"}]}
    assert product_in_sse(settings(), failed, HOST) == "esa"
