# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of regions."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import canonical_region


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
