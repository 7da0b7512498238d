# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Records of SSE that no appliance of the whole inventory claims, and duplicate names.

An appliance claims the records of its names (in the inventory, of its address, and its own host name once it was read) and
the record of its IP address. While an appliance was neither read nor is registered under one of its names, a record may be
its own under another name: then orphans are shown, and none is proven. Only email appliances count (types ESA and SMA).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import name_key
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device

from .model import Claim, FleetState, FoundModule, Settings

TYPES = ("esa", "sma")


@dataclass(frozen=True)
class Stray:
    """A record beside those that appliances use; ``removable``: it is certain that it is a leftover."""

    device: Device
    removable: bool


@dataclass(frozen=True)
class Orphans:
    """Of one region. While an appliance is ``unproven`` (neither read nor registered by name), nothing may be removed."""

    orphans: tuple[Stray, ...] = ()
    duplicates: tuple[Stray, ...] = ()
    unproven: tuple[str, ...] = field(default=())

    @property
    def removable(self) -> list[Device]:
        """What may be removed."""
        strays = () if self.unproven else (*self.orphans, *self.duplicates)
        return [stray.device for stray in strays if stray.removable]


def find_orphans(state: FleetState) -> dict[str, Orphans]:
    """By region of the batch whose devices could be read."""
    settings = state.settings
    own_names = {host: read.service.hostname for host, read in state.appliances.items() if read.service is not None}
    claimants: dict[str, set[str]] = {name_key(name): set() for name in settings.other_hosts}
    for claim in settings.claims:
        for name in filter(None, [*claim.names, own_names.get(claim.host)]):
            claimants.setdefault(name_key(name), set()).add(claim.host)
    unproven = _unproven(state, own_names)
    return {
        region: Orphans(_orphans(reading.devices, set(claimants)), _duplicates(reading.devices, claimants), unproven)
        for region, reading in state.devices.items()
        if region in settings.regions and reading.read
    }


def stray_modules(found: Iterable[FoundModule], settings: Settings) -> list[dict[str, Any]]:
    """The items for ctr_module: modules without a device, except those of a name that an appliance wants.

    Such a module gets its device back when its appliance is registered.
    """
    wanted = {name_key(one.module_name) for one in settings.hosts.values()}
    wanted |= {name_key(name) for claim in settings.claims for name in (claim.host, claim.module_name)}
    # Without an id of a device it is not known whether that is gone.
    return [
        {"id": one.id, "product": one.product} for one in found if one.device_id and name_key(one.name) not in wanted
    ]


def _unproven(state: FleetState, own_names: Mapping[str, str]) -> tuple[str, ...]:
    registered = {
        name_key(device.name) for reading in state.devices.values() for device in reading.devices if device.registered
    }

    def stranger(claim: Claim) -> bool:
        return not own_names.get(claim.host) and not registered & {name_key(name) for name in claim.names}

    return tuple(claim.host for claim in state.settings.claims if stranger(claim))


def _orphans(devices: Iterable[Device], names: set[str]) -> tuple[Stray, ...]:
    found = []
    for device in devices:
        kind = (device.type or "").lower()
        claimed = name_key(device.name) in names or name_key(device.ip_address or "") in names - {""}
        if claimed or (kind and kind not in TYPES):
            continue
        # A record that never registered has no type: it may wait for an appliance of another kind.
        found.append(Stray(device, removable=bool(kind)))
    return tuple(found)


def _duplicates(devices: Iterable[Device], claimants: Mapping[str, set[str]]) -> tuple[Stray, ...]:
    """The records beside the one that is kept: the registered one, or else the newest.

    Where two appliances of the inventory have the name, each record may be in use.
    """
    by_name: dict[str, list[Device]] = {}
    for device in devices:
        if (device.type or TYPES[0]).lower() in TYPES and name_key(device.name) in claimants:
            by_name.setdefault(name_key(device.name), []).append(device)
    found = []
    for name, alike in by_name.items():
        if len(alike) == 1:
            continue
        best = max(map(_rank, alike))
        certain = (
            sum(_rank(device) == best for device in alike) == 1
            and all(device.created for device in alike)
            and len(claimants[name]) < 2
        )
        found += [
            # One that never registered has no type, and may wait for its appliance; an unknown status may be in use.
            Stray(device, removable=certain and bool(device.type) and (device.registered or device.awaits_token))
            for device in alike
            if not certain or _rank(device) != best
        ]
    return tuple(found)


def _rank(device: Device) -> tuple[bool, str]:
    return device.registered, device.created or ""
