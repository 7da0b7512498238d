# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated fleet with its clouds, and its drift report from the real pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.identity import Identity
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import plan
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.state import CloudService
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import (
    AsyncOSError,
    CommandRefused,
    ConnectionRefused,
    Refusal,
    UnexpectedScreen,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import device_from_facts
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.drift import fleet_drift
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    Action,
    Answer,
    ApplianceReading,
    DevicesReading,
    Failure,
    FleetState,
    Goal,
    InventoryAppliance,
    ModulesReading,
    Quota,
    Settings,
    TokensOutcome,
    Wanted,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.outcomes import api_failure
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan, plan_fleet
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import AccessRefused, ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import KNOWN_REGIONS
from ansible_collections.emailsec.ctr.plugins.module_utils._report.drift_rows import drift_rows

AMERICAS, EUROPE, APJC = (KNOWN_REGIONS[name].appliance_server for name in ("americas", "europe", "apjc"))
QUOTA = {"limit": 8000, "remaining": 7990}
TYPES = {
    "esa": ("type-esa", "Email Security Appliance"),
    "sma": ("type-sma", "SMA Email"),
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Box:
    """The actual and desired state of one appliance. ``trouble`` is the failure to read it."""

    host: str
    region: str = "europe"
    enabled: bool = True
    server: str | None = EUROPE
    registration: str = "registered"
    pending: bool | None = False
    product: str = "ESA"
    version: str = "14.0.0-698"
    offered: tuple[str, ...] = (AMERICAS, EUROPE, APJC)
    module_name: str = ""
    days: int = 30
    trouble: AsyncOSError | None = None
    trouble_later: AsyncOSError | None = None
    """Return the failure after the state was read."""

    @property
    def hostname(self) -> str:
        return f"{self.host}.example.com"

    def wanted(self, manual: bool, allow_move: bool) -> Wanted:
        return Wanted(
            self.host,
            self.region,
            self.module_name or self.host,
            self.days,
            "emailsec.ctr",
            allow_region_change=allow_move,
            manual_token=manual,
        )

    def read(self, allow_move: bool, goal: Goal = Goal.PRESENT) -> ApplianceReading:
        """Return the reading of the appliance, with steps from the real planner."""
        if self.trouble:
            reachable = not isinstance(self.trouble, ConnectionRefused)
            return ApplianceReading(self.host, reachable, failure=failure(self.trouble))
        identity = Identity(self.product, "C100V", self.version, "serial")
        offered = () if self.server else self.offered
        state = CloudService(self.hostname, identity, self.enabled, self.server, self.registration, offered)
        reading = ApplianceReading(self.host, True, state, self.pending)
        server = KNOWN_REGIONS[self.region].appliance_server
        try:
            if self.trouble_later:
                raise self.trouble_later
            desired = plan.DesiredState("registered", server, True, allow_move, "emailsec.ctr")
            steps = plan.plan(self.host, state, desired if goal is Goal.PRESENT else plan.DesiredState("unregistered"))
            plan.check_offered(self.host, replace(state, offered=self.offered), steps)
            plan.check_nothing_to_commit(self.host, steps, self.pending)
        except AsyncOSError as error:
            return replace(reading, failure=failure(error))
        return replace(reading, steps=steps, after=plan.predict(state, steps))


def failure(error: AsyncOSError) -> Failure:
    return Failure(error.problem, error.fix, isinstance(error, Refusal))


def unreachable(host: str) -> AsyncOSError:
    return ConnectionRefused(host, "connection refused.", "check ansible_port.")


def unreadable(host: str) -> AsyncOSError:
    return CommandRefused(host, "the appliance refused the command cloudserviceconfig.", "check the role.")


def too_old(host: str) -> AsyncOSError:
    return Refusal(host, "AsyncOS 12.5.0-066 on an ESA is too old: it needs 13.0 or later.", "upgrade the appliance.")


def unexpected(host: str) -> AsyncOSError:
    return UnexpectedScreen(host, "the appliance shows something unexpected.", "report it.")


def api_down(region: str) -> ApiError:
    return ApiError("cannot connect", method="GET", path="/iroh/iroh-sse/device", fix=f"look at {region}.")


def no_scope() -> ApiError:
    return AccessRefused("refused", method="GET", path="/iroh/iroh-sse/device", http_status=403, error="missing_scope")


@dataclass
class Picture:
    """The fleet with the content of SSE and CTR by region. ``devices_error`` and ``modules_error`` are failures to read."""

    boxes: list[Box]
    devices: dict[str, list[Row]] = field(default_factory=dict)
    modules: dict[str, list[Row]] = field(default_factory=dict)
    devices_error: dict[str, ApiError] = field(default_factory=dict)
    modules_error: dict[str, ApiError] = field(default_factory=dict)
    types: dict[str, tuple[str, ...]] = field(default_factory=dict)
    manual: bool = False
    allow_move: bool = False
    prune: bool = False
    quota: dict[str, Row] = field(default_factory=dict)

    def report(self) -> dict[str, dict[str, Row]]:
        """Return C(appliances) and C(regions) by name."""
        drift = self.drift()
        return {key: {row[key[:-1] if key == "regions" else "host"]: row for row in drift[key]} for key in drift}

    def drift(self) -> dict[str, list[Row]]:
        return drift_rows(fleet_drift(self.state(), self.plan()))

    def plan(self, goal: Goal = Goal.PRESENT) -> FleetPlan:
        return plan_fleet(self.state(goal), goal, _hand_out if self.manual else None)

    def state(self, goal: Goal = Goal.PRESENT) -> FleetState:
        boxes = {box.host: box for box in self.boxes}
        used = {box.region for box in self.boxes}
        wanted = {host: box.wanted(self.manual, self.allow_move) for host, box in boxes.items()}
        inventory = tuple(
            InventoryAppliance(box.host, (box.host, box.hostname), wanted[box.host].module_name)
            for box in boxes.values()
        )
        regions = tuple(region for region in KNOWN_REGIONS if region in used)
        return FleetState(
            Settings(wanted, regions, inventory, prune=self.prune),
            {host: box.read(self.allow_move, goal) for host, box in boxes.items()},
            {region: self._devices(region) for region in KNOWN_REGIONS},
            {region: self._modules(region) for region in KNOWN_REGIONS},
        )

    def _devices(self, region: str) -> DevicesReading:
        error = self.devices_error.get(region)
        if error:
            return DevicesReading(failure=api_failure(error.as_result()))
        devices = tuple(device_from_facts(one) for one in self.devices.get(region, []))
        return DevicesReading(devices, quota=Quota(**self.quota.get(region, QUOTA)))

    def _modules(self, region: str) -> ModulesReading:
        dead = self.devices_error.get(region)
        error = self.modules_error.get(region) or (None if isinstance(dead, AccessRefused) else dead)
        if error:
            return ModulesReading(failure=api_failure(error.as_result()))
        types = tuple(module_type(product) for product in self.types.get(region, tuple(TYPES)))
        instances = {
            one["id"]: tuple(each for each in self.modules.get(region, []) if each["module_type_id"] == one["id"])
            for one in types
        }
        return ModulesReading(types, instances, quota=Quota(**self.quota.get(region, QUOTA)))


def _hand_out(needed: Mapping[str, Sequence[str]]) -> dict[str, TokensOutcome]:
    return {
        region: TokensOutcome(tuple(Answer(f"{host}.example.com", None, Action.HANDED_OUT) for host in hosts))
        for region, hosts in needed.items()
    }


def module_type(product: str) -> Row:
    type_id, title = TYPES[product]
    return {
        "id": type_id,
        "title": title,
        "configuration_spec": [
            {"key": "device", "type": "device", "label": "Registered Device", "required": True},
            {"key": "days", "type": "integer", "label": "Request Timeframe (days)", "required": True},
        ],
    }


def device(host: str, status: str = "Registered", **more: Any) -> Row:
    """Return an SSE record as returned by sse_device_facts. Its id consists of host and status."""
    return {
        "id": f"id-{host}-{status}".lower(),
        "name": f"{host}.example.com",
        "status": status,
        "type": None if status == "Pending" else "ESA",
        "version": "14.0.0" if status == "Registered" else None,
        "connector_version": "1.3.34" if status == "Registered" else None,
        "created": "2026-01-12T09:30:00Z",
        **dict.fromkeys(("description", "ip_address")),
        **more,
    }


def module(
    name: str, device_id: str | None, days: int = 30, enabled: bool = True, product: str = "esa", **more: Any
) -> Row:
    """Return a module instance as returned by the API."""
    return {
        "id": f"module-{name}-{device_id}",
        "name": name,
        "enabled": enabled,
        "module_type_id": TYPES[product][0],
        "settings": {"days": days} | ({"device": device_id} if device_id else {}),
        **more,
    }


def onboarded(*hosts: str) -> Picture:
    """Return onboarded appliances of Europe without drift."""
    return Picture(
        [Box(host) for host in hosts],
        {"europe": [device(host) for host in hosts]},
        {"europe": [module(host, f"id-{host}-registered") for host in hosts]},
    )


def checks(row: Row) -> dict[str, Row]:
    return {check["check"]: check for check in row["checks"]}


def verdicts(row: Row) -> dict[str, str]:
    return {check["check"]: check["verdict"] for check in row["checks"]}
