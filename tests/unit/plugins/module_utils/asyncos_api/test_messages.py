# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages have one shape, however much of it an appliance fills."""

from __future__ import annotations

import locale
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.messages import message_of

# The shape is that of published answers; the values are made up.
SPLIT = {
    "hostName": "esa1.example.com (192.0.2.1)",
    "messageStatus": {"1756": "Processing", "1757": "Delivered"},
    "recipientMap": {"1757": ["b@example.com"]},
    "senderIp": "192.0.2.7",
    "mailPolicy": ["DEFAULT"],
    "senderGroup": "UNKNOWNLIST",
    "subject": "Invoice Due",
    "mid": [1756, 1757],
    "direction": "incoming",
    "icid": 1625,
    "replyTo": "N/A",
    "timestamp": "29 Aug 2023 10:00:48 (GMT +02:00)",
    "messageID": {"1756": "<123@example.com>"},
    "recipient": ["b@example.com"],
    "sender": "a@example.com",
    "serialNumber": "EC2C-CA0C",
    "sbrs": "None",
}


def test_a_message_that_was_split() -> None:
    assert message_of(SPLIT) == {
        "mids": [1756, 1757],
        "icid": 1625,
        "timestamp": "2023-08-29T08:00:48Z",
        "timestamp_text": "29 Aug 2023 10:00:48 (GMT +02:00)",
        "subject": "Invoice Due",
        "sender": "a@example.com",
        "sender_ip": "192.0.2.7",
        "recipients": ["b@example.com"],
        "message_id": "<123@example.com>",
        "status": "Delivered",
        "statuses": {"1756": "Processing", "1757": "Delivered"},
        "direction": "incoming",
        "host": "esa1.example.com (192.0.2.1)",
        "serial": "EC2C-CA0C",
        "reply_to": None,
        "sender_group": "UNKNOWNLIST",
        "mail_policies": ["DEFAULT"],
    }


def test_every_field_may_be_missing() -> None:
    empty = message_of({})
    assert set(empty) == set(message_of(SPLIT))
    assert empty.pop("statuses") == {}
    assert [empty.pop(key) for key in ("mids", "recipients", "mail_policies")] == [[], [], []]
    assert set(empty.values()) == {None}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (
            {"mid": 7, "messageStatus": "Delivered"},
            {"mids": [7], "statuses": {"7": "Delivered"}, "status": "Delivered"},
        ),
        ({"mid": ["7", "x"], "recipient": "b@x"}, {"mids": [7], "recipients": ["b@x"]}),
        ({"mid": [7], "messageID": "<1@x>"}, {"message_id": "<1@x>"}),
        ({"messageStatus": "Delivered"}, {"mids": [], "status": None, "statuses": {}}),
        ({"subject": "None"}, {"subject": "None"}),
        ({"subject": ""}, {"subject": ""}),
        ({"sender": None, "recipient": None}, {"sender": None, "recipients": []}),
        ({"sender": {"a": 1}}, {"sender": None}),
        ({"icid": True}, {"icid": None}),
        ({"timestamp": "2022-09-11T07:55:25Z"}, {"timestamp": "2022-09-11T07:55:25Z"}),
        ({"timestamp": "1 Jan 2026 00:30 (GMT +01:00)"}, {"timestamp": "2025-12-31T23:30:00Z"}),
        ({"timestamp": ""}, {"timestamp": None, "timestamp_text": None}),
        ({"timestamp": "N/A"}, {"timestamp": None, "timestamp_text": None}),
    ],
)
def test_other_forms(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert message_of(attributes).items() >= expected.items()


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("29 Aug 2023 10:00:48 (GMT)", "2023-08-29T10:00:48Z"),
        ("29 Aug 2023 10:00:48(GMT)", "2023-08-29T10:00:48Z"),
        ("29 Aug 2023 10:00:48 (GMT +00:00)", "2023-08-29T10:00:48Z"),
        ("29 Aug 2023 10:00:48 (GMT+00:00)", "2023-08-29T10:00:48Z"),
        ("29 Aug 2023 10:00:48 (GMT +02:00)", "2023-08-29T08:00:48Z"),
        ("29 Aug 2023 10:00:48 (GMT+02:00)", "2023-08-29T08:00:48Z"),
        ("29 Aug 2023 10:00:48(GMT +02:00)", "2023-08-29T08:00:48Z"),
        ("29 Aug 2023 10:00:48(GMT+02:00)", "2023-08-29T08:00:48Z"),
        ("29 Aug 2023 10:00:48 (GMT -03:30)", "2023-08-29T13:30:48Z"),
        ("29 Aug 2023 10:00:48 (GMT-03:30)", "2023-08-29T13:30:48Z"),
        ("29 Aug 2023 10:00:48 ( GMT -0330 )", "2023-08-29T13:30:48Z"),
        (" 9 aug 2023  10:00 (GMT)", "2023-08-09T10:00:00Z"),
        ("31 Dec 2023 23:30:00 (GMT -03:30)", "2024-01-01T03:00:00Z"),
        ("2023-08-29T10:00:48+02:00", "2023-08-29T08:00:48Z"),
    ],
)
def test_times_in_utc(text: str, utc: str) -> None:
    told = message_of({"timestamp": text})
    assert (told["timestamp"], told["timestamp_text"]) == (utc, text)


@pytest.mark.parametrize(
    "text",
    [
        "the other day",
        "29 Aug 2023 10:00:48",
        "2023-08-29T10:00:48",
        "2023-08-29",
        "29 Aug 2023 10:00:48 (CEST)",
        "29 Aug 2023 10:00:48 (GMT +02:00",
        "29 Aug 2023 10:00:48 (GMT +2)",
        "29 Aug 2023 10:00:48 (GMT +99:00)",
        "29 Aug 2023 25:00:48 (GMT)",
        "31 Foo 2023 10:00:48 (GMT)",
        "31 Feb 2023 10:00:48 (GMT)",
        "1 Jan 0001 00:30 (GMT +02:00)",
        "29. August 2023 10:00:48 (GMT)",
        "1693303248",
    ],
)
def test_a_time_of_unknown_form_is_shown_as_it_came(text: str) -> None:
    """Also one that does not say its zone, which is the appliance's (grade C), and not UTC."""
    told = message_of({"timestamp": text})
    assert (told["timestamp"], told["timestamp_text"]) == (text, text)


@pytest.mark.parametrize(("value", "shown"), [(7, "7"), (["x"], '["x"]'), ({"at": 7}, '{"at": 7}')])
def test_a_time_that_is_no_text_is_shown_too(value: Any, shown: str) -> None:
    told = message_of({"timestamp": value})
    assert (told["timestamp"], told["timestamp_text"]) == (shown, shown)


def test_months_do_not_depend_on_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    """AnsibleModule sets the locale of the user; this would fail with strptime where another one is installed."""
    for name in ("de_DE.UTF-8", "C.UTF-8"):
        try:
            locale.setlocale(locale.LC_TIME, name)
        except locale.Error:
            continue
        try:
            assert message_of({"timestamp": "29 Oct 2023 10:00:48 (GMT +00:00)"})["timestamp"] == "2023-10-29T10:00:48Z"
        finally:
            locale.setlocale(locale.LC_TIME, "C")
