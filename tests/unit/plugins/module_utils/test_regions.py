# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of regions."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import Profile
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import (
    KNOWN_REGIONS,
    all_regions,
    canonical_region,
    region_of_api,
    region_of_server,
)
from tests.samples.profiles import applied


@pytest.mark.parametrize(
    ("names", "region"),
    [
        (("americas", "AMERICAS", "us", "US", "nam", "Nam"), "americas"),
        (("europe", "EUROPE", "Europe", "eu", "EU", " eu "), "europe"),
        (("apjc", "APJC", "apj", "Apj"), "apjc"),
    ],
)
def test_a_region_has_its_name_and_aliases_in_any_case(names: tuple[str, ...], region: str) -> None:
    assert {canonical_region(name) for name in names} == {region}


@pytest.mark.parametrize("name", ["", "emea", "e", "europe1", None, 1, True, ["europe"]])
def test_other_values_are_not_regions(name: Any) -> None:
    assert canonical_region(name) is None


def test_a_profile_changes_and_adds_regions() -> None:
    changes = {
        "europe": {"appliance_server": "api.eu2.example.com"},
        "canada": {"appliance_server": "api.ca.example.com", "aliases": ["ca"]},
    }
    with applied(Profile(regions=changes)):
        assert list(all_regions()) == ["americas", "europe", "apjc", "canada"]
        assert canonical_region("CA") == "canada"
        assert all_regions()["canada"].label == "CANADA"
        assert all_regions()["europe"].api_url == KNOWN_REGIONS["europe"].api_url
        found = [
            region_of_server(name) for name in ("api.ca.example.com", "api.eu2.example.com", "api-sse.cisco.com", "")
        ]
        assert [one and one.name for one in found] == ["canada", "europe", "americas", None]
        assert region_of_server("api.eu.sse.itd.cisco.com") is None
        assert region_of_api("https://127.0.0.1") is None
    assert canonical_region("canada") is None
    for address in ("https://visibility.eu.amp.cisco.com", "https://VISIBILITY.eu.amp.cisco.com.:443/iroh"):
        found_region = region_of_api(address)
        assert found_region and found_region.name == "europe"
