# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Stop a rollout in its first or second wave."""

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

FLEET = {
    "settings": {"registration_seconds": 0.1, "busy_seconds": 0.1},
    "appliances": [{"name": f"e{number}.example.com", "region": "europe"} for number in (1, 2)],
}
HOSTS = [appliance["name"] for appliance in FLEET["appliances"]]
STORY = Story("rollout", writes=10, hosts={name: {"esa_ctr_waves": [1, "100%"]} for name in HOSTS})
