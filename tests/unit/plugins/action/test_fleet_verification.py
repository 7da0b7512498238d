# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The next queries to CTR and the final rows, from the results of the tasks on each host."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.action.fleet_verification import ActionModule
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.serialization import pack
from tests.unit.plugins.action.controller import run_action
from tests.unit.plugins.module_utils.fleet.picture import Box, Picture

SENT = {"message_id": "a@x", "sent_at": "2026-01-12T09:30:48Z"}
TRACKED = {"messages": [{"message_id": "<a@x>"}], "looked_at": "2026-01-12T09:31:00Z"}
VARIABLES = {"sent": "of_sent", "tracked": "of_tracked"}


def verify(registered: dict[str, Any], check_mode: bool = False, **more: Any) -> dict[str, Any]:
    reading = pack(Picture([Box("a"), Box("b")]).state())
    arguments = {"reading": reading, "host_results": VARIABLES, **more}
    return run_action(ActionModule, arguments, registered, ("a", "b"), check_mode)


def test_a_verification_in_three_steps() -> None:
    task_results = {"a": {"of_sent": SENT, "of_tracked": TRACKED}, "b": {"of_sent": {"msg": "refused"}}}
    first = verify(task_results)
    assert first["observables"] == {"europe": [{"type": "email_messageid", "value": "a@x"}]}
    assert first["broken"] == {"b": "smtp: refused"}
    modules = [{"module": "a", "module_instance_id": "m-1", "status": "ok"}]
    health = {"results": [{"item": "europe", "health": {"modules": modules}, "errors": []}]}
    (second,) = verify(task_results, health=health)["observables"]["europe"]
    assert second["module_instance_id"] == "m-1"
    seen = [{"module_instance_id": "m-1", "observables": [{"type": "email_messageid", "value": "<a@x>"}]}]
    end = verify(
        task_results, health=health, investigation={"results": [{"item": "europe", "sightings": seen, "errors": []}]}
    )
    assert [row["result"] for row in end["rows"]] == ["ok", "broken"]
    none = verify(task_results, health=health, investigation={"results": [{"item": "europe", "sightings": []}]})
    assert none["broken"]["a"].startswith("sighting: ")


def test_check_mode_queries_nothing() -> None:
    found = verify({}, check_mode=True)
    assert (found["observables"], found["broken"]) == ({}, {})
    assert {row["result"] for row in found["rows"]} == {"not sent"}


def test_an_invalid_reading_is_refused() -> None:
    with pytest.raises(AnsibleActionFail, match="reading is not a result"):
        verify({}, reading="odd")
