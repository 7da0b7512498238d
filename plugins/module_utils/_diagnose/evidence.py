# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What was read about one appliance, for the rules of the diagnosis to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.by_region import ByRegion

EMAIL_TYPES = ("esa", "sma", "")


@dataclass(frozen=True)
class Readings:
    """The readings of a whole fleet: the results of the role's tasks, looped over regions, and per host.

    ``devices`` of sse_device_facts, ``modules`` of ctr_module in check mode, ``investigation`` of
    ctr_investigation_info; ``tracking`` by host, of esa_message_tracking_info.
    """

    devices: ByRegion
    modules: ByRegion
    investigation: ByRegion
    tracking: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    query: str = ""
    query_problem: str = ""
    host_names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """By region and host, the host name that the appliance gives itself."""

    def namesakes(self, region: str) -> list[tuple[str, str]]:
        """Hosts of a region with the host names that they give themselves."""
        return [(host, name) for (where, host), name in self.host_names.items() if where == region]


@dataclass(frozen=True)
class Evidence:
    """What was read about one appliance. ``wanted`` are its settings, ``read`` its row of esa_cloud_service_info."""

    host: str
    wanted: Mapping[str, Any]
    read: Mapping[str, Any]
    readings: Readings

    @property
    def region(self) -> str:
        return str(self.wanted["region"])

    @property
    def service(self) -> Mapping[str, Any]:
        return self.read.get("cloud_service") or {}

    @property
    def registration(self) -> str:
        return str(self.service.get("registration"))

    @property
    def record_names(self) -> list[str]:
        """The names that SSE may know the appliance by: its own host name, or before it was read that of the inventory."""
        return [str(self.service.get("hostname") or self.host)]

    def records(self, region: str) -> list[Mapping[str, Any]]:
        """Its records in the SSE of a region."""
        found = [one for name in self.record_names for one in self.readings.devices.devices_named(region, name)]
        return [one for one in found if str(one.get("type") or "").lower() in EMAIL_TYPES]

    def registered_records(self, region: str) -> list[Mapping[str, Any]]:
        return [one for one in self.records(region) if str(one["status"]).lower() == "registered"]

    @property
    def elsewhere(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Its registered records in the other regions."""
        others = [name for name in self.readings.devices.regions if name != self.region]
        return [(name, one) for name in others for one in self.registered_records(name)]

    @property
    def module(self) -> Mapping[str, Any]:
        """The row of ctr_module for it: what was found, and what a run would do."""
        return self.readings.modules.entry(self.region, "modules", str(self.wanted["module_name"])) or {}

    @property
    def module_id(self) -> str | None:
        return self.module.get("id")

    def failure(self, task: str) -> Mapping[str, Any] | None:
        """The turn of its region, where this cloud task (devices, modules, investigation) failed as a whole.

        A turn that lists modules has failed for some of them only, and says so at each.
        """
        turn = getattr(self.readings, task).turn(self.region)
        return turn if turn and turn.get("msg") and not turn.get("modules") else None

    def health(self) -> str | None:
        """The health of its module: ok, error, unknown, or None where it was not asked for."""
        shown = (self.readings.investigation.value(self.region, "health") or {}).get("modules") or []
        return next((one["status"] for one in shown if one["module_instance_id"] == self.module_id), None)

    def module_errors(self) -> list[Mapping[str, Any]]:
        """Errors of its module in answers of success."""
        errors = self.readings.investigation.value(self.region, "errors") or []
        return [one for one in errors if one["module_instance_id"] == self.module_id]

    def sightings(self) -> list[Mapping[str, Any]]:
        found = self.readings.investigation.value(self.region, "sightings") or []
        return [one for one in found if one["module_instance_id"] == self.module_id]

    @property
    def tracking(self) -> Mapping[str, Any]:
        """What esa_message_tracking_info told; empty where it was not asked."""
        return self.readings.tracking.get(self.host) or {}

    @property
    def tracking_problem(self) -> str | None:
        """Why message tracking could not be read, in the appliance's words; None where it was read, or not asked."""
        failed = self.tracking.get("msg") and "total" not in self.tracking
        return f"message tracking: not read: {self.tracking['msg']}" if failed else None
