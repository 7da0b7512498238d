# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An assumption is confirmed, different or not seen, by what was read."""

from __future__ import annotations

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.assumptions import all_assumptions
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.compare import Outcome, compare
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.findings import Findings
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import Verdict
from tests.samples.probe import device, findings, module_type, region, walk

BY_ID = {one.id: one for one in all_assumptions()}


def outcome(assumption: str, found: Findings) -> Outcome:
    return compare(BY_ID[assumption], found)


def test_usual_words_are_confirmed() -> None:
    found = findings(walk(), europe=region((device(1, "esa1.example.com"), device(2, "new", "Pending"))))
    confirmed = {name for name, one in BY_ID.items() if compare(one, found).verdict is Verdict.CONFIRMED}
    assert confirmed >= {
        "text.registered",
        "text.no_changes",
        "text.server_question",
        "text.unknown_command",
        "prompt.standalone",
        "prompt.question",
        "command.version",
        "keyword.cloudserviceconfig.deregister",
        "line.model",
        "server.europe",
        "address.europe",
        "call.GET /iroh/iroh-sse/device",
        "field.sse.id",
        "field.sse.connector_version",
        "status.registered",
        "status.awaits_token",
        "status.health",
        "title.esa",
        "setting.days",
        "header.x-ratelimit-org-limit",
        "limit.quota",
    }
    assert {name for name, one in BY_ID.items() if compare(one, found).verdict is Verdict.DIFFERS} == set()


@pytest.mark.parametrize(
    ("assumption", "found", "came"),
    [
        ("text.registered", findings(walk(status="Joined the cloud.")), "Joined the cloud."),
        ("text.enabled", findings(walk(state="unregistered", status="Cloud is active.")), "Cloud is active."),
        ("text.no_changes", findings(walk(changes="All is committed.")), "All is committed."),
        ("text.unknown_command", findings(walk(unknown="No such verb: emailsecctrprobe")), "No such verb"),
        ("text.token_question", findings(walk(state="unregistered", REGISTER="Type the secret:")), "Type the secret:"),
        ("server.europe", findings(walk(servers="1. EUROPE (api.eu2.example.com)")), "EUROPE (api.eu2.example.com)"),
        ("field.sse.id", findings(europe=region(({"uuid": "x", "name": "a"},))), "uuid"),
        (
            "status.registered",
            findings(walk(), europe=region((device(1, "esa1.example.com", "Enrolled"),))),
            "Enrolled",
        ),
        ("title.esa", findings(europe=region(types=(module_type(1, "Mail Guard"),))), "Mail Guard"),
        ("limit.quota", findings(europe=region(**{"X-Ratelimit-Org-Limit": "500"})), "500"),
    ],
)
def test_other_words_are_shown(assumption: str, found: Findings, came: str) -> None:
    seen = outcome(assumption, found)
    assert seen.verdict is Verdict.DIFFERS
    assert came in seen.came


def test_a_state_that_no_appliance_has_is_not_seen() -> None:
    found = findings(walk())
    for text_id in ("disabled", "enabled", "token_question", "commit_rollback", "password_expired"):
        assert outcome(f"text.{text_id}", found).verdict is Verdict.NOT_SEEN


def test_a_difference_counts_before_a_confirmation_elsewhere() -> None:
    found = findings(walk(), walk("esa2.example.com", changes="All is committed."))
    assert outcome("text.no_changes", found) == Outcome(Verdict.DIFFERS, ("All is committed.",), ("esa2.example.com",))
