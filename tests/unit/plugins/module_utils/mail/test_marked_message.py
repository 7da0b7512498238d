# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A marked message against real listeners, and against ones that fail at every step of the dialogue."""

from __future__ import annotations

import base64
import email
import email.policy
import ssl
from typing import Any

import pytest
import trustme

from ansible_collections.emailsec.ctr.plugins.module_utils._mail import marked_message
from ansible_collections.emailsec.ctr.plugins.module_utils._mail.marked_message import (
    ALWAYS,
    IF_OFFERED,
    NEVER,
    NotSent,
)
from tests.unit.plugins.module_utils.mail.listeners import (
    GREETING,
    HELLO,
    HOST,
    PASSWORD,
    RECIPIENT,
    SENDER,
    USER,
    listener,
    played,
)

UP_TO_DATA = (GREETING, HELLO, "250 sender ok", "250 recipient ok", "354 go ahead")


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


def way(port: int, ca: trustme.CA | None = None, **more: Any) -> marked_message.SmtpSettings:
    tls = ssl.create_default_context()
    if ca:
        ca.configure_trust(tls)
    options: dict[str, Any] = {
        "host": HOST,
        "port": port,
        "starttls": IF_OFFERED,
        "username": None,
        "password": None,
        "tls": tls,
        "helo": "prober.example.com",
        "timeout": 10.0,
    }
    return marked_message.SmtpSettings(**{**options, **more})


def send(port: int, ca: trustme.CA | None = None, **more: Any) -> dict[str, Any]:
    mark = marked_message.new_mark("emailsec.ctr test", SENDER)
    return marked_message.send(way(port, ca, **more), marked_message.message_of(mark, SENDER, RECIPIENT))


def refused(port: int, ca: trustme.CA | None = None, **more: Any) -> NotSent:
    with pytest.raises(NotSent) as caught:
        send(port, ca, **more)
    return caught.value


# What arrives


def test_the_message_arrives_with_its_marks_and_once(ca: trustme.CA) -> None:
    mark = marked_message.new_mark("My test", SENDER)
    with listener(ca) as (port, seen):
        told = marked_message.send(way(port, ca), marked_message.message_of(mark, SENDER, RECIPIENT))
    assert told == {"reply": "250 ok: Message 1757 accepted", "encrypted": True}
    [envelope] = seen.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [RECIPIENT])
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert message["Subject"] == mark.subject and mark.subject.startswith("My test ")
    assert message["Message-ID"] == f"<{mark.message_id}>"
    assert (message["From"], message["To"]) == (SENDER, RECIPIENT)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.utcoffset().total_seconds() == 0
    assert "can be deleted" in message.get_content()
    assert seen.greeted_as == ["prober.example.com"]


def test_marks_are_unique() -> None:
    marks = [marked_message.new_mark("x", SENDER) for _number in range(2000)]
    assert len({mark.subject for mark in marks}) == len({mark.message_id for mark in marks}) == 2000
    assert {mark.message_id.rpartition("@")[2] for mark in marks} == {"example.com"}


def test_a_long_message_id_stays_in_one_line() -> None:
    sender = "a@" + ".".join(["subdomain"] * 20) + ".example.com"
    mark = marked_message.new_mark("x" * 150, sender)
    lines = marked_message.message_of(mark, sender, RECIPIENT).as_bytes().decode().splitlines()
    assert f"Message-ID: <{mark.message_id}>" in lines
    assert f"Subject: {mark.subject}" in lines


@pytest.mark.parametrize(
    ("address", "good"),
    [
        (SENDER, True),
        ("a.b+c=d/e@sub.example.com", True),
        ("a@[192.0.2.1]", True),
        ("a@", False),
        ("@example.com", False),
        ("a b@example.com", False),
        ("a@example.com, b@example.com", False),
        ("<a@example.com>", False),
        ("A <a@example.com>", False),
        ("a@example.com\r\nRCPT TO:<b@example.com>", False),
        ("a@example.com\n", False),
        ("ä@example.com", False),
        ('"@example.com', False),
        ("a@example..com", False),
    ],
)
def test_addresses(address: str, good: bool) -> None:
    assert bool(marked_message.ADDRESS.fullmatch(address)) is good


# Encryption


@pytest.mark.parametrize(
    ("starttls", "offered", "encrypted"),
    [
        (NEVER, True, False),
        (NEVER, False, False),
        (IF_OFFERED, True, True),
        (IF_OFFERED, False, False),
        (ALWAYS, True, True),
    ],
)
def test_starttls(ca: trustme.CA, starttls: str, offered: bool, encrypted: bool) -> None:
    with listener(ca if offered else None) as (port, seen):
        assert send(port, ca, starttls=starttls)["encrypted"] is encrypted
    assert seen.encrypted == [encrypted]


def test_required_starttls_that_is_not_offered() -> None:
    with listener() as (port, seen):
        error = refused(port, starttls=ALWAYS)
    assert (error.step, error.words) == ("STARTTLS", "not offered")
    assert "set starttls to never" in error.fix
    assert seen.envelopes == []


@pytest.mark.parametrize("starttls", [IF_OFFERED, ALWAYS])
def test_a_listener_that_is_not_trusted_gets_nothing(ca: trustme.CA, starttls: str) -> None:
    with listener(ca) as (port, seen):
        stranger = refused(port, starttls=starttls)
    with listener(ca, name="other.example.com") as (port, other):
        misnamed = refused(port, ca, starttls=starttls)
    for error in (stranger, misnamed):
        assert error.step == "STARTTLS" and error.words.startswith("TLS failed (")
        assert "ca_path" in error.fix and "the name in its certificate" in error.fix
    assert "issuer certificate" in stranger.words
    assert "IP address mismatch" in misnamed.words
    assert seen.envelopes == other.envelopes == []


def test_a_listener_that_offers_and_refuses_starttls(ca: trustme.CA) -> None:
    with played(GREETING, "250-esa1\r\n250 STARTTLS", "454 TLS not available", "221 bye") as (port, _part):
        error = refused(port, ca)
    assert (error.step, error.words) == ("STARTTLS", "454 TLS not available")
    with played(GREETING, "250-esa1\r\n250 STARTTLS", "220 go ahead\r\nnot TLS at all") as (port, _part):
        assert refused(port, ca).step == "STARTTLS"


# Log-in


@pytest.mark.parametrize("starttls", [ALWAYS])
def test_a_log_in(ca: trustme.CA, starttls: str) -> None:
    with listener(ca, auth=True) as (port, seen):
        send(port, ca, starttls=starttls, username=USER, password=PASSWORD)
    assert seen.users == [USER]


def test_a_wrong_password(ca: trustme.CA) -> None:
    with listener(ca, auth=True) as (port, seen):
        error = refused(port, ca, starttls=ALWAYS, username=USER, password="wrong-and-secret")
    assert (error.step, error.words[:4]) == ("AUTH", "535 ")
    assert error.fix == "check username and password."
    assert "wrong-and-secret" not in str(error)
    assert seen.envelopes == []


def test_a_listener_that_refuses_an_unencrypted_password(ca: trustme.CA) -> None:
    """Whether it does not offer the log-in, or offers and refuses it."""
    with listener(ca, auth=True) as (port, seen):
        error = refused(port, ca, starttls=NEVER, username=USER, password=PASSWORD)
    assert error.step == "AUTH" and "set starttls to always" in error.fix
    assert seen.envelopes == []
    says = (GREETING, "250-esa1\r\n250 AUTH PLAIN", "538 Encryption required", "221 bye")
    with played(*says) as (port, _part):
        error = refused(port, starttls=NEVER, username=USER, password=PASSWORD)
    assert (error.step, error.words) == ("AUTH", "538 Encryption required")
    assert "set starttls to always" in error.fix


def test_a_missing_log_in_is_reported(ca: trustme.CA) -> None:
    with listener(ca, auth=True) as (port, _seen):
        error = refused(port, ca)
    assert error.step == "MAIL FROM" and error.words.startswith("530 ")
    assert "requires a log-in" in error.fix


def test_a_listener_that_repeats_the_password() -> None:
    plain = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    says = (GREETING, "250-esa1\r\n250 AUTH PLAIN", f"501 cannot decode {plain}, which is {PASSWORD}", "221 bye")
    with played(*says) as (port, part):
        error = refused(port, starttls=NEVER, username=USER, password=PASSWORD)
    assert plain in part.told[1], "else this test would prove nothing"
    assert error.words == "501 cannot decode ********, which is ********"
    assert error.__context__ is None or PASSWORD not in repr(error.__context__)
    assert PASSWORD not in repr(way(1, username=USER, password=PASSWORD))


def test_a_password_that_smtp_cannot_send_is_refused_without_a_part_of_it(ca: trustme.CA) -> None:
    with listener(ca, auth=True) as (port, seen):
        error = refused(port, ca, starttls=ALWAYS, username=USER, password="p\u00e4ss")
    assert (error.step, error.words) == ("AUTH", "a value has characters that SMTP cannot send")
    assert "ASCII" in error.fix and seen.envelopes == []


def test_a_long_reply_is_cut_after_it_is_masked() -> None:
    says = (GREETING, "250-esa1\r\n250 AUTH PLAIN", f"501 {'x' * 290}{PASSWORD}", "221 bye")
    with played(*says) as (port, _part):
        error = refused(port, starttls=NEVER, username=USER, password=PASSWORD)
    assert len(error.words) == 300 and PASSWORD[:4] not in error.words


def test_an_accepted_message_shows_no_password() -> None:
    says = (GREETING, "250-esa1\r\n250 AUTH PLAIN", "235 ok", *UP_TO_DATA[2:], f"250 queued for {PASSWORD}", "221 bye")
    with played(*says) as (port, _part):
        assert send(port, starttls=NEVER, username=USER, password=PASSWORD)["reply"] == "250 queued for ********"


# Refusals and silence


@pytest.mark.parametrize(
    ("replies", "step", "words"),
    [
        ({"MAIL": "550 #5.7.1 sender rejected"}, "MAIL FROM", "Host Access Table"),
        ({"RCPT": "550 #5.1.0 Address rejected."}, "RCPT TO", "Recipient Access Table"),
        ({"DATA": "554 Message refused"}, "end of data", "policies and filters"),
        ({"DATA": "452 Try later"}, "end of data", "policies and filters"),
    ],
)
def test_refusals(replies: dict[str, str], step: str, words: str) -> None:
    with listener(replies=replies) as (port, seen):
        error = refused(port)
    assert error.step == step and words in error.fix
    assert error.words == next(iter(replies.values()))
    assert str(error) == f"{step}: {error.words}"
    assert seen.envelopes == []


def test_a_closed_port() -> None:
    with played() as (port, _part):
        pass
    error = refused(port)
    assert error.step == f"connect to {HOST}:{port}" and "refused" in error.words
    assert "the appliance has a listener" in error.fix


@pytest.mark.parametrize(
    ("says", "step"),
    [
        (("554 no SMTP service here",), "connect"),
        (("SSH-2.0-OpenSSH_9.6",), "connect"),
        (("\x00\xff\x00",), "connect"),
        (("",), "connect"),
        ((), "connect"),
        ((GREETING, "502 what", "502 what"), "EHLO"),
        ((GREETING,), "EHLO"),
        ((GREETING, HELLO), "MAIL FROM"),
        ((GREETING, HELLO, "250 ok", "250 ok"), "DATA"),
        ((GREETING, HELLO, "250 ok", "250 ok", "451 no data now"), "DATA"),
    ],
)
def test_odd_listeners(says: tuple[str, ...], step: str) -> None:
    with played(*says) as (port, part):
        error = refused(port)
    assert error.step.startswith(step)
    assert error.words and error.fix
    assert part.connections == 1


@pytest.mark.parametrize(
    ("says", "step"),
    [
        ((None,), "connect"),
        ((GREETING, None), "EHLO"),
        ((GREETING, HELLO, None), "MAIL FROM"),
        ((GREETING, HELLO, "250 ok", None), "RCPT TO"),
        ((GREETING, HELLO, "250 ok", "250 ok", None), "DATA"),
    ],
)
def test_a_silent_listener_times_out(says: tuple[str | None, ...], step: str) -> None:
    with played(*says) as (port, part):
        error = refused(port, timeout=0.2)
    assert error.step.startswith(step)
    assert "timed out" in error.words
    assert part.connections == 1


@pytest.mark.parametrize("last", [[None], []])
def test_no_answer_to_the_message_is_reported_without_sending_again(last: list[str | None]) -> None:
    with played(*UP_TO_DATA, *last) as (port, part):
        error = refused(port, timeout=0.2)
    assert error.step == "end of data"
    assert "may have accepted the message" in error.fix and "not sent again" in error.fix
    assert part.connections == 1
    assert [line.split(" ")[0].lower() for line in part.told].count("data") == 1


@pytest.mark.parametrize("last", [["500 what?"], [None], [], ["221 bye"]])
def test_errors_after_the_acceptance_are_ignored(last: list[str | None]) -> None:
    with played(*UP_TO_DATA, "250 ok: Message 1 accepted", *last) as (port, part):
        assert send(port, timeout=0.2) == {"reply": "250 ok: Message 1 accepted", "encrypted": False}
    assert part.connections == 1


def test_lines_that_begin_with_a_dot_arrive() -> None:
    mark = marked_message.new_mark("x", SENDER)
    message = marked_message.message_of(mark, SENDER, RECIPIENT)
    message.set_content("first\n.second\n..third\n")
    with listener() as (port, seen):
        marked_message.send(way(port), message)
    [envelope] = seen.envelopes
    assert envelope.content.endswith(b"first\r\n.second\r\n..third\r\n")
