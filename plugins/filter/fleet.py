# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters of the role esa_ctr_integration; each is documented in the YAML file of its name beside this one."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.diagnosis import fleet_diagnosis, with_findings
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.query import query_problem, tracking_search
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
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.state import (
    fleet_state,
    known_devices,
    registration_token,
    unread_regions,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.verification import (
    fleet_verification,
    product_in_sse,
    sent_message_id,
    tracked_messages,
)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {
            "busy_appliances": busy_appliances,
            "fleet_diagnosis": fleet_diagnosis,
            "fleet_drift": fleet_drift,
            "fleet_found": fleet_found,
            "fleet_orphans": fleet_orphans,
            "fleet_state": fleet_state,
            "fleet_verification": fleet_verification,
            "known_devices": known_devices,
            "newer_rows": newer_rows,
            "orphans_to_remove": removable,
            "product_in_sse": product_in_sse,
            "query_problem": query_problem,
            "registration_token": registration_token,
            "sent_message_id": sent_message_id,
            "strays_to_remove": strays_to_remove,
            "tracked_messages": tracked_messages,
            "tracking_search": tracking_search,
            "unread_regions": unread_regions,
            "waited_in_vain": waited_in_vain,
            "with_findings": with_findings,
        }
