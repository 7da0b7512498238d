# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The readings of one appliance, for the rules of the diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.state import CloudService
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import name_key
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.investigation import InvestigationOutcome, ModuleError
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    Answer,
    ApiFailure,
    FleetState,
    ModulesOutcome,
    Registration,
    Wanted,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.other_regions import EMAIL_TYPES
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan


@dataclass(frozen=True)
class TrackingOutcome:
    """The result of C(esa_message_tracking_info) for an appliance; ``total`` is None if it could not be read."""

    total: int | None = None
    message: str = ""
    path: str | None = None
    http_status: int | None = None
    error: str | None = None
    refusal: str | None = None


@dataclass(frozen=True)
class Searches:
    """The searches of message tracking, by host."""

    outcomes: Mapping[str, TrackingOutcome] = field(default_factory=dict)


@dataclass(frozen=True)
class Readings:
    """The readings of a whole fleet. ``query`` is the query of the investigation, ``query_problem`` its syntax error."""

    state: FleetState
    plan: FleetPlan
    investigation: Mapping[str, InvestigationOutcome] = field(default_factory=dict)
    tracking: Mapping[str, TrackingOutcome] = field(default_factory=dict)
    query: str = ""
    query_problem: str = ""


@dataclass(frozen=True)
class Evidence:
    """The readings of one appliance."""

    host: str
    readings: Readings

    @property
    def wanted(self) -> Wanted:
        return self.readings.state.settings.hosts[self.host]

    @property
    def read(self) -> ApplianceReading:
        return self.readings.state.appliances[self.host]

    @property
    def problem(self) -> str:
        """Return why the appliance could not be read."""
        return self.read.failure.problem if self.read.failure else ""

    @property
    def region(self) -> str:
        return self.wanted.region

    @property
    def service(self) -> CloudService | None:
        return self.read.service

    @property
    def product(self) -> str:
        return self.service.identity.product.lower() if self.service else ""

    @property
    def registration(self) -> Registration | None:
        return Registration(self.service.registration) if self.service else None

    @property
    def name(self) -> str:
        """Return its name in SSE: its own host name, or the name in the inventory if it could not be read."""
        return self.service.hostname if self.service else self.host

    @property
    def same_name_hosts(self) -> list[str]:
        """Return other appliances of the region with the same host name."""
        state = self.readings.state
        return [
            host
            for host, wanted in state.settings.hosts.items()
            if host != self.host
            and wanted.region == self.region
            and (service := state.appliances[host].service) is not None
            and name_key(service.hostname) == name_key(self.name)
        ]

    def records(self, region: str) -> list[Device]:
        """Return its records in the SSE of a region."""
        reading = self.readings.state.devices.get(region)
        found = reading.book.alike(self.name) if reading else []
        return [one for one in found if (one.type or "").lower() in EMAIL_TYPES]

    def registered_records(self, region: str) -> list[Device]:
        return [one for one in self.records(region) if one.registered]

    @property
    def elsewhere(self) -> list[tuple[str, Device]]:
        """Return its registered records in the other regions."""
        others = [name for name in self.readings.state.devices if name != self.region]
        return [(name, one) for name in others for one in self.registered_records(name)]

    @property
    def devices_failure(self) -> ApiFailure | None:
        reading = self.readings.state.devices.get(self.region)
        return reading.failure if reading else None

    @property
    def modules(self) -> ModulesOutcome:
        return self.readings.plan.outcomes.modules.get(self.region) or ModulesOutcome()

    @property
    def modules_failure(self) -> ApiFailure | None:
        """Return why no module could be compared, or None if at least one could."""
        return None if self.modules.answers else self.modules.failure

    @property
    def module(self) -> Answer | None:
        """Return its module as found, and the action that a run would take."""
        return self.modules.named(self.wanted.module_name)

    @property
    def module_id(self) -> str | None:
        return self.module.id if self.module else None

    @property
    def investigation(self) -> InvestigationOutcome:
        return self.readings.investigation.get(self.region) or InvestigationOutcome()

    @property
    def investigation_failure(self) -> ApiFailure | None:
        return self.investigation.failure

    @property
    def health(self) -> str | None:
        """Return the health of its module: ok, error, unknown, or None if it was not read."""
        return self.investigation.health_of(self.module_id)

    @property
    def module_errors(self) -> list[ModuleError]:
        """Return the errors of its module in successful responses."""
        return self.investigation.errors_of(self.module_id)

    @property
    def sightings(self) -> int:
        """Return the number of sightings of its module."""
        return sum(one.module_id == self.module_id for one in self.investigation.sightings or ())

    @property
    def tracking(self) -> TrackingOutcome:
        return self.readings.tracking.get(self.host) or TrackingOutcome()

    @property
    def tracking_problem(self) -> str | None:
        """Return why message tracking could not be read, or None if it was read or not queried."""
        failed = self.tracking.message and self.tracking.total is None
        return f"message tracking: not read: {self.tracking.message}" if failed else None


def tracking_outcome(result: Mapping[str, Any]) -> TrackingOutcome:
    """Return the outcome for a result of C(esa_message_tracking_info)."""
    total = result.get("total")
    return TrackingOutcome(
        total=None if total is None else int(total),
        message=str(result.get("msg") or ""),
        path=result.get("path"),
        http_status=result.get("http_status"),
        error=result.get("error"),
        refusal=result.get("refusal"),
    )
