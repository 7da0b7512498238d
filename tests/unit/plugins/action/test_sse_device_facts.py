# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of sse_device_facts in real playbooks: progress is seen, and costs a login per change only."""

from __future__ import annotations

import threading
import time

from ansible_collections.emailsec.ctr.tests.unit.plugins.module_utils.cloud.fixtures import (
    ca,
    ca_path,
    environment,
    iroh,
    options,
)
from ansible_collections.emailsec.ctr.tests.unit.plugins.module_utils.cloud.playbooks import play

# The fixtures; pytest finds them by name.
__all__ = ["ca", "ca_path", "environment", "iroh", "options"]

WAIT = {"wait_for": "registered", "wait_interval": 0.2, "wait_timeout": 60}


def test_progress_is_shown_at_normal_verbosity(iroh, options, tmp_path):
    devices = [iroh.device(name, "Pending") for name in ("a", "b", "c")]

    def register_one_after_the_other():
        for device in devices:
            seen = len(iroh.requests)
            while len(iroh.requests) < seen + 4:
                time.sleep(0.01)
            device["status"] = "Registered"

    threading.Thread(target=register_one_after_the_other, daemon=True).start()
    task = {"emailsec.ctr.sse_device_facts": {**options, **WAIT, "names": ["a", "b", "c"]}}
    played = play(tmp_path, task, verbose="")
    lines = played.lines(r"EUROPE: \d of 3 registered, \d+:\d\d")
    assert [line.split(",")[0] for line in lines] == [f"EUROPE: {number} of 3 registered" for number in range(4)]
    assert iroh.logins == len(lines)
    assert [device["name"] for device in played.registered["ansible_facts"]["sse_devices"]] == ["a", "b", "c"]
    assert not played.registered["changed"]
    assert iroh.writes == []


def test_waiting_too_long_fails_with_the_names(iroh, options, tmp_path):
    iroh.device("a")
    iroh.device("b", "Pending")
    task = {"emailsec.ctr.sse_device_facts": {**options, **WAIT, "names": ["a", "b"], "wait_timeout": 1}}
    played = play(tmp_path, task, verbose="")
    assert "EUROPE: 1 of 2 registered, 0:0" in played.output
    assert "EUROPE: 1 of 2 devices registered within 1 s; not registered: b (Pending)." in played.registered["msg"]
    assert played.registered["failed"]


def test_without_waiting_the_module_runs_once(iroh, options, tmp_path):
    iroh.device("a")
    played = play(tmp_path, {"emailsec.ctr.sse_device_facts": options}, "--check")
    assert played.registered["ansible_facts"]["sse_devices"][0]["name"] == "a"
    assert len(iroh.requests) == 2
    for secret in iroh.secrets:
        assert secret not in played.output


def test_a_failure_ends_the_waiting(iroh, options, tmp_path):
    task = {"emailsec.ctr.sse_device_facts": {**options, **WAIT, "names": ["a"], "client_password": "wrong"}}
    played = play(tmp_path, task, verbose="")
    assert "check client_id and client_password" in played.registered["msg"]
    assert played.registered["http_status"] == 401
    assert iroh.logins == 1


def test_options_from_module_defaults_and_templates(iroh, options, tmp_path):
    iroh.device("a")
    task = {
        "emailsec.ctr.sse_device_facts": {**WAIT, "names": ["{{ 'A' | lower }}"]},
        "module_defaults": {"group/emailsec.ctr.cloud": options},
    }
    played = play(tmp_path, task, verbose="")
    assert "EUROPE: 1 of 1 registered, 0:0" in played.output
