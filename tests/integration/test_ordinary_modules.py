# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AsyncOS has no shell, no Python and no file transfer: ordinary modules fail with that message and type nothing."""

from __future__ import annotations

import pytest

HOST = "esa1.example.com"
FLEET = {"appliances": [{"name": HOST}]}

HAS_NOT = "AsyncOS has no shell, no Python and no file transfer"


@pytest.fixture
def run(ansible):
    (ansible.folder / "file.txt").write_text("text\n", encoding="utf-8")
    tasks = {
        "ping": {"ansible.builtin.ping": {}},
        "setup": {"ansible.builtin.setup": {}},
        "command": {"ansible.builtin.command": "version"},
        "copy": {"ansible.builtin.copy": {"src": "file.txt", "dest": "/tmp/file.txt"}},
        "fetch": {"ansible.builtin.fetch": {"src": "/etc/hosts", "dest": "fetched/", "flat": True}},
        "script": {"ansible.builtin.script": "file.txt"},
    }
    return ansible.tasks(
        [{"name": name, **task, "ignore_errors": True, "ignore_unreachable": True} for name, task in tasks.items()]
    )


def test_each_ordinary_module_fails_with_the_reason_and_types_nothing(lab, run):
    for name in ("ping", "setup", "command", "copy", "fetch", "script"):
        result = run.of(name, HOST)
        assert result.status == "failed", (name, result)
        assert HAS_NOT in result.message, (name, result.message)
        assert HOST in result.message, name
        assert "Fix: " in result.message, name
    typed = {line for line in lab.typed(HOST) if line}
    assert typed <= {"exit"}, typed
    assert lab.writes() == []


def test_gathering_facts_fails_with_the_reason(lab, ansible):
    run = ansible.plays([{"hosts": "all", "tasks": [{"name": "later", "ansible.builtin.debug": {"msg": "later"}}]}])
    assert run.rc != 0
    assert HAS_NOT in run.output
    assert "gather_facts: false" in run.output
    assert {line for line in lab.typed(HOST) if line} <= {"exit"}
