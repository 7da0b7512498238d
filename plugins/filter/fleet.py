# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters of the role esa_ctr_integration; each is documented in the YAML file of its name beside this one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.drift import drift_rows
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.settings import (
    check_settings,
    read_settings,
    regions_in_use,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.state import fleet_state, registration_token


def fleet_settings(
    hosts: Iterable[str],
    hostvars: Mapping[str, Mapping[str, Any]],
    current: str,
    shared: Mapping[str, Any],
    regions: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    settings, problems = read_settings(hosts, hostvars, current, shared)
    problems += check_settings(settings, regions, os.environ)
    return {"hosts": settings, "regions": regions_in_use(settings), "problems": problems}


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {
            "fleet_drift": drift_rows,
            "fleet_settings": fleet_settings,
            "fleet_state": fleet_state,
            "registration_token": registration_token,
        }
