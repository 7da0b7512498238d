# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Apply the option C(profile) of an action, or the profile of a reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import activate
from ansible_collections.emailsec.ctr.plugins.module_utils._profile.option import BadProfile, profile_of_option


def apply_profile(given: Mapping[str, Any] | None) -> None:
    """Apply this profile to the rest of the task. Raise AnsibleActionFail with its problems."""
    try:
        activate(profile_of_option(given))
    except BadProfile as bad:
        raise AnsibleActionFail(str(bad)) from None
