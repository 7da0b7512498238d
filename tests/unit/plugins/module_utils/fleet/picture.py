# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A picture of a fleet and its clouds, and the drift report of it, made in the order of tasks/drift.yml.

Planner, tokens and modules are the real ones; a client that hands out lists stands for the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos import plan
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import CloudService
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import (
    AsyncOSError,
    CommandRefused,
    ConnectionRefused,
    Refusal,
    UnexpectedScreen,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.identity import Identity
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.drift import fleet_drift
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.found import fleet_found, waited_in_vain
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.orphans import fleet_orphans, removable
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.state import fleet_state, known_devices
from ansible_collections.emailsec.ctr.plugins.module_utils._https.errors import AccessRefused, ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.device_records import ensure_records
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.modules import ensure_modules
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.tokens import issue_tokens
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

AMERICAS, EUROPE, APJC = (REGIONS[name].appliance_server for name in ("americas", "europe", "apjc"))
QUOTA = {"limit": 8000, "remaining": 7990}
TYPES = {
    "esa": ("type-esa", "Email Security Appliance"),
    "sma": ("type-sma", "SMA Email"),
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Box:
    """One appliance as it is, and what the inventory wants of it. ``trouble`` is what keeps it from being read."""

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
    """What went wrong when the state was read already."""

    @property
    def hostname(self) -> str:
        return f"{self.host}.example.com"

    def wish(self, allow_move: bool) -> plan.Wish:
        server = REGIONS[self.region].appliance_server
        return plan.Wish("registered", server, True, allow_move, "emailsec.ctr")

    def read(self, allow_move: bool) -> Row:
        """The row of esa_cloud_service_info."""
        row: Row = dict.fromkeys(("cloud_service", "pending_changes", "after", "problem", "remedy", "screen", "msg"))
        row |= {"host": self.host, "reachable": not isinstance(self.trouble, ConnectionRefused), "steps": []}
        row["refused"] = False
        if self.trouble:
            return row | told(self.trouble)
        identity = Identity(self.product, "C100V", self.version, "serial")
        offered = () if self.server else self.offered
        state = CloudService(self.hostname, identity, self.enabled, self.server, self.registration, offered)
        row |= {"cloud_service": state.as_result(), "pending_changes": self.pending}
        try:
            if self.trouble_later:
                raise self.trouble_later
            steps = plan.plan(self.host, state, self.wish(allow_move))
            plan.check_offered(self.host, replace(state, offered=self.offered), steps)
            plan.check_nothing_to_commit(self.host, steps, self.pending)
        except AsyncOSError as error:
            return row | told(error)
        return row | {"steps": [str(step) for step in steps], "after": plan.predict(state, steps).as_result()}


def told(error: AsyncOSError) -> Row:
    parts = {key: getattr(error, key) for key in ("problem", "remedy", "screen")}
    return {**parts, "msg": str(error), "refused": isinstance(error, Refusal)}


def unreachable(host: str) -> AsyncOSError:
    return ConnectionRefused(host, "the connection is refused.", "check ansible_port.")


def unreadable(host: str) -> AsyncOSError:
    return CommandRefused(host, "the appliance refuses the command cloudserviceconfig.", "check the role.")


def too_old(host: str) -> AsyncOSError:
    return Refusal(
        host, "AsyncOS 12.5.0-066 on an ESA is too old: it needs 13.0 or later.", "upgrade the appliance first."
    )


def unexpected(host: str) -> AsyncOSError:
    return UnexpectedScreen(host, "the appliance shows something unexpected.", "report it.")


def api_down(region: str) -> ApiError:
    return ApiError("cannot connect", method="GET", path="/iroh/iroh-sse/device", remedy=f"look at {region}.")


def no_scope() -> ApiError:
    return AccessRefused("refused", method="GET", path="/iroh/iroh-sse/device", http_status=403, error="missing_scope")


@dataclass
class Picture:
    """The fleet, and by region what SSE and CTR hold; in ``devices_error`` and ``modules_error`` what cannot be read."""

    boxes: list[Box]
    devices: dict[str, list[Row]] = field(default_factory=dict)
    modules: dict[str, list[Row]] = field(default_factory=dict)
    devices_error: dict[str, ApiError] = field(default_factory=dict)
    modules_error: dict[str, ApiError] = field(default_factory=dict)
    types: dict[str, tuple[str, ...]] = field(default_factory=dict)
    by_hand: bool = False
    allow_move: bool = False
    prune: bool = False
    quota: dict[str, Row] = field(default_factory=dict)

    def report(self) -> dict[str, dict[str, Row]]:
        """C(appliances) and C(regions) by name."""
        drift = self.drift()
        return {key: {row[key[:-1] if key == "regions" else "host"]: row for row in drift[key]} for key in drift}

    def drift(self) -> dict[str, list[Row]]:
        read = [box.read(self.allow_move) for box in self.boxes]
        settings = self.settings()
        found = fleet_found(read)
        results: Row = {"devices": {"results": [{**self._devices_turn(region), "item": region} for region in REGIONS]}}
        orphans = fleet_orphans(settings, found, results["devices"])
        gone = orphans if self.prune else {}

        def sum_up() -> Row:
            return fleet_state(settings["hosts"], found, found, results, check_mode=True, allow_move=self.allow_move)

        fleet = sum_up()
        waited = waited_in_vain(fleet, results["devices"], gone)
        results["tokens"] = loop(self._tokens_turn, fleet["without_token"], results, gone)
        if self.by_hand:
            results["portal_tokens"] = {"results": [_handed_out(fleet, region) for region in REGIONS]}
        results["waited"] = waited
        fleet = sum_up()
        results["old_modules"] = loop(self._old_modules_turn, fleet["old_modules"], results, gone)
        results["old_records"] = loop(self._old_records_turn, fleet["old_records"], results, gone)
        fleet = sum_up()
        asked = {region: fleet["modules"].get(region, []) for region in settings["regions"]}
        self._fleet = fleet
        results["modules"] = loop(self._modules_turn, asked, results, gone)
        return fleet_drift(sum_up(), read, results, orphans, settings, self.prune)

    def settings(self) -> Row:
        hosts = {
            box.host: {
                "region": box.region,
                "module_name": box.module_name or box.host,
                "request_timeframe_days": box.days,
                "by_hand": self.by_hand,
            }
            for box in self.boxes
        }
        claims = [
            {"host": box.host, "names": [box.host, box.hostname], "module_name": box.module_name or box.host}
            for box in self.boxes
        ]
        used = {box.region for box in self.boxes}
        return {"hosts": hosts, "claims": claims, "regions": [region for region in REGIONS if region in used]}

    def _devices_turn(self, region: str) -> Row:
        if region in self.devices_error:
            return {**self.devices_error[region].as_result(), "quota": {"limit": None, "remaining": None}}
        return {"ansible_facts": {"sse_devices": self.devices.get(region, [])}, "quota": self.quota.get(region, QUOTA)}

    def _known(self, results: Row, region: str, gone: Row) -> Any:
        return known_devices(results["devices"], region, results.get("waited"), removable(gone, region), None)

    def _tokens_turn(self, region: str, names: list[str], results: Row, gone: Row) -> Row:
        options = {
            "devices": names,
            "dest": None,
            "lifetime": "1h",
            "known_devices": self._known(results, region, gone),
        }
        return self._turn(issue_tokens, region, options)

    def _old_modules_turn(self, region: str, items: list[Row], results: Row, gone: Row) -> Row:
        return self._turn(ensure_modules, region, self._module_options(region, items, results, {}, state="absent"))

    def _old_records_turn(self, region: str, items: list[Row], results: Row, gone: Row) -> Row:
        options = {
            "devices": [{**dict.fromkeys(("description", "allow_registered")), **item} for item in items],
            "state": "absent",
            "name": None,
            "id": None,
            "description": None,
            "allow_registered": True,
            "types": ["ESA", "SMA"],
            "wait_timeout": 0.0,
            "wait_interval": 0.0,
            "known_devices": self._known(results, region, {}),
        }
        return self._turn(ensure_records, region, options)

    def _modules_turn(self, region: str, items: list[Row], results: Row, gone: Row) -> Row:
        return self._turn(ensure_modules, region, self._module_options(region, items, results, gone))

    def _module_options(self, region: str, items: list[Row], results: Row, gone: Row, state: str = "present") -> Row:
        empty = dict.fromkeys(("name", "id", "device", "request_timeframe_days", "enabled", "product"))
        return {
            "modules": [{**empty, **item} for item in items],
            "name": None,
            "id": None,
            "device": None,
            "request_timeframe_days": 30,
            "enabled": True,
            "product": "esa",
            "state": state,
            "module_types": None,
            "list_orphans": state == "present",
            "assumed_devices": self._fleet["to_register"].get(region, []) if state == "present" else [],
            "known_devices": self._known(results, region, gone),
        }

    def _turn(self, work: Any, region: str, options: Row) -> Row:
        module = SimpleNamespace(params=options, check_mode=True, warn=lambda text: None)
        client = SimpleNamespace(
            region=REGIONS[region], writes=0, get_all=lambda path, *args, **kwargs: self._list(region, path, *args)
        )
        try:
            result = work(module, client)
        except ApiError as error:
            return {**error.as_result(), "quota": {"limit": None, "remaining": None}}
        return {**result, "quota": self.quota.get(region, QUOTA)}

    def _list(self, region: str, path: str, params: Row | None = None) -> list[Row]:
        if path.endswith("/iroh-sse/device"):
            raise self.devices_error[region]
        if region in self.modules_error:
            raise self.modules_error[region]
        if path.endswith("/module-type"):
            return [module_type(product) for product in self.types.get(region, tuple(TYPES))]
        return [
            one for one in self.modules.get(region, []) if one["module_type_id"] == (params or {})["module_type_id"]
        ]


def loop(turn: Any, asked: Mapping[str, Any], results: Row, gone: Row) -> Row:
    """A task that loops over regions."""
    return {"results": [{**turn(region, items, results, gone), "item": region} for region, items in asked.items()]}


def _handed_out(fleet: Row, region: str) -> Row:
    hosts = fleet["without_portal_token"].get(region, [])
    names = [fleet["hosts"][host]["device"] for host in hosts]
    return {"item": region, "devices": [{"name": name, "action": "handed_out", "error": None} for name in names]}


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
    """A record of SSE as sse_device_facts returns it; its id is made of host and status."""
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
    """A module instance as the API returns it."""
    return {
        "id": f"module-{name}-{device_id}",
        "name": name,
        "enabled": enabled,
        "module_type_id": TYPES[product][0],
        "settings": {"days": days} | ({"device": device_id} if device_id else {}),
        **more,
    }


def onboarded(*hosts: str) -> Picture:
    """Appliances of Europe that are as the inventory says."""
    return Picture(
        [Box(host) for host in hosts],
        {"europe": [device(host) for host in hosts]},
        {"europe": [module(host, f"id-{host}-registered") for host in hosts]},
    )


def checks(row: Row) -> dict[str, Row]:
    return {check["check"]: check for check in row["checks"]}


def verdicts(row: Row) -> dict[str, str]:
    return {check["check"]: check["verdict"] for check in row["checks"]}
