# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A profile names the module type of a product and its settings, for one region."""

from __future__ import annotations

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import Profile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.module_types import (
    LONGEST_NAME,
    NoSuchType,
    find_module_type,
    titles_with_device,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import KNOWN_REGIONS
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK, know
from tests.samples.probe import module_type
from tests.samples.profiles import applied

EUROPE, APJC = KNOWN_REGIONS["europe"], KNOWN_REGIONS["apjc"]
TYPES = [module_type(1, "Mail Guard", "ref", "window"), module_type(2, "Web Guard")]
PROFILE = Profile(
    module_types={"europe": {"esa": {"title": "Mail Guard", "device_key": "ref", "timeframe_key": "window"}}}
)


def test_a_profile_applies_to_its_region_and_product() -> None:
    with applied(PROFILE):
        found = find_module_type(TYPES, "esa", EUROPE)
        assert (found.title, found.device_key, found.timeframe_key) == ("Mail Guard", "ref", "window")
        for product, region in (("esa", APJC), ("sma", EUROPE)):
            with pytest.raises(NoSuchType):
                find_module_type(TYPES, product, region)


def test_the_settings_of_the_account_count_before_the_profile() -> None:
    with applied(PROFILE):
        assert find_module_type(TYPES, "esa", EUROPE, title="Web Guard").title == "Web Guard"


def test_a_secret_in_a_title_is_masked_before_the_title_is_shortened() -> None:
    know(["S3cret-of/europe-1"])
    types = [module_type(1, f"{'x' * (LONGEST_NAME - 4)}S3cret-of/europe-1", "ref", "window")]
    assert titles_with_device(types) == ["x" * (LONGEST_NAME - 4) + MASK[:4]]
    with pytest.raises(NoSuchType) as caught:
        find_module_type(types, "esa", EUROPE, title="Mail Guard")
    assert "S3c" not in str(caught.value)
