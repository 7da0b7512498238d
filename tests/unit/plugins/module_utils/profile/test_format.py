# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page and the schema of profiles come from their format."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from ansible_collections.emailsec.ctr.plugins.module_utils._profile.check import Source, check_profile
from ansible_collections.emailsec.ctr.plugins.module_utils._profile.format import json_schema
from tests.tools import profiles


def test_the_page_and_the_schema_are_up_to_date() -> None:
    assert profiles.PAGE.read_text(encoding="utf-8") == profiles.page(), "run make docs"
    assert json.loads(profiles.SCHEMA.read_text(encoding="utf-8")) == json_schema(), "run make docs"


@pytest.mark.parametrize(
    ("data", "valid"),
    [
        ({}, True),
        ({"texts": {"enabled": ["The cloud link is on"]}}, True),
        ({"sse": {"fields": {"id": ["data.id", "id"]}, "list_in": "devices"}}, True),
        ({"regions": {"canada": {"appliance_server": "api.ca.example.com"}}}, True),
        ({"module_types": {"europe": {"esa": {"title": "Mail Guard"}}}}, True),
        ({"regions": {"Canada!": {}}}, False),
        ({"ports": {"api": 0}}, False),
        ({"sse": {"fields": {"id": "a b"}}}, False),
        ({"nonsense": 1}, False),
    ],
)
def test_the_schema_and_the_check_agree(data: object, valid: bool) -> None:
    Draft202012Validator.check_schema(json_schema())
    assert Draft202012Validator(json_schema()).is_valid(data) is valid
    assert (check_profile([Source("x", data)])[1] == []) is valid
