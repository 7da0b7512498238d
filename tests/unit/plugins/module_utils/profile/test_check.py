# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles are checked and merged before anything is read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._profile.check import Source, check_profile


def faults(data: Any, lines: Any = None) -> list[str]:
    profile, found = check_profile([Source("profile.yml", data, lines or {})])
    assert bool(found) == (profile.given == {} and data not in ({}, None))
    return [str(one) for one in found]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([], "profile.yml: the profile is not a map. Fix: write a map"),
        ({"text": {}}, "profile.yml: text is unknown. Fix: use texts."),
        ({"texts": {"no_chnges": "Everything is committed"}}, "texts.no_chnges is unknown. Fix: use no_changes."),
        ({"sse": {"fields": {"id": 5}}}, "sse.fields.id has an invalid value. Fix: write a name of a field"),
        ({"sse": {"sends": {"name": "data.name"}}}, "sse.sends.name has an invalid value"),
        ({"sse": {"statuses": {"registered": "Pending"}}}, "gives the word 'pending' both meanings"),
        ({"sse": {"fields": {"id": "x", "name": "x"}}}, "sse.fields.name is x, as id is."),
        ({"sse": {"fields": {"id": "name"}}}, "sse.fields.id is name, as name is."),
        ({"paths": {"devices": "iroh/x"}}, "paths.devices has an invalid value"),
        ({"paths": {"devices": "/iroh/../x"}}, "paths.devices has an invalid value"),
        ({"paths": {"devices": "/iroh/x?a=b"}}, "paths.devices has an invalid value"),
        ({"module_types": {"europe": {"wsa": {}}}}, "module_types.europe.wsa is unknown. Fix: use sma."),
        ({"regions": {"canada": {"label": "CANADA"}}}, "regions.canada has no appliance_server"),
        ({"regions": {"canada": {"appliance_server": "api-sse.cisco.com"}}}, "has the server of americas"),
        ({"regions": {"eu": {"appliance_server": "a.b.example"}}}, "has the name eu, which is europe already"),
        ({"regions": {"canada": {"api_url": "http://a.example.com"}}}, "regions.canada.api_url has an invalid value"),
        ({"ports": {"api": 70000}}, "write a port from 1 to 65535"),
        ({"ports": {"api": True}}, "ports.api has an invalid value"),
        ({"pages": {"devices": "many"}}, "pages.devices has an invalid value"),
    ],
)
def test_problems_name_the_key_and_the_fix(data: Any, says: str) -> None:
    assert any(says in fault for fault in faults(data)), faults(data)


def test_a_problem_names_the_line_of_its_key() -> None:
    lines = {("ports",): 3, ("ports", "api"): 4}
    assert faults({"ports": {"api": 0}}, lines)[0].startswith("profile.yml:4: ports.api")


def test_later_profiles_extend_earlier_ones() -> None:
    first = {"texts": {"enabled": "The cloud link is on"}, "pages": {"devices": 500}}
    second = {"texts": {"enabled": ["The cloud link is up", "The cloud link is on"]}, "pages": {"devices": 100}}
    profile, found = check_profile([Source("a", first), Source("b", second)])
    assert found == []
    assert profile.given == {
        "texts": {"enabled": ["The cloud link is on", "The cloud link is up"]},
        "pages": {"devices": 100},
    }
    assert (len(profile.texts["enabled"]), profile.sources) == (2, ("a", "b"))


def test_a_profile_can_be_passed_on_as_its_merged_document() -> None:
    data = {"sse": {"fields": {"id": "deviceId"}, "statuses": {"registered": ["Enrolled"]}}, "ports": {"api": 443}}
    profile, _none = check_profile([Source("a", data)])
    again, _none = check_profile([Source("b", profile.given)])
    assert (again.fields, again.statuses, again.ports) == (
        {"id": ("deviceId",)},
        {"registered": ("enrolled",)},
        {"api": 443},
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["texts", "sse", "fields", "id", "enabled", "regions", "europe"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(JSON)
def test_drawn_data_is_accepted_or_refused_without_an_exception(data: Any) -> None:
    profile, found = check_profile([Source("drawn", data)])
    assert not found or profile.given == {}
