# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answer to commit: it says that the changes are committed, or that there was nothing, or the run stops."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import NothingCommitted, UnexpectedScreen
from tests.lab.regions import SERVERS
from tests.unit.plugins.module_utils.asyncos.inprocess import NAME, Box, BoxChannel, at_once, ensure_on

NOTHING = "There is no data to commit"
HIDDEN = {"current_server_line": False, "server_default": "none"}
"""The appliance does not show its server."""


class Saying(BoxChannel):
    """Answers C(commit) with these words, and then commits nothing."""

    def __init__(self, box: Box, words: str) -> None:
        self.words = words
        super().__init__(box, self._replaced)

    def _replaced(self, text: str) -> list[str]:
        return [f"commit\r\n\r\n{self.words}.\r\n\r\n{NAME}> "] if self.typed[-1:] == ["commit\n"] else [text]


def outcome_of(words: str, **described: Any) -> tuple[Any, Box]:
    async def story() -> tuple[Any, Box]:
        box = Box(**described)
        channel = Saying(box, words)
        return await ensure_on(channel, "registered", SERVERS["europe"], box.new_token()), box

    return at_once(story())


@pytest.mark.parametrize(("words", "error"), [(NOTHING, NothingCommitted), ("All is well", UnexpectedScreen)])
def test_a_change_that_is_not_committed_stops_the_run(words: str, error: type[Exception]) -> None:
    outcome, box = outcome_of(words, initial={})
    assert type(outcome.error) is error and str(outcome.error).startswith(NAME)
    assert not box.state["enabled"] and not box.state["registering"]


@pytest.mark.parametrize(("words", "goes_on"), [(NOTHING, True), ("All is well", False)])
def test_a_server_that_is_not_shown_may_be_set_already(words: str, goes_on: bool) -> None:
    outcome, box = outcome_of(words, dialect=HIDDEN, initial={"enabled": True, "region": "europe"})
    assert (outcome.error is None) is goes_on
    assert box.state["registered"] is goes_on
