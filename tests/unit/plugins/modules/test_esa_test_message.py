# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module esa_test_message in real playbooks at the highest verbosity, against a real listener."""

from __future__ import annotations

import email
import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible.module_utils import basic

from ansible_collections.emailsec.ctr.plugins.modules import esa_test_message
from ansible_collections.emailsec.ctr.tests.unit.plugins.module_utils.cloud.playbooks import Played, play
from tests.unit.plugins.module_utils.mail.listeners import HOST, PASSWORD, RECIPIENT, SENDER, USER, listener, played

OPTIONS: dict[str, Any] = {"host": HOST, "sender": SENDER, "recipient": RECIPIENT, "timeout": 10}
LOGIN = {"username": USER, "password": PASSWORD, "starttls": "always"}


def run(folder: Path, *arguments: str, **options: Any) -> Played:
    done = play(folder, {"emailsec.ctr.esa_test_message": {**OPTIONS, **options}}, *arguments)
    assert PASSWORD not in done.output
    assert "traceback" not in done.output.lower()
    return done


def test_a_message_is_sent_with_a_log_in_and_its_marks_are_returned(
    ca: trustme.CA, ca_path: str, tmp_path: Path
) -> None:
    with listener(ca, auth=True) as (port, seen):
        done = run(tmp_path, port=port, ca_path=ca_path, subject="My test", helo="prober.example.com", **LOGIN)
    result = done.registered
    assert result["changed"] and not result["failed"]
    assert (result["reply"], result["encrypted"]) == ("250 ok: Message 1757 accepted", True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result["sent_at"])
    [envelope] = seen.envelopes
    message = email.message_from_bytes(envelope.content)
    assert (message["Subject"], message["Message-ID"]) == (result["subject"], f"<{result['message_id']}>")
    assert result["subject"].startswith("My test ")
    assert (seen.users, seen.encrypted, seen.greeted_as) == ([USER], [True], ["prober.example.com"])


def test_check_mode_sends_nothing_and_returns_marks(ca_path: str, tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        result = run(tmp_path, "--check", port=port, ca_path=ca_path, **LOGIN).registered
        with pytest.raises(BlockingIOError):
            server.accept()
    assert result["changed"] and result["message_id"].endswith("@example.com")
    assert (result["sent_at"], result["reply"], result["encrypted"]) == (None, None, None)


def test_a_wrong_password_is_not_shown(ca: trustme.CA, ca_path: str, tmp_path: Path) -> None:
    with listener(ca, auth=True) as (port, seen):
        done = run(tmp_path, port=port, ca_path=ca_path, **{**LOGIN, "password": "wrong-and-secret"})
    assert "wrong-and-secret" not in done.output
    result = done.registered
    assert result["failed"] and result["step"] == "AUTH" and result["fix"] == "check username and password."
    assert result["msg"].startswith(f"{HOST}: the test message was not accepted at the step AUTH: 535 ")
    assert result["msg"].endswith(result["fix"])
    assert not result["changed"] and "sent_at" not in result
    assert seen.envelopes == []


def test_ca_path_is_ignored_without_verification(ca: trustme.CA, tmp_path: Path) -> None:
    with listener(ca) as (port, _seen):
        result = run(tmp_path, port=port, ca_path="/nowhere.pem", validate_certs=False, starttls="always").registered
    assert result["encrypted"] is True


def test_a_message_that_was_not_confirmed_is_not_sent_again(tmp_path: Path) -> None:
    says = ("220 esa1", "250 esa1", "250 ok", "250 ok", "354 go ahead")
    with played(*says) as (port, part):
        result = run(tmp_path, port=port).registered
    assert result["failed"] and result["step"] == "end of data"
    assert "may have accepted the message" in result["msg"]
    assert part.connections == 1


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the module in this process on options that it must refuse; there is no listener."""

    def run(**options: Any) -> str:
        given = {**OPTIONS, "port": 1, **options}
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        capsys.readouterr()
        with pytest.raises(SystemExit):
            esa_test_message.main()
        result = json.loads(capsys.readouterr().out)
        assert result["failed"] and not result.get("changed")
        assert "step" not in result, "it was not refused before the connection"
        return str(result["msg"])

    return run


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sender": "nobody"}, "sender is not a mail address: 'nobody'"),
        ({"recipient": "a@"}, "recipient is not a mail address"),
        ({"recipient": "a@example.com\nX: y"}, "recipient is not a mail address"),
        ({"subject": "two\nlines"}, "subject is not one printable line"),
        ({"subject": "x" * 201}, "at most 200"),
        ({"username": USER, "password": PASSWORD}, "the password could be sent unencrypted"),
        ({"username": USER}, "required together"),
        ({"ca_path": "/nowhere.pem"}, "ca_path /nowhere.pem cannot be read"),
        ({"ca_path": __file__}, "cannot be read"),
        ({"port": 0}, "port must be 1 to 65535"),
        ({"timeout": 0}, "timeout is "),
        ({"timeout": float("nan")}, "timeout is "),
        ({"starttls": "perhaps"}, "starttls must be one of"),
    ],
)
def test_options_that_are_refused_before_anything_is_sent(refuse: Any, options: dict[str, Any], words: str) -> None:
    assert words in refuse(**options)
