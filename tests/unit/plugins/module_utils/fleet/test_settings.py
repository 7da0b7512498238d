# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the inventory wants, and everything that must be mended before a write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.settings import (
    check_settings,
    regions_in_use,
    regions_to_read,
    settings_of,
    sma_notes,
    smas_elsewhere,
)

ACCOUNT = {"client_id": "client-1", "client_password": "not shown"}


def wanted(**changes: Any) -> dict[str, Any]:
    return {
        "region": "europe",
        "module_name": "esa1",
        "request_timeframe_days": 30,
        "managed_by_sma": None,
        "hosted": False,
        **changes,
    }


def problems(settings: Mapping[str, Any], regions: Mapping[str, Any] | None = None, **environment: str) -> list[str]:
    return check_settings(settings, {"europe": ACCOUNT} if regions is None else regions, environment)


def test_the_variables_of_a_host_become_its_settings() -> None:
    variables = {"esa_ctr_region": "apjc", "esa_ctr_module_name": "A", "esa_ctr_request_timeframe_days": 90}
    assert settings_of("a", variables) == {
        "region": "apjc",
        "module_name": "A",
        "request_timeframe_days": 90,
        "managed_by_sma": None,
        "hosted": False,
        "commit_comment": "",
        "allow_region_change": False,
        "by_hand": False,
    }
    may = {"esa_ctr_allow_region_change": "yes", "esa_ctr_commit_comment": "CHG 1"}
    assert [settings_of("a", may)[key] for key in ("allow_region_change", "commit_comment")] == [True, "CHG 1"]
    assert settings_of("a", {})["region"] is None
    assert settings_of("a", {"esa_ctr_module_name": ""})["module_name"] == "a"
    assert settings_of("a", {"esa_ctr_request_timeframe_days": 0})["request_timeframe_days"] == 0


@pytest.mark.parametrize(
    ("variables", "by_hand"),
    [
        ({}, False),
        ({"esa_ctr_registration_tokens": [], "esa_ctr_token_file": ""}, False),
        ({"esa_ctr_registration_tokens": ["a token"]}, True),
        ({"esa_ctr_registration_tokens": {"a": "a token"}}, True),
        ({"esa_ctr_token_file": "/tokens.txt"}, True),
    ],
)
def test_a_host_with_tokens_of_the_portal_needs_no_others(variables: dict[str, Any], by_hand: bool) -> None:
    assert settings_of("a", variables)["by_hand"] is by_hand


def test_good_settings_have_no_problem() -> None:
    assert problems({"esa1": wanted()}) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"region": None}, ("esa1", "esa_ctr_region is not set", "americas, europe, apjc")),
        ({"region": "mars"}, ("esa1", "unknown region 'mars'", "americas, europe, apjc")),
        ({"managed_by_sma": "sma1"}, ("esa1", "the SMA sma1, which is not in this play", "integrate the SMA")),
        ({"hosted": True}, ("esa1", "hosted by the vendor (CES)", "esa_ctr_managed_by_sma")),
        ({"request_timeframe_days": 0}, ("esa1", "0", "1 to 365")),
        ({"request_timeframe_days": 366}, ("esa1", "366", "1 to 365")),
        ({"request_timeframe_days": "soon"}, ("esa1", "'soon'", "1 to 365")),
    ],
)
def test_a_wrong_setting_is_named_with_host_and_remedy(changes: dict[str, Any], words: tuple[str, ...]) -> None:
    (problem,) = problems({"esa1": wanted(**changes)})
    assert all(word in problem for word in words) and "Remedy:" in problem


def test_two_appliances_of_a_region_may_not_share_a_module_name() -> None:
    same = {"esa1": wanted(module_name="X"), "esa2": wanted(module_name="X")}
    (problem,) = problems(same)
    assert "2 appliances" in problem and "'X'" in problem
    elsewhere = {"esa1": wanted(module_name="X"), "esa2": wanted(module_name="X", region="apjc")}
    assert problems(elsewhere, {"europe": ACCOUNT, "apjc": ACCOUNT}) == []


def test_every_region_in_use_needs_credentials_from_somewhere() -> None:
    settings = {"esa1": wanted()}
    assert len(problems(settings, {})) == 2
    assert problems(settings, {}, CTR_CLIENT_ID="x", CTR_CLIENT_PASSWORD="y") == []
    assert problems(settings, {"europe": {"client_id": "x"}}, CTR_CLIENT_PASSWORD="y") == []


def test_credentials_of_a_region_that_is_not_used_are_not_asked_for() -> None:
    assert regions_in_use({"esa1": wanted()}) == ["europe"]
    assert problems({"esa1": wanted()}, {"europe": ACCOUNT, "apjc": {}}) == []


def test_every_region_with_an_account_is_read_because_a_device_may_stand_in_another() -> None:
    accounts = {"europe": ACCOUNT, "apjc": ACCOUNT, "americas": {"client_id": "x"}}
    assert regions_to_read({"esa1": wanted()}, accounts, {}, []) == ["europe", "apjc"]


def test_the_account_of_the_environment_is_of_the_regions_in_use_alone() -> None:
    environment = {"CTR_CLIENT_ID": "x", "CTR_CLIENT_PASSWORD": "y"}
    assert regions_to_read({"esa1": wanted()}, {}, environment, []) == ["europe"]


def test_where_settings_are_wrong_only_the_regions_of_smas_are_read() -> None:
    accounts = {"europe": ACCOUNT, "apjc": ACCOUNT}
    settings = {"esa1": wanted(), "esa2": wanted(region="apjc", managed_by_sma="sma1")}
    assert regions_to_read(settings, accounts, {}, ["something"]) == ["apjc"]
    assert regions_to_read({"esa1": wanted()}, accounts, {}, ["something"]) == []


def test_an_api_address_of_another_region_is_refused_and_an_unknown_one_is_not() -> None:
    address = "https://visibility.apjc.amp.cisco.com"
    (problem,) = problems({"esa1": wanted()}, {"europe": {**ACCOUNT, "api_url": address}})
    assert "belongs to the region apjc" in problem
    assert problems({"esa1": wanted()}, {"europe": {**ACCOUNT, "api_url": "https://proxy.example.com"}}) == []


def test_a_misspelt_region_of_the_accounts_is_named() -> None:
    (problem,) = problems({"esa1": wanted()}, {"europe": ACCOUNT, "eu": ACCOUNT})
    assert "'eu'" in problem


def test_an_sma_in_the_play_is_said_to_be_there() -> None:
    settings = {"esa1": wanted(managed_by_sma="sma1"), "sma1": wanted(module_name="sma1")}
    (problem,) = problems(settings)
    assert problem.startswith("esa1:") and "which is in this play" in problem
    assert smas_elsewhere(settings) == {}


def test_an_sma_elsewhere_is_looked_for_in_sse() -> None:
    managed = {host: wanted(managed_by_sma=sma, module_name=host) for host, sma in (("a", "sma1"), ("b", "sma2"))}
    elsewhere = {"smas_elsewhere": smas_elsewhere({**managed, "c": wanted(managed_by_sma="sma1")})}
    assert elsewhere == {"smas_elsewhere": {"europe": ["sma1", "sma2"]}}
    shown = [{"name": "sma1", "status": "Registered"}, {"name": "sma2", "status": "Pending"}]
    found = {"results": [{"item": "europe", "ansible_facts": {"sse_devices": shown}}]}
    first, second = sma_notes(elsewhere, found)
    assert first.startswith("sma1: this SMA is registered in europe")
    assert second.startswith("sma2: this SMA is neither in the play nor registered") and "Remedy:" in second
    down = sma_notes(elsewhere, {"results": [{"item": "europe", "msg": "cannot connect"}]})
    assert len(down) == 2 and all("cannot tell" in note and "cannot connect" in note for note in down)
