# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The query syntax is parsed strictly. Errors show the position and the correct form."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.investigate.observables import (
    FORMS,
    checked_observables,
    parse_query,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused

SHA256 = "aB" * 32


def pairs(found: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(one["type"], one["value"]) for one in found]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('ip:"4.2.2.2"', [("ip", "4.2.2.2")]),
        ('domain:"cisco.com"', [("domain", "cisco.com")]),
        ('email:"noreply@cisco.com"', [("email", "noreply@cisco.com")]),
        ('email_messageid:"123-abc-456@cisco.com"', [("email_messageid", "123-abc-456@cisco.com")]),
        ('email_messageid:"<123-abc-456@cisco.com>"', [("email_messageid", "123-abc-456@cisco.com")]),
        ('email_subject:"Invoice Due"', [("email_subject", "Invoice Due")]),
        ('cisco_mid:"12345"', [("cisco_mid", "12345")]),
        (f'sha256:"{SHA256}"', [("sha256", SHA256)]),
        ('file_name:"invoice.pdf"', [("file_name", "invoice.pdf")]),
        ('  ip:"4.2.2.2"\n cisco_mid:"7"  ', [("ip", "4.2.2.2"), ("cisco_mid", "7")]),
        ('ip:"4.2.2.2" ip:"4.2.2.2"', [("ip", "4.2.2.2")]),
        (r'email_subject:"say \"hi\" \\o/ \n"', [("email_subject", 'say "hi" \\o/ \\n')]),
        ('email_subject:"ip:4.2.2.2, ä"', [("email_subject", "ip:4.2.2.2, ä")]),
        ('ipv6:"2001:db8::7"', [("ipv6", "2001:db8::7")]),
    ],
)
def test_queries(query: str, found: list[tuple[str, str]]) -> None:
    assert pairs(parse_query(query)) == found


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", ["query is empty", FORMS["email_subject"]]),
        ("   ", ["query is empty"]),
        ("ip:4.2.2.2", ["character 4", "'4.2.2.2'", "double quote", FORMS["ip"]]),
        ("ip:'4.2.2.2'", ["character 4", "double quote", FORMS["ip"]]),
        ("ip:\u201c4.2.2.2\u201d", ["character 4", "not a straight double quote", FORMS["ip"]]),
        ('ip: "4.2.2.2"', ["character 4", "double quote"]),
        ('ip "4.2.2.2"', ["character 3", "colon must directly follow ip"]),
        ("ip", ["character 3, at the end", "colon"]),
        ('ip:"4.2.2.2', ["character 4", "closing double quote"]),
        ('ip:"4.2.2.2\\"', ["character 4", "closing double quote"]),
        ('ip:"4.2.2.2"cisco_mid:"7"', ["character 13", "space is missing"]),
        ('ip:"4.2.2.2", cisco_mid:"7"', ["character 13", "space is missing"]),
        ('"Invoice Due"', ["character 1", "name of a type", FORMS["email_subject"]]),
        ('subject:"Invoice Due"', ["character 1", '"subject"', FORMS["email_subject"]]),
        ('ip:"4.2.2.2" sender:"a@x"', ["character 14", '"sender"', FORMS["email"]]),
        ('Message_ID:"1@x"', ['"Message_ID"', FORMS["email_messageid"]]),
        ('MID:"7"', ['"MID"', FORMS["cisco_mid"]]),
        ('IP:"4.2.2.2"', ['"IP"', FORMS["ip"]]),
        ('hash:"x"', ['"hash"', FORMS["sha256"]]),
        ('colour:"blue"', ['"colour"', "use one of these types", FORMS["file_name"]]),
        ('ip:""', ["is empty", FORMS["ip"]]),
        ('ip:"4.2.2"', ['"4.2.2"', "not an IPv4 address"]),
        ('ip:"2001:db8::7"', ["not an IPv4 address"]),
        ('ipv6:"4.2.2.2"', ["not an IPv6 address"]),
        ('sha256:"abc"', ["64 hexadecimal"]),
        ('cisco_mid:"MID 7"', ["is not a number"]),
        ('email:"noreply"', ["name@domain"]),
        ('email_messageid:"123"', ["name@domain"]),
        ('domain:"https://x.example"', ["not a domain"]),
    ],
)
def test_invalid_queries_are_refused(query: str, words: list[str]) -> None:
    with pytest.raises(OptionRefused) as caught:
        parse_query(query)
    for word in words:
        assert word in str(caught.value), (word, str(caught.value))


@given(st.text(min_size=1).filter(str.strip))
def test_every_subject_can_be_asked_for(subject: str) -> None:
    quoted = subject.replace("\\", "\\\\").replace('"', '\\"')
    assert pairs(parse_query(f'email_subject:"{quoted}"')) == [("email_subject", subject.strip())]


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert parse_query(text)
    except OptionRefused as error:
        assert error.reason


@pytest.mark.parametrize("form", list(FORMS.values()))
def test_the_forms_that_errors_show_can_be_read(form: str) -> None:
    for digits in (64, 40, 32):
        form = form.replace(f"<{digits} hexadecimal digits>", "a" * digits)
    assert len(parse_query(form)) == 1


def test_lists() -> None:
    listed = [{"type": "email_subject", "value": 'a "b"'}, {"type": "email_messageid", "value": "<1@x>"}]
    assert pairs(checked_observables(listed)) == [("email_subject", 'a "b"'), ("email_messageid", "1@x")]


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ([], ["observables is empty"]),
        ([{"type": "ip", "value": "4.2.2.2"}, {"type": "subject", "value": "x"}], ["entry 2", FORMS["email_subject"]]),
        ([{"type": "colour", "value": "x"}], ["entry 1", "use one of these types", FORMS["user"]]),
        ([{"type": "ip", "value": "x"}], ["entry 1", "IPv4"]),
    ],
)
def test_invalid_lists_are_refused(listed: list[dict[str, Any]], words: list[str]) -> None:
    with pytest.raises(OptionRefused) as caught:
        checked_observables(listed)
    for word in words:
        assert word in str(caught.value)
