# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of one appliance: an earlier task of the run may have set a server that the appliance does not show."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.task import run_task
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets
from tests.lab.regions import SERVERS
from tests.unit.plugins.module_utils.asyncos.inprocess import NAME, Box, BoxChannel

HIDDEN = {"current_server_line": False, "server_default": "none"}
ALL_STEPS = [f"set the server to {SERVERS['europe']}", "commit (why)", "register with a registration token"]


class Connection:
    """Converses with an appliance of the lab in this process."""

    def __init__(self, box: Box) -> None:
        self._box = box

    def converse(self, conversation: Callable[[Session], Awaitable[Any]]) -> Any:
        async def story() -> Any:
            channel = BoxChannel(self._box)
            session = Session(channel, NAME, Secrets(), timeout=5.0, machine=NAME)
            try:
                await session.learn_prompt()
                return await conversation(session)
            finally:
                await channel.close()

        return asyncio.run(story())


@pytest.mark.parametrize(
    ("assumed", "steps"),
    [(None, ALL_STEPS), ({"server": None}, ALL_STEPS), ({"server": SERVERS["europe"]}, ALL_STEPS[2:])],
)
def test_a_server_that_this_run_has_set_is_not_set_again(assumed: dict[str, Any] | None, steps: list[str]) -> None:
    box = Box(dialect=HIDDEN, initial={"enabled": True, "region": "europe"})
    options = {
        "state": "registered",
        "region": "europe",
        "server": None,
        "registration_token": box.new_token(),
        "allow_reregistration": False,
        "commit_comment": "why",
        "wait_timeout": 5,
        "wait_interval": 0.1,
        "assumed_state": assumed,
    }
    result = run_task(Connection(box), NAME, options, check=False)
    assert not result.get("failed"), result
    assert result["steps"] == steps
    assert box.state["registered"]
