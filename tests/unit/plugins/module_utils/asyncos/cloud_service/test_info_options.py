# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of esa_cloud_service_info: what makes no sense is named, and each host gets its desired state."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.info_options import (
    ARGUMENT_SPEC,
    check_options,
    desired_states_of,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import DesiredState

HOSTS = ["esa1", "esa2"]
EUROPE = "api.eu.sse.itd.cisco.com"
AMERICAS = "api-sse.cisco.com"


def options(**given: Any) -> dict[str, Any]:
    return {**{name: option.get("default") for name, option in ARGUMENT_SPEC.items()}, **given}


def problems(**given: Any) -> list[str]:
    return check_options(options(**given), HOSTS, lambda host: host in HOSTS)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"state": "registered", "region": "europe"},
        {"state": "enabled", "region": {"esa1": "europe", "esa2": None, "another": "anything"}},
        {"state": "disabled", "concurrency": 1, "commit_comment": ""},
    ],
)
def test_valid_options_have_no_problem(given: dict[str, Any]) -> None:
    assert problems(**given) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"concurrency": 0}, "concurrency is 0."),
        ({"concurrency": -4}, "concurrency is -4."),
        ({"region": "europe"}, "region is set without state."),
        ({"state": "enabled", "region": "mars"}, "region: unknown region 'mars'."),
        ({"state": "enabled", "region": {"esa1": "mars", "esa2": None}}, "region of esa1: unknown region 'mars'."),
        (
            {"state": "enabled", "region": {"esa1": ["europe"], "esa2": None}},
            "region of esa1: unknown region ['europe'].",
        ),
        ({"state": "enabled", "region": {"esa1": "europe"}}, "region: esa2 is missing."),
        ({"state": "enabled", "region": ["europe"]}, "region is a list."),
        ({"state": "enabled", "commit_comment": "two\nlines"}, "commit_comment is not one line"),
        ({"commit_comment": {"esa1": "a", "esa2": "two\nlines"}}, "commit_comment is not one line"),
        ({"commit_comment": {"esa1": "a"}}, "commit_comment: esa2 is missing."),
        ({"allow_reregistration": {"esa2": True}}, "allow_reregistration: esa1 is missing."),
        ({"allow_reregistration": "perhaps"}, "allow_reregistration: The value 'perhaps' is not a valid boolean."),
    ],
)
def test_invalid_options_are_reported_with_the_fix(given: dict[str, Any], said: str) -> None:
    (problem,) = problems(**given)
    assert said in problem
    assert "Fix: " in problem


def test_all_problems_are_reported_at_once() -> None:
    found = check_options(
        options(concurrency=0, state="enabled", region={"esa1": "mars"}),
        ["esa1", "nobody", "esa3"],
        {"esa1"}.__contains__,
    )
    assert [problem.split(" Fix: ")[0] for problem in found] == [
        "hosts: nobody is not in the inventory.",
        "hosts: esa3 is not in the inventory.",
        "concurrency is 0.",
        "region: nobody is missing.",
        "region: esa3 is missing.",
        "region of esa1: unknown region 'mars'.",
    ]


def test_without_a_state_there_is_no_desired_state() -> None:
    assert desired_states_of(options(), HOSTS) == {}


def test_each_host_has_a_desired_state_with_the_server_of_its_region() -> None:
    desired_states = desired_states_of(
        options(state="registered", region={"esa1": "europe", "esa2": "americas"}, commit_comment="why"), HOSTS
    )
    assert desired_states == {
        "esa1": DesiredState("registered", EUROPE, has_token=True, commit_comment="why"),
        "esa2": DesiredState("registered", AMERICAS, has_token=True, commit_comment="why"),
    }


@pytest.mark.parametrize(("region", "server"), [("europe", EUROPE), (None, None), ({"esa1": None, "esa2": None}, None)])
def test_one_region_applies_to_all_hosts_and_none_keeps_the_server(region: Any, server: str | None) -> None:
    desired_states = desired_states_of(options(state="enabled", region=region), HOSTS)
    assert {desired.server for desired in desired_states.values()} == {server}
    assert list(desired_states) == HOSTS


def test_assume_token_and_allow_reregistration_are_applied() -> None:
    (desired,) = desired_states_of(
        options(state="registered", assume_token=False, allow_reregistration=True), ["esa1"]
    ).values()
    assert (desired.has_token, desired.allow_reregistration) == (False, True)


def test_commit_comment_and_allow_reregistration_may_be_per_host() -> None:
    given = options(
        state="registered",
        commit_comment={"esa1": "CHG 1", "esa2": "CHG 2"},
        allow_reregistration={"esa1": "yes", "esa2": False},
    )
    found = desired_states_of(given, HOSTS)
    assert [(desired.commit_comment, desired.allow_reregistration) for desired in found.values()] == [
        ("CHG 1", True),
        ("CHG 2", False),
    ]
