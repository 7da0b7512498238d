# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The option ``profile`` of modules and actions: a map, checked again in each process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import NO_PROFILE, Profile

from .check import Source, check_profile


class BadProfile(ValueError):
    """The profile has problems; the message names all of them."""


def profile_of_option(given: Mapping[str, Any] | None) -> Profile:
    """Return the profile of the option C(profile). Raise BadProfile."""
    if not given:
        return NO_PROFILE
    profile, faults = check_profile([Source("profile", given)])
    if faults:
        raise BadProfile(" ".join(map(str, faults)))
    return profile
