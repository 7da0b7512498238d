# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of esa_message_tracking_info against the REST API of the lab's appliances."""

from __future__ import annotations

import base64
import hashlib
import re
import smtplib
import ssl
from email.message import EmailMessage
from typing import Any

import pytest

ESA, SMA, OWN = "esa1.example.com", "sma1.example.com", "esa2.example.com"
FLEET = {
    "services": {"rest_api": True, "smtp": True},
    "appliances": [
        {"name": ESA, "region": "europe"},
        {"name": SMA, "product": "SMA", "region": "europe"},
        {"name": "esa3.example.com", "region": "europe", "managed_by": SMA},
        {"name": OWN, "region": "europe", "services": {"certificate": "self_signed"}},
    ],
}
JWT = re.compile(rb"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}")
REFUSED = {
    "bad_attribute": ("bad_attribute", "attribute supports only 00 seconds"),
    "no_path": ("no_path", "check product"),
    "no_role": (None, "role of this user may see message tracking"),
    "unknown": ("other", "cannot be completed at this time"),
}
"""By the switch search_answer: the kind of refusal, and words of the message."""
SHA256 = hashlib.sha256(b"%PDF").hexdigest()


@pytest.fixture
def search(lab, ansible):
    """Run the module once for each of these options; return the results by name."""

    def run(*arguments: str, **tasks: dict[str, Any]):
        listed = [
            {
                "name": task,
                "emailsec.ctr.esa_message_tracking_info": {**options_of(lab, options.pop("box", ESA)), **options},
                "ignore_errors": True,
            }
            for task, options in ((task, dict(options)) for task, options in tasks.items())
        ]
        run = ansible.tasks(listed, *arguments, hosts="localhost", connection="local", vars=CONTROLLER)
        results = {task: run.of(task, "localhost") for task in tasks}
        return results if len(results) > 1 else next(iter(results.values()))

    return run


CONTROLLER = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}


def options_of(lab, name: str) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": lab.services[name]["api_port"],
        "product": "sma" if name == SMA else "esa",
        "username": lab.ssh["user"],
        "password": lab.ssh["password"],
        "ca_path": lab.services[name]["api_ca_path"],
    }


def progress(ansible) -> list[str]:
    """Return the number of tracked messages in each progress line of the last run."""
    return re.findall(r"^127\.0\.0\.1: (\d) of 1 tracked, \d+:\d\d$", ansible.outputs[-1], re.MULTILINE)


def subjects(result) -> list[str]:
    return [message["subject"] for message in result.values["messages"]]


def send(lab, name: str, subject: str) -> str:
    """Deliver a message over SMTP, and return its Message-ID."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.com", "b@example.net", subject
    mail["Message-ID"] = f"<{subject.replace(' ', '-')}@example.com>"
    mail.set_content("text")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="invoice.pdf")
    with smtplib.SMTP("127.0.0.1", lab.services[name]["smtp_port"], timeout=30) as client:
        client.starttls(context=ssl.create_default_context(cafile=lab.services[name]["smtp_ca_path"]))
        client.send_message(mail)
    return str(mail["Message-ID"])


def test_a_message_is_found_by_each_of_its_properties(lab, search):
    message_id = send(lab, ESA, "Invoice Due")
    send(lab, ESA, "Something else")
    found = search(
        subject={"subject": "voice"},
        exact={"subject": "Invoice", "subject_operator": "is"},
        begin={"subject": "Invoice", "subject_operator": "begins_with"},
        sender={"sender": "a@example.com", "subject": "Invoice"},
        recipient={"recipient": "b@example.net", "subject": "Invoice"},
        stranger={"recipient": "a@example.com"},
        message_id={"message_id": message_id},
        mid={"cisco_mid": 1001},
        attachment={"attachment_name": "invoice", "subject": "Due"},
        sha256={"sha256": SHA256.upper(), "cisco_mid": 1001},
        address={"sender_ip": "127.0.0.1", "cisco_mid": 1001},
        status={"status": "DELIVERED", "direction": "incoming", "cisco_mid": 1001},
        domain={"sender_domain": "example.com", "cisco_mid": 1001},
        window={"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"},
        everything={"last": "15m"},
    )
    assert {task: subjects(result) for task, result in found.items()} == {
        **dict.fromkeys(set(found) - {"exact", "stranger", "window", "everything"}, ["Invoice Due"]),
        **dict.fromkeys(("exact", "stranger", "window"), []),
        "everything": ["Something else", "Invoice Due"],
    }
    [message] = found["mid"].values["messages"]
    at = message.pop("timestamp")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", at)
    assert message.pop("timestamp_text").endswith("(GMT +00:00)")
    assert message.pop("serial")
    assert message == {
        "mids": [1001],
        "icid": 501,
        "subject": "Invoice Due",
        "sender": "a@example.com",
        "sender_ip": "127.0.0.1",
        "recipients": ["b@example.net"],
        "message_id": message_id,
        "status": "Delivered",
        "statuses": {"1001": "Delivered"},
        "direction": "incoming",
        "host": ESA,
        "reply_to": None,
        "sender_group": "UNKNOWNLIST",
        "mail_policies": ["DEFAULT"],
    }
    assert found["window"].values["start"] == "2020-01-01T00:00:00Z"
    assert all(result.values["changed"] is False for result in found.values())
    assert lab.writes() == []


@pytest.mark.parametrize("total_count", ["page", "all"])
def test_all_pages_are_read(lab, search, total_count):
    lab.switch(appliance=ESA, set={"total_count": total_count})
    lab.add_messages(ESA, {"count": 250, "subject": "m{n}"})
    found = search(all={}, some={"max_messages": 120}, check={})
    assert subjects(found["all"]) == [f"m{number}" for number in range(250, 0, -1)]
    assert (found["all"].values["total"], found["all"].values["truncated"]) == (250, False)
    assert found["all"].values["api_calls"] == 4
    assert subjects(found["some"]) == [f"m{number}" for number in range(250, 130, -1)]
    assert found["some"].values["truncated"] is True
    assert found["some"].values["api_calls"] == 3


def test_a_token_that_expires_between_pages_is_renewed(lab, search):
    lab.add_messages(ESA, {"count": 250, "subject": "m{n}"})
    lab.switch(appliance=ESA, set={"jwt_uses": 2})
    found = search(all={})
    assert len(set(subjects(found))) == 250
    api = [(call["method"], call["path"].split("?")[0].rsplit("/", 1)[-1], call["status"]) for call in lab.calls()]
    assert api == [
        ("POST", "login", 200),
        ("GET", "messages", 200),
        ("GET", "messages", 200),
        ("GET", "messages", 401),
        ("POST", "login", 200),
        ("GET", "messages", 200),
    ]


def test_an_sma_finds_the_messages_of_its_esas(lab, search):
    send(lab, "esa3.example.com", "Of an ESA")
    found = search(
        sma={"box": SMA},
        own={"box": SMA, "cisco_host": SMA},
        esa={"box": "esa3.example.com"},
        wrong={"box": SMA, "product": "esa"},
    )
    assert subjects(found["sma"]) == ["Of an ESA"]
    assert found["sma"].values["messages"][0]["host"] == "esa3.example.com"
    assert subjects(found["own"]) == subjects(found["esa"]) == []
    assert found["wrong"].status == "failed"
    assert found["wrong"].values["path"] == "POST /esa/api/v2.0/login"
    assert "404" in found["wrong"].message and "product" in found["wrong"].message
    paths = {call["path"].split("/")[1] for call in lab.calls() if call["who"] == SMA and call["kind"] == "api"}
    assert paths == {"sma", "esa"}


def test_certificates_are_verified(lab, search):
    plain = {"box": OWN, "ca_path": None}
    found = search(
        trusted={"box": OWN},
        untrusted=plain,
        other={"box": OWN, "ca_path": str(lab.folder / "ca.pem")},
        careless={**plain, "validate_certs": False},
        missing={"box": OWN, "ca_path": "/nowhere/ca.pem"},
    )
    assert found["trusted"].status == found["careless"].status == "ok"
    for task in ("untrusted", "other"):
        assert "the certificate is not trusted" in found[task].message and "self-signed" in found[task].message
        assert "ca_path" in found[task].values["fix"]
        assert found[task].values["api_calls"] == 1
    assert "/nowhere/ca.pem" in found["missing"].message


def test_each_failure_gives_its_message_and_fix(lab, search):
    for answer, words in REFUSED.items():
        lab.switch(appliance=ESA, set={"search_answer": answer})
        refused = search(refused={})
        assert (refused.status, refused.values["refusal"]) == ("failed", words[0])
        assert words[1] in refused.message and "enable message tracking" not in refused.message
    lab.switch(appliance=ESA, set={"search_answer": "no_message"})
    assert subjects(search(none={})) == []
    lab.switch(appliance=ESA, set={"search_answer": "found"})
    for answer in ("forbidden", "not_found", "empty"):
        lab.switch(appliance=ESA, set={"message_tracking": False, "tracking_off_answer": answer})
        off = search(off={})
        if answer == "empty":
            assert subjects(off) == []
        else:
            assert off.status == "failed"
            assert off.values["http_status"] == {"forbidden": 403, "not_found": 404}[answer]
            assert off.values["refusal"] == "tracking_off"
            assert "enable message tracking" in off.values["fix"]
    found = search(
        password={"password": "Wr0ng-passw0rd"},
        port={"port": 1},
        host={"host": "no such host"},
        time={"start": "yesterday"},
        both={"start": "2026-01-01", "last": "1d"},
    )
    assert all(result.status == "failed" for result in found.values())
    wrong = found["password"].values
    assert wrong["error"] == "Invalid username or passphrase."
    assert wrong["error_description"] == "401 = No permission -- see authorization schemes."
    assert (wrong["http_status"], wrong["path"]) == (401, "POST /esa/api/v2.0/login")
    assert f"127.0.0.1:{lab.services[ESA]['api_port']}" in wrong["msg"]
    assert "127.0.0.1:1" in found["port"].message and "firewall" in found["port"].message
    assert "no such host" in found["host"].message
    assert "start is not a valid time: 'yesterday'" in found["time"].message
    assert "mutually exclusive" in found["both"].message


def test_the_module_waits_for_the_message(lab, ansible, search):
    lab.switch(appliance=ESA, set={"tracking_seconds": 1.0})
    send(lab, ESA, "Invoice Due")
    soon = {"subject": "Invoice Due", "wait_interval": 0.1}
    found = search(at_once={"subject": "Invoice Due"}, waited={**soon, "wait_timeout": 60})
    assert subjects(found["waited"]) == ["Invoice Due"]
    assert progress(ansible)[-1] == "1", "none may be seen first"
    vain = search(vain={"subject": "never sent", "wait_timeout": 0.3, "wait_interval": 0.1})
    assert (vain.status, progress(ansible)) == ("failed", ["0"])
    assert "no matching message was tracked within 0.3 s" in vain.message
    assert vain.values["api_calls"] > 2


def test_the_module_repeats_a_failed_search(lab, ansible, search):
    lab.switch(appliance=ESA, set={"tracking_seconds": 1.0, "search_failures": 3})
    send(lab, ESA, "Invoice Due")
    waited = search(waited={"subject": "Invoice Due", "wait_interval": 0.1, "wait_timeout": 60})
    assert subjects(waited) == ["Invoice Due"]
    [warning] = waited.values["warnings"]
    assert "a search failed and is repeated: answered 503" in warning
    assert [call["status"] for call in lab.calls() if call["kind"] == "api"].count(503) == 3


def test_a_wrong_password_is_sent_once(lab, search):
    refused = search(wrong={"password": "Wr0ng-passw0rd", "wait_timeout": 30, "wait_interval": 0.1})
    assert refused.status == "failed" and "locks after 5 failed log-ins" in refused.message
    assert [call["status"] for call in lab.calls() if call["kind"] == "api"] == [401]


def test_no_secret_is_shown(lab, ansible, search):
    """Checked at the highest verbosity, in a log, in check mode, with a failure that echoes the request, and with a proxy."""
    send(lab, ESA, "Invoice Due")
    wrong = "Wr0ng-passw0rd"
    search(
        "-vvv",
        "--diff",
        "--check",
        good={},
        wrong={"password": wrong},
        unreachable={"port": 1},
        proxy={"proxy": "http://user:pr0xy-passw0rd@127.0.0.1:1"},
    )
    assert '"mids"' in ansible.outputs[-1]
    texts = [output.encode() for output in ansible.outputs]
    # The play contains the password in plain text, where a user would have a vault.
    texts += [path.read_bytes() for path in ansible.folder.rglob("*") if path.is_file() and path.name != "site.yml"]
    secret = lab.ssh["password"]
    for hidden in (secret, base64.b64encode(secret.encode()).decode(), wrong, "pr0xy-passw0rd"):
        assert not [text for text in texts if hidden.encode() in text], hidden
    assert not [text for text in texts if JWT.search(text)]
