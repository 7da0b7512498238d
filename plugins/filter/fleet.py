# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters of the role esa_ctr_integration; each is documented in the YAML file of its name beside this one."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.drift import fleet_drift
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.found import (
    busy_appliances,
    fleet_found,
    newer_rows,
    waited_in_vain,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.orphans import (
    fleet_orphans,
    removable,
    strays_to_remove,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.quota import quota_problems
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.settings import sma_notes
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.state import (
    fleet_state,
    known_devices,
    registration_token,
    unread_regions,
)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {
            "busy_appliances": busy_appliances,
            "fleet_drift": fleet_drift,
            "fleet_found": fleet_found,
            "fleet_orphans": fleet_orphans,
            "fleet_state": fleet_state,
            "known_devices": known_devices,
            "newer_rows": newer_rows,
            "quota_problems": quota_problems,
            "orphans_to_remove": removable,
            "registration_token": registration_token,
            "sma_notes": sma_notes,
            "strays_to_remove": strays_to_remove,
            "unread_regions": unread_regions,
            "waited_in_vain": waited_in_vain,
        }
