# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check every variable against argument_specs, and report every wrong value."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import Kind, Problem, grouped, lines, shown
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import (
    FILES,
    RANGES,
    SAME_FOR_ALL,
    Failed,
    Hidden,
    check_variables,
    flag,
    items_of,
)
from tests.unit.consistency.support import yaml_of
from tests.unit.plugins.module_utils.fleet.wrong_values import OPTIONS, SECRET, Wrong, wrong_values

HOST = "esa1.example.com"
WRONG = wrong_values()


def problems(**variables: Any) -> list[Problem]:
    values = {"esa_ctr_region": "europe", **variables}
    return grouped(check_variables(OPTIONS, {HOST: values}, lambda path: path != "/nonexistent.pem"))


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_each_wrong_value_is_one_problem_with_variable_value_host_and_fix(wrong: Wrong) -> None:
    (problem,) = problems(**wrong.variables)
    assert problem.subject == wrong.path
    assert problem.hosts == (HOST,)
    said = "\n".join(lines([problem], ""))
    assert said.count("Fix: ") == 1 and problem.fix.endswith((".", "?"))
    assert SECRET not in said
    if problem.kind in (Kind.WRONG_TYPE, Kind.WRONG_VALUE):
        assert f"is {shown(wrong.value, wrong.secret)}" in said


def test_every_variable_and_every_key_of_a_region_is_tested() -> None:
    account = OPTIONS["esa_ctr_regions"]["options"]["apjc"]["options"]
    walked = {wrong.path for wrong in WRONG}
    assert set(OPTIONS) <= walked
    assert {f"esa_ctr_regions.europe.{key}" for key in account} <= walked


@pytest.mark.parametrize("name", OPTIONS)
def test_a_template_that_fails_is_named_with_its_reason(name: str) -> None:
    (problem,) = problems(**{name: Failed("'vault_x' is undefined", "define vault_x.")})
    assert problem.kind is Kind.NOT_EVALUATED
    assert problem.subject == name and "'vault_x' is undefined" in problem.text and problem.fix == "define vault_x."


def test_the_defaults_are_valid() -> None:
    defaults = yaml_of("roles/esa_ctr_integration/defaults/main.yml")
    assert problems(**defaults) == []


@pytest.mark.parametrize(
    "variables",
    [
        {"esa_ctr_region": "EUROPE"},
        {"esa_ctr_region": "Nam"},
        {"esa_ctr_region": "us"},
        {"esa_ctr_region": "APJ"},
        {"esa_ctr_request_timeframe_days": "30"},
        {"esa_ctr_wait_timeout": "0"},
        {"esa_ctr_wait_interval": 0.1},
        {"esa_ctr_prune": "yes"},
        {"esa_ctr_prune": 1},
        {"esa_ctr_report_formats": "json,csv"},
        {"esa_ctr_report_formats": []},
        {"esa_ctr_api_password": 12345},
        {"esa_ctr_api_password": Hidden("s3cret")},
        {"esa_ctr_registration_tokens": {"esa1": "x"}},
        {"esa_ctr_regions": {"EU": {"client_id": "a", "ca_path": ""}, "Nam": {}}},
        {"esa_ctr_hosts": "all", "esa_ctr_serial": 5, "esa_ctr__read": {"a": 1}},
    ],
    ids=str,
)
def test_valid_values_in_other_notations(variables: dict[str, Any]) -> None:
    assert problems(**variables) == []


@pytest.mark.parametrize(
    ("variables", "near"),
    [
        ({"esa_ctr_alow_region_change": True}, "esa_ctr_allow_region_change"),
        ({"esa_ctr_request_timeframe_day": 7}, "esa_ctr_request_timeframe_days"),
        ({"esa_ctr_regions": {"europe": {"capath": "x"}}}, "esa_ctr_regions.europe.ca_path"),
        ({"esa_ctr_regions": {"EU": {"client_pasword": SECRET}}}, "esa_ctr_regions.EU.client_password"),
        ({"esa_ctr_regions": {"eurpoe": {}}}, "esa_ctr_regions.europe"),
        ({"esa_ctr_host": "all"}, "esa_ctr_hosts"),
        ({"esa_ctr_state": "Present"}, "present"),
        ({"esa_ctr_report_fail_on": "drifts"}, "drift"),
        ({"esa_ctr_region": "europ"}, "europe"),
    ],
    ids=str,
)
def test_the_closest_name_is_suggested(variables: dict[str, Any], near: str) -> None:
    (problem,) = problems(**variables)
    assert f"Did you mean {near}?" in problem.fix
    assert SECRET not in "\n".join(lines([problem], ""))


def test_the_keys_of_a_map_in_an_account_are_checked_too() -> None:
    inner = {"type": "dict", "options": {"module_type_id": {"type": "str"}}}
    account = {**OPTIONS["esa_ctr_regions"]["options"]["europe"]["options"], "product": inner}
    regions = {"type": "dict", "options": {"europe": {"type": "dict", "options": account}}}
    value = {"europe": {"product": {"module_type_di": "x", "module_type_id": ["a"]}}}
    options = {"esa_ctr_regions": regions}
    found = grouped(check_variables(options, {HOST: {"esa_ctr_regions": value}}))
    assert [each.subject for each in found] == [
        "esa_ctr_regions.europe.product.module_type_di",
        "esa_ctr_regions.europe.product.module_type_id",
    ]


def test_an_unrelated_name_gets_no_suggestion() -> None:
    (problem,) = problems(esa_ctr_vault_xyz="x")
    assert "Did you mean" not in problem.fix and "must not begin with esa_ctr_" in problem.fix


def test_a_missing_region_and_duplicate_accounts_are_problems() -> None:
    (problem,) = grouped(check_variables(OPTIONS, {HOST: {}}))
    assert (problem.kind, problem.subject) == (Kind.NOT_SET, "esa_ctr_region")
    (problem,) = problems(esa_ctr_regions={"eu": {}, "Europe": {}})
    assert problem.kind is Kind.CONTRADICTION and "esa_ctr_regions.eu" in problem.text


def test_an_smtp_login_needs_a_choice_of_encryption() -> None:
    (problem,) = problems(esa_ctr_smtp_username="u", esa_ctr_smtp_starttls="if_offered")
    assert (problem.kind, problem.subject, problem.hosts) == (Kind.CONTRADICTION, "esa_ctr_smtp_starttls", (HOST,))
    assert problems(esa_ctr_smtp_username="u", esa_ctr_smtp_starttls="always") == []
    assert problems(esa_ctr_smtp_username="", esa_ctr_smtp_starttls="if_offered") == []


def test_a_value_of_a_vault_is_never_shown() -> None:
    (problem,) = problems(esa_ctr_state=Hidden(SECRET))
    assert SECRET not in "\n".join(lines([problem], ""))


def test_a_group_s_wrong_value_is_one_problem_for_all_its_hosts() -> None:
    hosts = {f"esa{n}": {"esa_ctr_region": "europe", "esa_ctr_request_timeframe_days": 0} for n in range(200)}
    (problem,) = grouped(check_variables(OPTIONS, hosts))
    assert len(problem.hosts) == 200


@pytest.mark.parametrize("name", SAME_FOR_ALL)
def test_variables_of_tasks_that_run_once_must_be_the_same_for_all_hosts(name: str) -> None:
    """A different value of a host would be ignored, or the host removed because of the state of another host."""
    good = {"esa_ctr_state": ["present", "absent"], "esa_ctr_prune": [True, False]}.get(name, ["1d", "2d"])
    hosts = {f"esa{n}": {"esa_ctr_region": "europe", name: good[n == 2]} for n in range(3)}
    found = [each for each in check_variables(OPTIONS, hosts) if each.kind is Kind.NOT_ALIKE]
    assert [each.subject for each in found] == [name]
    assert "esa2" in found[0].text and "--limit" in found[0].fix
    same = {host: {**values, name: good[0]} for host, values in hosts.items()}
    assert not [each for each in check_variables(OPTIONS, same) if each.kind is Kind.NOT_ALIKE]


def test_the_tables_of_ranges_and_files_are_those_of_argument_specs() -> None:
    options = {**OPTIONS}
    account = OPTIONS["esa_ctr_regions"]["options"]["europe"]["options"]
    options |= {f"esa_ctr_regions.{key}": option for key, option in account.items()}
    numbers = {name for name, option in options.items() if option.get("type") in ("int", "float")}
    # The table may have numbers that argument_specs does not have yet.
    assert numbers <= set(RANGES) <= numbers | {"esa_ctr_api_timeout"}
    assert set(FILES) == {name for name in options if name.endswith("ca_path")}
    assert set(SAME_FOR_ALL) <= set(options)


@pytest.mark.parametrize(("value", "meant"), [(True, True), ("Yes", True), (1, True), (False, False), ("off", False)])
def test_a_flag_may_be_written_in_several_ways(value: Any, meant: bool) -> None:
    assert flag(value) is meant


def test_a_list_may_be_written_as_text() -> None:
    assert items_of("json, csv") == items_of(["json", "csv"]) == ["json", "csv"]
