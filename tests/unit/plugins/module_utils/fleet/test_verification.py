# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a verification: each failed step with its reason and fix, and the queries to CTR."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.investigation import investigation_outcome
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import ApiFailure, DevicesReading, Wanted
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.outcomes import by_region
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.verification import (
    Chain,
    Link,
    Sent,
    follow,
    observables,
    product_in_sse,
    sent_of,
    tracked_of,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.run_rows import chain_row

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


def wanted(host: str = HOST, region: str = "europe") -> Wanted:
    return Wanted(host, region, host)


def chain(
    sent: Any = SENT,
    tracked: Any = TRACKED,
    health_results: Any = None,
    found: Any = None,
    host: str = HOST,
) -> Chain:
    """Return the verification from these results. CTR was not queried if ``health_results`` or ``found`` is None."""
    asked = [
        None if results is None else by_region(results, investigation_outcome) for results in (health_results, found)
    ]
    return follow(wanted(host), sent if isinstance(sent, Sent) else sent_of(sent), tracked_of(tracked), *asked)


def health(
    status: str = "ok", *errors: dict[str, Any], modules: Any = None, region: str = "europe", **more: Any
) -> dict[str, Any]:
    if modules is None:
        modules = [{"module": HOST, "module_instance_id": "m-1", "status": status}]
    turn = {"item": region, "health": {"modules": modules}, "errors": list(errors), "looked_at": "2026-01-12T09:31:01Z"}
    return {"results": [{**turn, **more}]}


def sightings(*found: tuple[str, str], region: str = "europe", **more: Any) -> dict[str, Any]:
    """Return pairs of Message-ID and module."""
    listed = [
        {"module_instance_id": module, "observables": [{"type": "email_messageid", "value": value}]}
        for value, module in found
    ]
    turn = {"item": region, "sightings": listed, "errors": [], "looked_at": "2026-01-12T09:31:31Z"}
    return {"results": [{**turn, **more}]}


FOUND = sightings((MESSAGE_ID, "m-1"))


def row(health_results: Any = None, found: Any = FOUND, **given: Any) -> dict[str, Any]:
    return chain_row(chain(health_results=health() if health_results is None else health_results, found=found, **given))


def test_a_successful_verification_has_the_time_of_each_step() -> None:
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
SKIPPED = {"skipped": True}
TOO_LATE = {"msg": "EUROPE: no sighting within 300 s.", "failed": True}
FORBIDDEN = {"item": "europe", "msg": "EUROPE: 403, the scope enrich:read is missing. Make a client that has it."}


@pytest.mark.parametrize(
    ("link", "given", "words"),
    [
        ("smtp", {"sent": REFUSED, "tracked": SKIPPED}, "Check recipient."),
        ("smtp", {"sent": {}, "tracked": {}}, "no test message was sent"),
        ("tracked", {"tracked": {"msg": "no message was tracked. Raise it."}}, "Raise it."),
        ("tracked", {"tracked": SKIPPED}, "was not queried"),
        ("tracked", {"tracked": {"messages": [{"message_id": "odd"}]}}, "form name@domain"),
        (
            "module",
            {"health_results": health(modules=[])},
            f"CTR has no module '{HOST}'. Fix: run emailsec.ctr.onboard to create it.",
        ),
        ("module", {"health_results": health("error")}, "its health is error. Fix: run emailsec.ctr.diagnose"),
        (
            "module",
            {"health_results": health("error", ERROR)},
            "no answer (device_unavailable). Fix: run emailsec.ctr.diagnose",
        ),
        ("module", {"health_results": health("ok", ERROR)}, "no answer (device_unavailable)"),
        ("module", {"health_results": {"results": [FORBIDDEN]}}, "Make a client that has it."),
        ("module", {"health_results": NONE}, "CTR was not queried."),
        ("sighting", {"found": sightings()}, f"esa_ctr_verify_message_id {MESSAGE_ID}"),
        ("sighting", {"found": sightings(("another@example.com", "m-1"))}, "no sighting of it in time. Fix: "),
        ("sighting", {"found": sightings((MESSAGE_ID, "m-2"))}, "no sighting of it in time. Fix: "),
        ("sighting", {"found": sightings(**TOO_LATE)}, "no sighting of it in time. Fix: "),
        ("sighting", {"found": sightings(errors=[ERROR])}, "in time: no answer (device_unavailable). Fix: "),
        ("sighting", {"found": {"results": [FORBIDDEN]}}, "Make a client that has it."),
        ("sighting", {"found": NONE}, "CTR was not queried."),
    ],
)
def test_the_first_failed_step_ends_the_verification(link: str, given: dict[str, Any], words: str) -> None:
    found = row(**given)
    links = ["smtp", "tracked", "module", "sighting"]
    place = links.index(link)
    assert [found[one] for one in links[place:]] == ["broken"] + [None] * (3 - place)
    assert [str(found[one])[-4:] for one in links[:place]] == [" UTC"] * place
    assert list(found["times"]) == links[:place]
    assert found["result"] == "broken"
    assert found["detail"].startswith(f"{link}: ") and words in found["detail"]


def test_warnings_do_not_fail_a_verification() -> None:
    unknown = row(
        health_results=health("unknown", {**ERROR, "type": "warning"}, {**ERROR, "module_instance_id": "m-2"})
    )
    assert (unknown["result"], unknown["module"]) == ("ok", "unknown, 09:31:01 UTC")
    late = row(found=sightings((f"<{MESSAGE_ID}>", "m-1"), **TOO_LATE))
    assert late["result"] == "ok", "another message came too late"
    silent = row(tracked={"messages": [{"message_id": None}], "looked_at": None})
    assert (silent["result"], silent["tracked"], silent["message_id"]) == ("ok", "yes", MESSAGE_ID)


def test_an_earlier_message_is_followed() -> None:
    given = {"sent": Sent(f"<{MESSAGE_ID}>", skipped=True)}
    found = row(**given)
    assert (found["smtp"], found["result"], found["message_id"]) == ("not sent by this run", "ok", MESSAGE_ID)
    assert "smtp" not in found["times"]
    assert row(**given, tracked={"messages": [{"message_id": None}]})["message_id"] == MESSAGE_ID


def test_check_mode_says_that_nothing_was_sent() -> None:
    found = chain_row(chain({}, {}, NONE, NONE), check_mode=True)
    assert found["result"] == "not sent" and "would be sent" in found["detail"]
    assert [found[link] for link in ("smtp", "tracked", "module", "sighting", "message_id")] == [None] * 5


@pytest.mark.parametrize(
    ("sent", "message_id"),
    [
        (SENT, MESSAGE_ID),
        (REFUSED, ""),
        ({**SENT, "step": "end of data", "sent_at": None}, ""),
        ({**SENT, "sent_at": None}, ""),
        ({}, ""),
    ],
)
def test_only_an_accepted_message_is_followed(sent: Any, message_id: str) -> None:
    assert sent_of(sent).message_id == message_id


def test_a_verification_ends_before_steps_without_results() -> None:
    assert list(chain().passed) == [Link.SMTP, Link.TRACKED]
    assert list(chain(health_results=health()).passed) == [Link.SMTP, Link.TRACKED, Link.MODULE]
    assert chain().broken is chain(health_results=health()).broken is None


@pytest.mark.parametrize(
    ("appliance", "region", "named"),
    [
        (3600, 0, "60 minutes"),
        (0, -3600, "60 minutes"),
        (3600, 3600, ""),
        (-3600, 0, ""),
        (3598, 0, "60 minutes"),
        (80, 0, "1 minute"),
        (0, 0, ""),
    ],
)
def test_a_missing_sighting_names_the_clock_that_can_delay_it(appliance: int, region: int, named: str) -> None:
    late = sightings(("another@example.com", "m-1"), clock_difference=region)
    detail = row(found=late, tracked={**TRACKED, "clock_difference": appliance})["detail"]
    sentence = f"The clock of the appliance is {named} ahead of that of CTR, which can delay the sighting. "
    assert f"no sighting of it in time. {sentence if named else ''}Fix: " in detail


def tracked(message_id: str | None) -> dict[str, Any]:
    return {"messages": [{"message_id": message_id}] if message_id else []}


def module(host: str, status: str = "ok") -> dict[str, Any]:
    return {"module": host, "module_instance_id": f"m-{host}", "status": status}


def asked(
    messages: dict[str, str | None], health_results: Any = None, regions: Any = None
) -> dict[str, list[dict[str, str]]]:
    """Return the queries to CTR for these messages by host."""
    health_of = None if health_results is None else by_region(health_results, investigation_outcome)
    chains = [
        follow(wanted(host, (regions or {}).get(host, "europe")), sent_of(SENT), tracked_of(tracked(name)), health_of)
        for host, name in messages.items()
    ]
    return observables(chains, health_of)


def observable(value: str, *module_id: str) -> dict[str, str]:
    return {"type": "email_messageid", "value": value, **({"module_instance_id": module_id[0]} if module_id else {})}


def test_ctr_is_queried_once_per_region() -> None:
    messages = {"a": "<a@x>", "b": "b@x", "none": None, "odd": "no message id", "gone": "gone@x", "ill": "ill@x"}
    assert asked({**messages, "far": "far@x"}, regions={"far": "apjc"}) == {
        "europe": [observable(f"{name}@x") for name in ("a", "b", "gone", "ill")],
        "apjc": [observable("far@x")],
    }
    modules = [module("a"), module("b"), module("ill", "error")]
    assert asked(messages, health(modules=modules)) == {
        "europe": [observable("a@x", "m-a"), observable("b@x", "m-b")],
    }
    assert asked(dict.fromkeys(messages), health()) == {}


def test_the_same_message_of_two_appliances_is_queried_for_both_modules() -> None:
    messages: dict[str, str | None] = dict.fromkeys(("a", "b"), "same@x")
    named = asked(messages, health(modules=[module("a"), module("b")]))
    assert [one["module_instance_id"] for one in named["europe"]] == ["m-a", "m-b"]
    assert len(asked(messages)["europe"]) == 1


def test_a_failed_appliance_does_not_affect_the_others() -> None:
    health_results = health(modules=[module(HOST), module(OTHER)])
    found = sightings((MESSAGE_ID, f"m-{OTHER}"))
    results = [
        row(health_results, found, sent=REFUSED, tracked=SKIPPED, host=HOST)["result"],
        row(health_results, found, host=OTHER)["result"],
    ]
    assert results == ["broken", "ok"]


@pytest.mark.parametrize(
    ("devices", "product"),
    [
        ([(HOST, "SMA")], "sma"),
        ([(HOST.upper(), "sma")], "sma"),
        ([(HOST, "ESA")], "esa"),
        ([(HOST, None)], "esa"),
        ([(OTHER, "SMA")], "esa"),
        ([], "esa"),
    ],
)
def test_the_product_is_read_from_sse(devices: list[tuple[str, str | None]], product: str) -> None:
    shown = tuple(Device(f"id-{name}", name, "Registered", kind) for name, kind in devices)
    assert product_in_sse(wanted(), {"europe": DevicesReading(shown)}) == product
    assert product_in_sse(wanted(), {"europe": DevicesReading(failure=ApiFailure("down"))}) == "esa"
    assert product_in_sse(wanted(), {}) == "esa"
