# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Uncommitted changes of others: only a whole sentence says that there are none, and only then is anything committed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import Refusal
from tests.lab.regions import SERVERS
from tests.unit.plugins.module_utils.asyncos.inprocess import NAME, Box, BoxChannel, at_once, ensure_on

NONE = (
    "There are no uncommitted changes.",
    "There are no changes to commit.",
    "There are no changes to show.",
    "there are no\r\nuncommitted changes",
    "No changes.",
    "No uncommitted changes found.",
    "No changes have been made since the last commit.",
    "You have no pending changes.",
    "There is no data to commit.",
    "Nothing to commit.",
)
SOME = (
    "smtproutes: none -> relay",
    "  smtproutes: none -> relay.example.com",
    "aliasconfig: no-reply@example.com added",
    "1 change is not committed",
    "Nothing but smtproutes was changed.",
    "There are no uncommitted changes of this session.\r\nsmtproutes: example.net -> 192.0.2.25",
    "smtproutes: There are no changes to commit.",
    "No changes pending review were found in smtproutes",
    "There are no uncommitted changes. but one",
    "without password: guest",
    "Warning: not synchronized\r\nThere are no uncommitted changes.",
)
SILENT = (
    "",
    "Unknown command: showchanges",
    "Unknown command or missing feature key: showchanges",
    "Invalid arguments when processing: showchanges",
)
STATES: dict[str, tuple[dict[str, Any], str, bool]] = {
    "enable": ({}, "registered", True),
    "server": ({"enabled": True, "region": "americas"}, "registered", True),
    "disable": ({"enabled": True, "region": "europe"}, "disabled", True),
    "deregister": ({"enabled": True, "region": "europe", "registered": True}, "unregistered", False),
    "register": ({"enabled": True, "region": "europe"}, "registered", False),
    "nothing": ({"enabled": True, "region": "europe", "registered": True}, "registered", False),
}
"""What the appliance is at first, what is wanted, and whether that takes a commit."""


class Saying(BoxChannel):
    """Answers C(showchanges) with these words; everything else is the appliance's."""

    def __init__(self, box: Box, words: str) -> None:
        self.words = words
        super().__init__(box, self._replaced)

    def _replaced(self, text: str) -> list[str]:
        if self.typed[-1:] != ["showchanges\n"]:
            return [text]
        return [f"showchanges\r\n\r\n{self.words}\r\n\r\n{NAME}> "]


def outcome_of(words: str, flow: str, check: bool, **initial: Any) -> tuple[Any, Box, list[str]]:
    async def story() -> tuple[Any, Box, list[str]]:
        at_first, desired, _commits = STATES[flow]
        box = Box(initial={**at_first, **initial})
        channel = Saying(box, words)
        wanted = (SERVERS["europe"], box.new_token()) if desired == "registered" else (None, None)
        return await ensure_on(channel, desired, *wanted, check=check), box, channel.typed

    return at_once(story())


@pytest.mark.parametrize("words", NONE)
def test_a_complete_sentence_means_no_changes(words: str) -> None:
    outcome, box, _typed = outcome_of(words, "enable", check=False)
    assert (outcome.error, outcome.pending_changes) == (None, False)
    assert box.state["registered"]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("flow", STATES)
@pytest.mark.parametrize(("words", "pending"), [*((one, True) for one in SOME), *((one, None) for one in SILENT)])
def test_any_other_output_prevents_a_commit(words: str, pending: bool | None, flow: str, check: bool) -> None:
    outcome, box, typed = outcome_of(words, flow, check, pending=True)
    assert outcome.pending_changes is pending
    assert "commit\n" not in typed and "clearchanges\n" not in typed
    assert box.state["others"] == (True, False, False)
    if STATES[flow][2]:
        assert isinstance(outcome.error, Refusal) and outcome.steps == [] and box.writes == []
        assert str(outcome.error).startswith(NAME) and "showchanges" in str(outcome.error)
    else:
        assert outcome.error is None
