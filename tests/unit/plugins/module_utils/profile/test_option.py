# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option profile of a module is checked in each process."""

from __future__ import annotations

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import NO_PROFILE
from ansible_collections.emailsec.ctr.plugins.module_utils._profile.option import BadProfile, profile_of_option


def test_no_profile() -> None:
    assert profile_of_option(None) is profile_of_option({}) is NO_PROFILE


def test_a_profile() -> None:
    assert profile_of_option({"ports": {"api": 8443}}).ports == {"api": 8443}


def test_a_wrong_profile_names_its_problems() -> None:
    with pytest.raises(BadProfile, match="ports.api has an invalid value.*pages.devices has an invalid value"):
        profile_of_option({"ports": {"api": 0}, "pages": {"devices": 0}})
