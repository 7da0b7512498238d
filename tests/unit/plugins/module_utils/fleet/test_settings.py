# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The desired state from the inventory, and the problems that stop a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import ApiFailure, DevicesReading, Wanted
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import Kind, Problem, grouped, sentence
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.settings import (
    JOBS,
    RunSettings,
    accounts_of,
    check_managed,
    check_settings,
    check_state,
    regions_in_use,
    regions_to_read,
    run_of,
    settings_of,
    sma_problems,
    smas_elsewhere,
)

ACCOUNT = {"client_id": "client-1", "client_password": "not shown"}


def wanted(host: str = "esa1", **changes: Any) -> Wanted:
    return replace(Wanted(host, "europe", "esa1"), **changes)


def accounts(regions: Mapping[str, Any]) -> dict[str, Any]:
    return accounts_of({"esa_ctr_regions": regions})


def problems(
    settings: Mapping[str, Wanted], regions: Mapping[str, Any] | None = None, **environment: str
) -> list[Problem]:
    known = accounts({"europe": ACCOUNT} if regions is None else regions)
    return grouped(check_settings(settings, known, environment))


def test_the_variables_of_a_host_become_its_settings() -> None:
    variables = {"esa_ctr_region": "APJ", "esa_ctr_module_name": "A", "esa_ctr_request_timeframe_days": 90}
    assert settings_of("a", variables) == Wanted("a", "apjc", "A", 90)
    may = {"esa_ctr_allow_region_change": "yes", "esa_ctr_commit_comment": "CHG 1", "esa_ctr_disable_on_removal": True}
    assert settings_of("a", may) == Wanted(
        "a", "", "a", 30, commit_comment="CHG 1", allow_region_change=True, disable_on_removal=True
    )
    managed = settings_of("a", {"esa_ctr_managed_by_sma": "sma1", "esa_ctr_hosted": "true"})
    assert (managed.managed_by_sma, managed.hosted) == ("sma1", True)
    assert settings_of("a", {"esa_ctr_module_name": ""}).module_name == "a"


def test_the_settings_of_the_play() -> None:
    assert run_of({}, "report") == RunSettings(), "what is not set does not wait, and prunes nothing"
    given = {
        "esa_ctr_wait_timeout": "300",
        "esa_ctr_wait_interval": 5,
        "esa_ctr_prune": "yes",
        "esa_ctr_other_hosts": ["esa9"],
        "esa_ctr_report_concurrency": "8",
        "esa_ctr_diagnose_busy_pause": 2,
        "esa_ctr_diagnose_query": None,
    }
    assert run_of(given, "onboard") == RunSettings("present", 300.0, 5.0, True, ("esa9",), 8, 2.0, "")
    assert run_of({}, "remove").state == "absent"
    assert run_of({"esa_ctr_state": "absent"}, "").state == "absent"
    assert run_of({"esa_ctr_other_hosts": []}, "").other_hosts == (), "an empty list differs from no value"


@pytest.mark.parametrize(
    ("variables", "manual"),
    [
        ({}, False),
        ({"esa_ctr_registration_tokens": [], "esa_ctr_token_file": ""}, False),
        ({"esa_ctr_registration_tokens": ["a token"]}, True),
        ({"esa_ctr_registration_tokens": {"a": "a token"}}, True),
        ({"esa_ctr_token_file": "/tokens.txt"}, True),
    ],
)
def test_a_host_with_tokens_from_the_portal_is_in_manual_mode(variables: dict[str, Any], manual: bool) -> None:
    assert settings_of("a", variables).manual_token is manual


@pytest.mark.parametrize("name", ["europe", "EUROPE", "eu", "Eu"])
def test_an_account_is_found_under_any_name_of_its_region(name: str) -> None:
    assert accounts({name: ACCOUNT}) == {"europe": (name, ACCOUNT)}


@pytest.mark.parametrize("regions", [None, [], "text", {"mars": ACCOUNT}, {"europe": None}, {"europe": ["a"]}])
def test_invalid_accounts_are_left_out(regions: Any) -> None:
    assert accounts(regions) == {}


@pytest.mark.parametrize(
    ("job", "state", "refused"),
    [
        ("onboard", "present", False),
        ("onboard", "absent", True),
        ("remove", "absent", False),
        ("remove", "present", True),
        ("report", "absent", True),
        ("", "absent", False),
        ("", "present", False),
    ],
)
def test_a_playbook_accepts_only_its_own_state(job: str, state: str, refused: bool) -> None:
    found = list(check_state(job, {"esa1": {"esa_ctr_state": state}}))
    assert [(each.subject, each.hosts) for each in found] == [("esa_ctr_state", ("esa1",))] * refused


def test_every_job_names_the_other_playbook() -> None:
    for state, fix in JOBS.values():
        assert state in ("present", "absent") and "emailsec.ctr." in fix


def test_good_settings_have_no_problem() -> None:
    assert problems({"esa1": wanted()}) == []
    assert list(check_managed({"esa1": wanted()})) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"managed_by_sma": "sma1"}, ("esa1: esa_ctr_managed_by_sma is sma1, which is not in this play",)),
        ({"hosted": True}, ("esa1: esa_ctr_hosted is true (CES)",)),
    ],
)
def test_an_esa_of_an_sma_is_refused(changes: dict[str, Any], words: tuple[str, ...]) -> None:
    (problem,) = check_managed({"esa1": wanted(**changes)})
    assert problem.kind is Kind.MANAGED and "onboard its SMA" in problem.fix
    assert all(word in sentence(problem) for word in words)


def test_two_appliances_of_a_region_may_not_share_a_module_name() -> None:
    same = {"esa1": wanted(module_name="X"), "esa2": wanted(module_name="X")}
    (problem,) = problems(same)
    assert sentence(problem) == "2 hosts (esa1, esa2): esa_ctr_module_name is 'X' in europe."
    elsewhere = {"esa1": wanted(module_name="X"), "esa2": wanted(module_name="X", region="apjc")}
    assert problems(elsewhere, {"europe": ACCOUNT, "apjc": ACCOUNT}) == []


def test_every_region_in_use_needs_credentials_from_somewhere() -> None:
    settings = {"esa1": wanted()}
    assert [problem.subject for problem in problems(settings, {})] == [
        "esa_ctr_regions.europe.client_id",
        "esa_ctr_regions.europe.client_password",
    ]
    assert problems(settings, {}, CTR_CLIENT_ID="x", CTR_CLIENT_PASSWORD="y") == []
    assert problems(settings, {"EU": {"client_id": "x"}}, CTR_CLIENT_PASSWORD="y") == []


def test_unused_regions_need_no_credentials() -> None:
    assert regions_in_use({"esa1": wanted()}) == ["europe"]
    assert problems({"esa1": wanted()}, {"europe": ACCOUNT, "apjc": {}}) == []


def test_every_region_with_an_account_is_read() -> None:
    known = accounts({"EU": ACCOUNT, "apjc": ACCOUNT, "americas": {"client_id": "x"}})
    assert regions_to_read({"esa1": wanted()}, known, {}) == ["europe", "apjc"]


def test_the_account_of_the_environment_applies_only_to_regions_in_use() -> None:
    environment = {"CTR_CLIENT_ID": "x", "CTR_CLIENT_PASSWORD": "y"}
    assert regions_to_read({"esa1": wanted()}, {}, environment) == ["europe"]


def test_only_regions_of_smas_are_read_if_an_esa_is_managed() -> None:
    known = accounts({"europe": ACCOUNT, "apjc": ACCOUNT})
    settings = {"esa1": wanted(), "esa2": wanted(region="apjc", managed_by_sma="sma1")}
    assert regions_to_read(settings, known, {}, managed=True) == ["apjc"]
    assert regions_to_read({"esa1": wanted()}, known, {}, managed=True) == []


def test_an_api_address_of_another_region_is_refused_and_an_unknown_one_is_not() -> None:
    address = "https://visibility.apjc.amp.cisco.com"
    (problem,) = problems({"esa1": wanted()}, {"europe": {**ACCOUNT, "api_url": address}})
    assert "address of the region apjc" in problem.text
    assert problems({"esa1": wanted()}, {"europe": {**ACCOUNT, "api_url": "https://proxy.example.com"}}) == []


def test_an_sma_in_the_play_is_found_in_any_letter_case() -> None:
    settings = {"esa1": wanted(managed_by_sma="SMA1"), "sma1": wanted(module_name="sma1")}
    (problem,) = check_managed(settings)
    assert problem.hosts == ("esa1",) and "which is in this play" in problem.text
    assert smas_elsewhere(settings) == {}


def test_an_sma_outside_the_play_is_searched_in_sse() -> None:
    managed = {host: wanted(managed_by_sma=sma, module_name=host) for host, sma in (("a", "Sma1"), ("b", "sma2"))}
    elsewhere = smas_elsewhere({**managed, "c": wanted(managed_by_sma="SMA1")})
    assert elsewhere == {"europe": ["Sma1", "sma2"]}
    shown = (Device("id-1", "sma1", "Registered"), Device("id-2", "sma2", "Pending"))
    first, second = sma_problems(elsewhere, {"europe": DevicesReading(shown)})
    assert sentence(first) == "Sma1: registered in europe."
    assert sentence(second) == "sma2: neither in the play nor registered in europe." and "onboard" in second.fix
    down = sma_problems(elsewhere, {"europe": DevicesReading(failure=ApiFailure("cannot connect"))})
    assert len(down) == 2 and all("cannot connect" in each.text for each in down)
