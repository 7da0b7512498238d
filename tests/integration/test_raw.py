# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of ansible.builtin.raw over emailsec.ctr.asyncos: one command of the appliance, as a user types it."""

from __future__ import annotations

FLEET = {
    "settings": {"busy_seconds": 0.1},
    "appliances": [
        {"name": "password.example.com", "dialect": {"auth": ["password"]}},
        {"name": "keyboard.example.com", "generation": 4, "dialect": {"auth": ["keyboard-interactive"]}},
        {
            "name": "talkative.example.com",
            "product": "SMA",
            "version": "15.5.1-024",
            "dialect": {
                "line_end": "crcrlf",
                "note_width": 30,
                "banner": "Authorised users only > go away",
                "login_message": "Maintenance on Sunday> ask first\nCall 555",
            },
        },
    ],
}


def test_version_is_returned_for_every_log_in_screen(lab, ansible):
    run = ansible.adhoc("all", "ansible.builtin.raw", "-a", "version", "--one-line")
    assert run.rc == 0, run.output
    for host, model, version in [
        ("password.example.com", "C100V", "14.0.0-698"),
        ("keyboard.example.com", "C100V", "14.0.0-698"),
        ("talkative.example.com", "M300V", "15.5.1-024"),
    ]:
        values = run.on(host).values
        assert values["rc"] == 0
        assert f"Model: {model}" in values["stdout_lines"]
        assert f"Version: {version}" in values["stdout_lines"]
        assert not values["stdout"].startswith("version")
        assert host not in values["stdout"], "the prompt is not part of the answer"
        assert "version" in lab.typed(host)


def test_an_unknown_command_fails(lab, ansible):
    run = ansible.adhoc("password.example.com", "ansible.builtin.raw", "-a", "frobnicate")
    result = run.on("password.example.com")
    assert run.rc == 2
    assert (result.status, result.values["rc"]) == ("failed", 1)
    assert "Unknown command" in result.values["stdout"]
    assert "frobnicate" in result.values["stdout"]
    assert "the appliance did not accept the command" in result.values["stderr"]


def test_a_command_that_asks_a_question_is_cancelled_and_nothing_is_committed(lab, ansible):
    host = "password.example.com"
    before = lab.appliance(host)
    run = ansible.adhoc(host, "ansible.builtin.raw", "-a", "cloudserviceconfig")
    result = run.on(host)
    assert (result.status, result.values["rc"]) == ("failed", 1)
    assert "Choose the operation" in result.values["stdout"]
    assert "the command asks a question; Ctrl-C ended it" in result.values["stderr"]
    typed = lab.typed(host)
    assert "^C" in typed
    assert typed.index("cloudserviceconfig") < typed.index("^C")
    assert "commit" not in typed
    assert lab.writes() == []
    assert {**lab.appliance(host), "logins": before["logins"]} == before


def test_several_lines_are_refused(lab, ansible):
    host = "password.example.com"
    run = ansible.tasks([{"name": "two lines", "ansible.builtin.raw": "version\ncommit"}], hosts=host)
    result = run.on(host)
    assert (result.status, result.values["rc"]) == ("failed", 1)
    assert "give one command on one line" in result.values["stderr"]
    assert not {"version", "commit"} & set(lab.typed(host))


def test_a_log_in_message_that_looks_like_a_question_or_a_prompt_is_ignored(lab, ansible):
    """The host name is read from the prompt, not from the message of an administrator above it."""
    host = "talkative.example.com"
    task = {"name": "read", "emailsec.ctr.esa_cloud_service": {"state": "unregistered"}}
    run = ansible.tasks([task], hosts=host)
    assert run.on(host).values["cloud_service"]["hostname"] == host
