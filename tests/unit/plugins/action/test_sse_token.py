# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of sse_token in real playbooks: tokens can be used and are never seen."""

from __future__ import annotations

import pytest

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

DEVICES = "/iroh/iroh-sse/device"


def no_secret_in(played, iroh):
    assert iroh.access_tokens
    for secret in iroh.secrets:
        assert secret not in played.output


@pytest.mark.parametrize("callback", ["default", "minimal"])
def test_tokens_are_registered_and_never_shown(iroh, options, tmp_path, monkeypatch, callback):
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", callback)
    played = play(tmp_path, {"emailsec.ctr.sse_token": {**options, "devices": ["a", "b"]}}, "--diff")
    assert [token["token"] for token in played.registered["tokens"]] == iroh.registration_tokens
    assert len(iroh.registration_tokens) == 2
    no_secret_in(played, iroh)


def test_tokens_of_a_loop_are_never_shown(iroh, options, tmp_path):
    task = {"emailsec.ctr.sse_token": {**options, "devices": ["{{ item }}"]}, "loop": ["a", "b"]}
    played = play(tmp_path, task, "--diff")
    seen = [result["tokens"][0]["token"] for result in played.registered["results"]]
    assert seen == iroh.registration_tokens
    no_secret_in(played, iroh)


def test_of_a_failure_with_tokens_the_reasons_are_shown(iroh, options, tmp_path):
    iroh.trick("POST", DEVICES, status=422, body={"error": "device_exists", "trace_id": "t"})
    played = play(tmp_path, {"emailsec.ctr.sse_token": {**options, "devices": ["a", "b"]}}, verbose="")
    assert "1 of 2 devices failed: a: answered 422" in played.output
    assert [token["name"] for token in played.registered["tokens"]] == ["b"]
    assert played.registered["failed"]
    no_secret_in(played, iroh)


def test_a_result_without_tokens_is_not_hidden(iroh, options, tmp_path):
    iroh.device("a")
    played = play(tmp_path, {"emailsec.ctr.sse_token": {**options, "devices": ["a"]}})
    assert '"action": "none"' in played.output
    no_secret_in(played, iroh)


def test_check_mode_issues_nothing_and_shows_the_plan(iroh, options, tmp_path):
    played = play(tmp_path, {"emailsec.ctr.sse_token": {**options, "devices": ["a"]}}, "--check", "--diff")
    assert '"action": "added"' in played.output
    assert played.registered["changed"]
    assert iroh.writes == []
    no_secret_in(played, iroh)
