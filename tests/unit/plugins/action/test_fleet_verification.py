# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The next queries to CTR and the final rows, from the messages and the answers of CTR."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.action.fleet_verification import ActionModule
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.send_and_track import Messages
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.serialization import pack
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.verification import Sent, Tracked
from tests.unit.plugins.action.controller import run_action
from tests.unit.plugins.module_utils.fleet.picture import Box, Picture

MESSAGES = Messages(
    {"a": Sent("a@x", "2026-01-12T09:30:48Z"), "b": Sent(problem="refused")},
    {"a": Tracked(True, "a@x", "2026-01-12T09:31:00Z"), "b": Tracked()},
)
NONE: dict[str, Any] = {"results": []}


def verify(check_mode: bool = False, **more: Any) -> dict[str, Any]:
    reading = pack(Picture([Box("a"), Box("b")]).state())
    arguments = {"reading": reading, "messages": pack(MESSAGES), "health": NONE, **more}
    return run_action(ActionModule, arguments, {}, ("a", "b"), check_mode)


def test_a_verification_in_two_steps() -> None:
    modules = [{"module": "a", "module_instance_id": "m-1", "status": "ok"}]
    health = {"results": [{"item": "europe", "health": {"modules": modules}, "errors": []}]}
    first = verify(health=health)
    assert first["observables"] == {
        "europe": [{"type": "email_messageid", "value": "a@x", "module_instance_id": "m-1"}]
    }
    assert first["broken"] == {"b": "smtp: refused"}
    seen = [{"module_instance_id": "m-1", "observables": [{"type": "email_messageid", "value": "<a@x>"}]}]
    end = verify(health=health, investigation={"results": [{"item": "europe", "sightings": seen, "errors": []}]})
    assert [row["result"] for row in end["rows"]] == ["ok", "broken"]
    none = verify(health=health, investigation={"results": [{"item": "europe", "sightings": []}]})
    assert none["broken"]["a"].startswith("sighting: ")


def test_check_mode_queries_nothing() -> None:
    found = verify(check_mode=True)
    assert (found["observables"], found["broken"]) == ({}, {})
    assert {row["result"] for row in found["rows"]} == {"not sent"}


@pytest.mark.parametrize("option", ["reading", "messages"])
def test_an_invalid_text_is_refused(option: str) -> None:
    with pytest.raises(AnsibleActionFail, match=f"{option} is not a result"):
        verify(**{option: "odd"})
