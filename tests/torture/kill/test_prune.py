# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Stop the removal of orphaned records and modules, and of a second record of an appliance."""

from __future__ import annotations

from tests.torture.support.kill_cases import (
    test_a_chain_of_kills_is_finished_by_the_next_run,
    test_a_run_that_is_ended_or_interrupted_at_any_write_is_finished_by_the_next,
    test_a_run_that_is_killed_at_any_write_is_finished_by_the_next,
    test_a_run_that_is_killed_before_the_answer_of_a_read_is_finished_by_the_next,
)
from tests.torture.support.kills import Story

__all__ = [
    "test_a_chain_of_kills_is_finished_by_the_next_run",
    "test_a_run_that_is_ended_or_interrupted_at_any_write_is_finished_by_the_next",
    "test_a_run_that_is_killed_at_any_write_is_finished_by_the_next",
    "test_a_run_that_is_killed_before_the_answer_of_a_read_is_finished_by_the_next",
]

ONBOARDED = {"enabled": True, "region": "europe", "registered": True, "module": True}
OLD = {"region": "europe", "status": "Unregistered", "type": "ESA"}
FLEET = {
    "settings": {"registration_seconds": 0.1, "busy_seconds": 0.1, "device_delete_seconds": 0.2},
    "appliances": [
        {
            "name": "p1.example.com",
            "region": "europe",
            "initial": {
                **ONBOARDED,
                "records": [
                    {**OLD, "name": "old.example.com"},
                    {**OLD, "name": "old-sma.example.com", "status": "Registered", "type": "SMA"},
                    {**OLD, "name": "proxy.example.com", "type": "WSA"},
                    {"region": "europe", "name": "waits.example.com"},
                    OLD,
                ],
                "modules": [{"name": "Left over", "device": "gone"}, {"name": "Old one", "device": "record"}],
            },
        },
        {"name": "p2.example.com", "region": "europe"},
    ],
}
STORY = Story("onboard", writes=10, arguments=("-e", "esa_ctr_prune=true"))
