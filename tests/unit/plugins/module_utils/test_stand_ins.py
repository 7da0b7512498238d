# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data is replaced by stable stand-ins; words stay."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._stand_ins import DOMAIN, StandIns

UUID = "0b54ba8d-6c36-44b3-a3df-f3a9bb9c28ea"


@pytest.mark.parametrize(
    "value",
    [
        UUID,
        UUID.upper(),
        "192.0.2.7",
        "2001:db9::17",
        "fe80::1",
        "jane.doe@corp.example",
        "00:50:56:ab:cd:ef",
        "564D2A9F3B1C-7E5A0C21D9F4",
        "d41d8cd98f00b204e9800998ecf8427e",
        "mail.corp.example.net",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "Zm9vYmFyMTIzNDU2Nzg5MEFCQ0RFRg",
    ],
)
@pytest.mark.parametrize("around", ["{}", "before {} after", "({})", '"{}",', "x={};"])
def test_a_value_with_the_form_of_data_is_replaced(value: str, around: str) -> None:
    shown = StandIns().text(around.format(value))
    assert value.lower() not in shown.lower()


@pytest.mark.parametrize(
    "words",
    [
        "The appliance is successfully registered with the Cisco Cloud Service portal.",
        "AMERICAS (api-sse.cisco.com)",
        "Version: 14.0.0-698",
        "- REGISTER - To register the appliance",
        "2026-11-28T03:00:00.000Z",
        "Sat Nov 28 10:00:48 2026",
        "connectorVersion 1.3.34",
        "request_timeframe_days",
        "Secure Email and Web Manager",
        "X-Ratelimit-Org-Remaining",
    ],
)
def test_words_stay(words: str) -> None:
    assert StandIns().text(words) == words


def test_a_known_value_is_replaced_wherever_it_is() -> None:
    stand_ins = StandIns()
    stand_ins.know("host", "berlin01.corp.example")
    stand_ins.know("user", "jane doe")
    for text in (
        "berlin01> ",
        "(Machine BERLIN01.corp.example)> ",
        "xberlin01x",
        "Registered by Jane Doe",
        quote("jane doe", safe=""),
        json.dumps({"berlin01_state": "ok"}),
    ):
        shown = stand_ins.text(text).lower()
        assert "berlin01" not in shown and "jane" not in shown, shown


def test_keys_and_values_of_data_are_replaced() -> None:
    stand_ins = StandIns()
    stand_ins.know("host", "berlin01.corp.example")
    shown = stand_ins.data({f"field_{UUID}": ["berlin01.corp.example", {"status": "Registered"}, 5, True, None]})
    assert UUID not in json.dumps(shown) and "berlin01" not in json.dumps(shown)
    (values,) = shown.values()
    assert values[1:] == [{"status": "Registered"}, 5, True, None]


def test_the_same_value_has_the_same_stand_in_in_any_case() -> None:
    stand_ins = StandIns()
    assert stand_ins.text(f"{UUID} {UUID.upper()}").split() == ["00000000-0000-4000-8000-000000000001"] * 2
    assert stand_ins.text("a.example.org b.example.org A.example.org").split() == [
        f"host-1.{DOMAIN}",
        f"host-2.{DOMAIN}",
        f"host-1.{DOMAIN}",
    ]


def test_a_key_gives_the_same_stand_ins_in_every_process_and_another_key_others() -> None:
    first, same, other = StandIns(b"1" * 32), StandIns(b"1" * 32), StandIns(b"2" * 32)
    same.text("something.example.org")
    text = f"esa1.example.com 192.0.2.1 {UUID} jane@example.com"
    assert first.text(text) == same.text(text) != other.text(text)


def test_vocabulary_and_short_values_stay() -> None:
    stand_ins = StandIns(vocabulary=["registered", "api.ca.sse.example.com"])
    stand_ins.know("host", "registered", "ab", "")
    assert stand_ins.text("registered CANADA (api.ca.sse.example.com) ab") == (
        "registered CANADA (api.ca.sse.example.com) ab"
    )


@given(
    st.lists(st.from_regex(re.compile(r"[a-z][a-z0-9-]{2,12}(\.[a-z]{2,6}){0,3}"), fullmatch=True), max_size=4),
    st.text(max_size=60),
)
def test_stand_ins_are_never_replaced_again(known: list[str], text: str) -> None:
    stand_ins = StandIns()
    stand_ins.know("host", *known)
    once = stand_ins.text(" ".join([*known, text, UUID, "192.0.2.1", "jane@example.org"]))
    assert stand_ins.text(once) == once
