# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Stop the onboarding of an old ESA, a new ESA and an SMA in two regions."""

from __future__ import annotations

from tests.torture.support.kill_cases import (
    pieces,
    test_a_chain_of_kills_is_finished_by_the_next_run,
    test_a_run_that_is_ended_or_interrupted_at_any_write_is_finished_by_the_next,
    test_a_run_that_is_killed_at_any_write_is_finished_by_the_next,
    test_a_run_that_is_killed_before_the_answer_of_a_read_is_finished_by_the_next,
    test_a_run_that_loses_the_network_names_host_problem_and_fix_and_is_finished_by_the_next,
)
from tests.torture.support.kills import Story

__all__ = [
    "pieces",
    "test_a_chain_of_kills_is_finished_by_the_next_run",
    "test_a_run_that_is_ended_or_interrupted_at_any_write_is_finished_by_the_next",
    "test_a_run_that_is_killed_at_any_write_is_finished_by_the_next",
    "test_a_run_that_is_killed_before_the_answer_of_a_read_is_finished_by_the_next",
    "test_a_run_that_loses_the_network_names_host_problem_and_fix_and_is_finished_by_the_next",
]

FLEET = {
    "settings": {"registration_seconds": 0.1, "busy_seconds": 0.1},
    "appliances": [
        {"name": "o1.example.com", "region": "europe"},
        {"name": "o2.example.com", "region": "americas", "generation": 1, "version": "13.0.0-392"},
        {"name": "s1.example.com", "region": "europe", "product": "SMA", "generation": 4},
    ],
}
STORY = Story("onboard", writes=16)
