# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Records of SSE that no appliance of the whole inventory claims, and names that stand twice.

An appliance claims the records of its names (in the inventory, of its address, and its own host name once it was read) and
the record of its IP address. While an appliance was neither read nor is registered under one of its names, a record may be
its own under another name: then orphans are shown, and none is proven. Only email appliances count (types ESA and SMA).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.sse_fields import AWAITS_TOKEN, REGISTERED

from .by_region import ByRegion, name_key
from .rows import READ

TYPES = ("esa", "sma")


def find_orphans(
    claims: Iterable[Mapping[str, Any]],
    own_names: Mapping[str, str | None],
    devices: ByRegion,
    regions: Iterable[str],
    other_hosts: Iterable[str] = (),
) -> dict[str, dict[str, Any]]:
    """By region that could be read: ``orphans``, ``duplicates``, and ``unproven`` (why nothing may be removed, or "").

    ``claims`` are all appliances of the inventory (C(host), C(names)); ``own_names`` the host name of each that was read in
    this run. An orphan or duplicate is a device with ``removable``; of a name that stands twice one record is kept.
    """
    claims = list(claims)
    claimants: dict[str, set[str]] = {name_key(name): set() for name in other_hosts}
    for claim in claims:
        for name in filter(None, [*claim["names"], own_names.get(claim["host"])]):
            claimants.setdefault(name_key(name), set()).add(claim["host"])
    registered = {
        name_key(device["name"])
        for region in devices.regions
        for device in devices.devices(region) or []
        if _is_registered(device)
    }
    strangers = [
        claim["host"]
        for claim in claims
        if not own_names.get(claim["host"]) and not registered & {name_key(name) for name in claim["names"]}
    ]
    return {
        region: {
            "orphans": _orphans(devices.devices(region) or [], set(claimants)),
            "duplicates": _duplicates(devices.devices(region) or [], claimants),
            "unproven": _unproven(strangers),
        }
        for region in regions
        if devices.devices(region) is not None
    }


def fleet_orphans(
    settings: Mapping[str, Any],
    hostvars: Mapping[str, Mapping[str, Any]],
    devices: Mapping[str, Any] | None,
    other_hosts: Iterable[str] | None = None,
) -> dict[str, dict[str, Any]]:
    """The same from what the role has registered; ``settings`` is the result of fleet_settings."""
    claims = settings["claims"]
    own_names = {}
    for claim in claims:
        variables = hostvars.get(claim["host"], {})
        read = variables.get(READ) or {}
        own_names[claim["host"]] = (read.get("cloud_service") or {}).get("hostname")
    return find_orphans(claims, own_names, ByRegion(devices), settings["regions"], other_hosts or ())


def removable(orphans: Mapping[str, Mapping[str, Any]], region: str) -> list[dict[str, Any]]:
    """The items for sse_device: what may be removed in this region."""
    found = orphans.get(region) or {"orphans": [], "duplicates": [], "unproven": ""}
    if found["unproven"]:
        return []
    return [
        {"id": device["id"], "name": device["name"]}
        for device in [*found["orphans"], *found["duplicates"]]
        if device["removable"]
    ]


def strays_to_remove(found: Mapping[str, Any] | None, settings: Mapping[str, Any], region: str) -> list[dict[str, Any]]:
    """The items for ctr_module: modules without a device, except those of a name that an appliance wants.

    Such a module gets its device back when its appliance is registered.
    """
    wanted = {name_key(wish["module_name"]) for wish in settings["hosts"].values()}
    wanted |= {name_key(claim[key]) for claim in settings["claims"] for key in ("host", "module_name")}
    strays = ByRegion(found).value(region, "orphans") or []
    # Without an id of a device it is not known whether that is gone.
    return [
        {"id": stray["id"], "product": stray["product"]}
        for stray in strays
        if stray["device_id"] and name_key(stray["name"]) not in wanted
    ]


def _orphans(devices: Iterable[Mapping[str, Any]], names: set[str]) -> list[dict[str, Any]]:
    found = []
    for device in devices:
        kind = str(device.get("type") or "").lower()
        claimed = name_key(device["name"]) in names or name_key(device.get("ip_address")) in names - {""}
        if claimed or (kind and kind not in TYPES):
            continue
        # A record that never registered has no type: it may wait for an appliance of another kind.
        found.append({**_shown(device), "removable": bool(kind)})
    return found


def _duplicates(devices: Iterable[Mapping[str, Any]], claimants: Mapping[str, set[str]]) -> list[dict[str, Any]]:
    """The records beside the one that is kept: the registered one, or else the newest.

    Where two appliances of the inventory have the name, each record may be in use.
    """
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for device in devices:
        if str(device.get("type") or TYPES[0]).lower() in TYPES and name_key(device["name"]) in claimants:
            by_name.setdefault(name_key(device["name"]), []).append(device)
    found = []
    for name, alike in by_name.items():
        if len(alike) == 1:
            continue
        best = max(map(_rank, alike))
        certain = (
            sum(_rank(device) == best for device in alike) == 1
            and all(device.get("created") for device in alike)
            and len(claimants[name]) < 2
        )
        found += [
            # One that never registered has no type, and may wait for its appliance; an unknown status may be in use.
            {**_shown(device), "removable": certain and bool(device.get("type")) and _has_known_status(device)}
            for device in alike
            if not certain or _rank(device) != best
        ]
    return found


def _rank(device: Mapping[str, Any]) -> tuple[bool, str]:
    return _is_registered(device), str(device.get("created") or "")


def _has_known_status(device: Mapping[str, Any]) -> bool:
    return str(device.get("status")).lower() in (REGISTERED, *AWAITS_TOKEN)


def _is_registered(device: Mapping[str, Any]) -> bool:
    return str(device.get("status")).lower() == REGISTERED


def _shown(device: Mapping[str, Any]) -> dict[str, Any]:
    return {key: device.get(key) for key in ("id", "name", "type", "status", "created")}


def _unproven(strangers: list[str]) -> str:
    if not strangers:
        return ""
    named = ", ".join(strangers[:5]) + (f" and {len(strangers) - 5} more" if len(strangers) > 5 else "")
    return (
        f"{named} of the inventory {'was' if len(strangers) == 1 else 'were'} neither read in this run nor found registered in "
        "SSE by name, so a record may be theirs under another name"
    )
