# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Find orphaned SSE records and duplicate names.

A record belongs to an appliance if it has a name of the appliance (in the inventory, its address, its own host name) or its
IP address. A record that belongs to no appliance of the whole inventory is orphaned. If an appliance was not read and is not
registered under any of its names, a record may be its own under another name. Then orphans are shown but not removed. Only
records of email appliances (types ESA and SMA) are considered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import name_key
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device

from .model import FleetState, FoundModule, InventoryAppliance, Settings

TYPES = ("esa", "sma")


@dataclass(frozen=True)
class SurplusRecord:
    """An orphaned or duplicate record. ``removable``: it is certain that no appliance uses it."""

    device: Device
    removable: bool


@dataclass(frozen=True)
class Orphans:
    """The surplus records of one region. Nothing may be removed if ``unproven`` lists an appliance (not read, not registered)."""

    orphans: tuple[SurplusRecord, ...] = ()
    duplicates: tuple[SurplusRecord, ...] = ()
    unproven: tuple[str, ...] = field(default=())

    @property
    def removable(self) -> list[Device]:
        """Return the devices that may be removed."""
        records = () if self.unproven else (*self.orphans, *self.duplicates)
        return [record.device for record in records if record.removable]


def find_orphans(state: FleetState) -> dict[str, Orphans]:
    """Return the surplus records by region of the batch. Regions that could not be read are left out."""
    settings = state.settings
    own_names = {host: read.service.hostname for host, read in state.appliances.items() if read.service is not None}
    hosts_by_name: dict[str, set[str]] = {name_key(name): set() for name in settings.other_hosts}
    for appliance in settings.inventory:
        for name in filter(None, [*appliance.names, own_names.get(appliance.host)]):
            hosts_by_name.setdefault(name_key(name), set()).add(appliance.host)
    unproven = _unproven(state, own_names)
    return {
        region: Orphans(
            _orphans(reading.devices, set(hosts_by_name)), _duplicates(reading.devices, hosts_by_name), unproven
        )
        for region, reading in state.devices.items()
        if region in settings.regions and reading.read
    }


def removable_modules(found: Iterable[FoundModule], settings: Settings) -> list[dict[str, Any]]:
    """Return items for ctr_module: modules without a device whose name no appliance uses.

    A module whose name an appliance uses gets its device back at the next registration.
    """
    wanted = {name_key(one.module_name) for one in settings.hosts.values()}
    wanted |= {name_key(name) for appliance in settings.inventory for name in (appliance.host, appliance.module_name)}
    # A module without a device id cannot be checked against the devices.
    return [
        {"id": one.id, "product": one.product} for one in found if one.device_id and name_key(one.name) not in wanted
    ]


def _unproven(state: FleetState, own_names: Mapping[str, str]) -> tuple[str, ...]:
    registered = {
        name_key(device.name) for reading in state.devices.values() for device in reading.devices if device.registered
    }

    def is_unproven(appliance: InventoryAppliance) -> bool:
        return not own_names.get(appliance.host) and not registered & {name_key(name) for name in appliance.names}

    return tuple(appliance.host for appliance in state.settings.inventory if is_unproven(appliance))


def _orphans(devices: Iterable[Device], names: set[str]) -> tuple[SurplusRecord, ...]:
    found = []
    for device in devices:
        kind = (device.type or "").lower()
        used = name_key(device.name) in names or name_key(device.ip_address or "") in names - {""}
        if used or (kind and kind not in TYPES):
            continue
        # A record that never registered has no type. It may belong to a device of another kind.
        found.append(SurplusRecord(device, removable=bool(kind)))
    return tuple(found)


def _duplicates(devices: Iterable[Device], hosts_by_name: Mapping[str, set[str]]) -> tuple[SurplusRecord, ...]:
    """Return the records with a duplicate name, except the registered one or else the newest.

    If two appliances of the inventory have the name, each record may be in use.
    """
    by_name: dict[str, list[Device]] = {}
    for device in devices:
        if (device.type or TYPES[0]).lower() in TYPES and name_key(device.name) in hosts_by_name:
            by_name.setdefault(name_key(device.name), []).append(device)
    found = []
    for name, alike in by_name.items():
        if len(alike) == 1:
            continue
        best = max(map(_rank, alike))
        certain = (
            sum(_rank(device) == best for device in alike) == 1
            and all(device.created for device in alike)
            and len(hosts_by_name[name]) < 2
        )
        found += [
            # A record that never registered has no type and may belong to a new appliance. An unknown status may be in use.
            SurplusRecord(
                device, removable=certain and bool(device.type) and (device.registered or device.awaits_token)
            )
            for device in alike
            if not certain or _rank(device) != best
        ]
    return tuple(found)


def _rank(device: Device) -> tuple[bool, str]:
    return device.registered, device.created or ""
