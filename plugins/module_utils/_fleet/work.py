# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Build the options of the next tasks of a run, by region."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import plan as asyncos_plan
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import name_key
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device

from . import other_regions
from .model import FleetState, Goal, Outcomes, Progress
from .orphans import Orphans, removable_modules

Options = dict[str, Any]
OptionsByRegion = dict[str, Options]
Rows = Mapping[str, Progress]


def hosts_to_write(rows: Rows, state: FleetState, outcomes: Outcomes, goal: Goal) -> list[str]:
    """Return the hosts to register now, or to deregister in a removal."""
    if goal is Goal.PRESENT:
        return [row.host for row in _going(rows) if row.needs_token]

    def planned(host: str) -> bool:
        found = outcomes.read_again.get(host) or state.appliances.get(host)
        return found is not None and bool(found.steps)

    return [row.host for row in _going(rows) if planned(row.host)]


def with_regions(rows: Rows, hosts: Collection[str]) -> dict[str, str]:
    """Return the hosts with their regions, in the order of the rows.

    A mapping, because each host looks for its own name in it, and Ansible searches a list slowly.
    """
    chosen = set(hosts)
    return {host: row.region for host, row in rows.items() if host in chosen}


def token_options(rows: Rows, state: FleetState, pruned: Mapping[str, Orphans]) -> OptionsByRegion:
    """Return the options of C(sse_token). ``pruned`` records are removed before.

    The known devices are those that this run has read. If a device was added or changed since, SSE refuses (409, inferred).
    """
    names = _by_region(_going(rows), lambda row: row.needs_token and not row.wanted.manual_token, _device)
    return {
        region: {
            "region": region,
            "devices": devices,
            **_known(state, region, removed=_removable(pruned, region)),
        }
        for region, devices in names.items()
    }


def manual_token_hosts(rows: Rows) -> dict[str, list[str]]:
    """Return, by region, the hosts that need a token from the portal."""
    return _by_region(_going(rows), lambda row: row.needs_token and row.wanted.manual_token, lambda row: row.host)


def wait_options(rows: Rows, state: FleetState, pruned: Mapping[str, Orphans], predicted: bool) -> OptionsByRegion:
    """Return the options of C(sse_device_facts) with a wait. A prediction assumes that SSE shows new devices in time."""

    def must_wait(row: Progress) -> bool:
        return row.registered and not (predicted and row.needs_token) and _not_shown(row, state, pruned)

    names = _by_region(_going(rows), must_wait, _device)
    return {region: {"region": region, "names": devices} for region, devices in names.items()}


def module_options(
    rows: Rows,
    state: FleetState,
    outcomes: Outcomes,
    pruned: Mapping[str, Orphans],
    goal: Goal,
    regions: Iterable[str] | None = None,
) -> OptionsByRegion:
    """Return the options of C(ctr_module). ``regions`` includes these regions even without a module."""
    going = _going(rows)
    items = _by_region(going, lambda row: row.device and (goal is Goal.ABSENT or row.registered), _module)
    comes = _by_region(going, lambda row: row.needs_token, _device)
    return {
        region: {
            "region": region,
            "modules": items.get(region, []),
            **_known(state, region, outcomes, _removable(pruned, region)),
            **({"assumed_devices": comes.get(region, [])} if goal is Goal.PRESENT else {}),
        }
        for region in (items if regions is None else regions)
    }


def old_module_options(rows: Rows, state: FleetState) -> OptionsByRegion:
    """Return the options of C(ctr_module) for modules in the old regions of moved appliances."""
    return {
        region: {"region": region, "modules": items, **_known(state, region)}
        for region, items in other_regions.old_modules(rows.values()).items()
    }


def old_record_options(rows: Rows, state: FleetState) -> OptionsByRegion:
    """Return the options of C(sse_device) for records in the old regions of moved appliances."""
    return {
        region: {"region": region, "devices": items, **_known(state, region)}
        for region, items in other_regions.old_records(rows.values()).items()
    }


def record_options(rows: Rows, state: FleetState) -> OptionsByRegion:
    """Return the options of C(sse_device) for the records of removed appliances."""

    def records(row: Progress) -> list[Options]:
        reading = state.devices.get(row.region)
        alike = reading.book.alike(str(row.device)) if reading else []
        # SSE may still show a device as registered that this run has deregistered.
        deregistered = any(step.kind == asyncos_plan.DEREGISTER for step in row.steps)
        return [_record(device, deregistered) for device in alike]

    items: dict[str, list[Options]] = {}
    for row in _going(rows):
        if row.device:
            items.setdefault(row.region, []).extend(records(row))
    return {
        region: {"region": region, "devices": devices, **_known(state, region)}
        for region, devices in items.items()
        if devices
    }


def prune_module_options(outcomes: Outcomes, state: FleetState) -> OptionsByRegion:
    """Return the options of C(ctr_module) for modules without a device whose name no host uses."""
    found = {
        region: removable_modules(outcome.orphans or (), state.settings) for region, outcome in outcomes.modules.items()
    }
    return {
        region: {"region": region, "modules": items, "known_devices": []} for region, items in found.items() if items
    }


def prune_record_options(orphans: Mapping[str, Orphans], state: FleetState) -> OptionsByRegion:
    """Return the options of C(sse_device) for orphaned and duplicate records."""
    return {
        region: {
            "region": region,
            "devices": list(map(_record, found.removable)),
            **_known(state, region),
        }
        for region, found in orphans.items()
        if found.removable
    }


def _going(rows: Rows) -> list[Progress]:
    return [row for row in rows.values() if row.stop is None]


def _not_shown(row: Progress, state: FleetState, pruned: Mapping[str, Orphans]) -> bool:
    """Return whether the run must wait until SSE shows this registered appliance."""
    reading = state.devices.get(row.region)
    if reading is None or not reading.read:
        return not row.wanted.manual_token
    if row.needs_token:
        return True
    removed = {device.id for device in _removable(pruned, row.region)}
    shown = [device for device in reading.book.alike(str(row.device)) if device.id not in removed]
    return [device.registered for device in shown] != [True]


def _known(
    state: FleetState, region: str, outcomes: Outcomes | None = None, removed: Iterable[Device] = ()
) -> dict[str, list[dict[str, Any]]]:
    """Return the option C(known_devices): the current devices of a region. Empty if they were not read.

    Devices seen while waiting replace all devices of their names in the reading, because another run may have replaced a
    record. ``removed`` devices are left out.
    """
    reading = state.devices.get(region)
    if reading is None or not reading.read:
        return {}
    outcome = outcomes.wait.get(region) if outcomes else None
    newer = {device.id: device for device in (outcome.devices if outcome else ())}
    seen = {name_key(device.name) for device in newer.values()}
    gone = {device.id for device in removed}
    kept = [device for device in reading.devices if device.id in newer or name_key(device.name) not in seen]
    now = [newer.pop(device.id, device) for device in kept] + list(newer.values())
    return {"known_devices": [{**asdict(device), "region": region} for device in now if device.id not in gone]}


def _removable(orphans: Mapping[str, Orphans], region: str) -> list[Device]:
    found = orphans.get(region)
    return found.removable if found else []


def _record(device: Device, deregistered: bool = False) -> Options:
    """Return a record to delete. If another run has registered its device meanwhile, it is kept."""
    return {"id": device.id, "name": device.name, "allow_registered": deregistered or not device.awaits_token}


def _device(row: Progress) -> str:
    return str(row.device)


def _module(row: Progress) -> Options:
    return {
        "name": row.wanted.module_name,
        "device": row.device,
        "product": row.product,
        "request_timeframe_days": row.wanted.request_timeframe_days,
    }


def _by_region(
    rows: Iterable[Progress], chosen: Callable[[Progress], Any], shape: Callable[[Progress], Any]
) -> dict[str, list[Any]]:
    regions: dict[str, list[Any]] = {}
    for row in rows:
        if chosen(row):
            regions.setdefault(row.region, []).append(shape(row))
    return regions
