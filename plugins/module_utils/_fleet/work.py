# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What the next tasks of a run have to do: their options, ready to use, by region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device

from . import elsewhere
from .model import FleetState, Goal, Outcomes, Progress
from .orphans import Orphans, stray_modules

Options = dict[str, Any]
ByRegion = dict[str, Options]
Rows = Mapping[str, Progress]


def hosts_to_write(rows: Rows, state: FleetState, outcomes: Outcomes, goal: Goal) -> list[str]:
    """The hosts that are to be registered now, or for a removal deregistered."""
    if goal is Goal.PRESENT:
        return [row.host for row in _going(rows) if row.needs_token]

    def planned(host: str) -> bool:
        found = outcomes.read_again.get(host) or state.appliances.get(host)
        return found is not None and bool(found.steps)

    return [row.host for row in _going(rows) if planned(row.host)]


def token_options(rows: Rows, state: FleetState, gone: Mapping[str, Orphans]) -> ByRegion:
    """For C(sse_token). ``gone`` is removed before.

    The devices are those that this run has read: where one came or changed since, SSE refuses (409, inferred).
    """
    names = _by_region(_going(rows), lambda row: row.needs_token and not row.wanted.manual_token, _device)
    return {
        region: {
            "region": region,
            "devices": devices,
            **_known(state, region, removed=_removable(gone, region)),
        }
        for region, devices in names.items()
    }


def manual_token_hosts(rows: Rows) -> dict[str, list[str]]:
    """By region, the hosts that need a token of the portal."""
    return _by_region(_going(rows), lambda row: row.needs_token and row.wanted.manual_token, lambda row: row.host)


def wait_options(rows: Rows, state: FleetState, gone: Mapping[str, Orphans], predicted: bool) -> ByRegion:
    """For C(sse_device_facts) that waits. In a prediction, what this run registers is taken to come in time."""

    def must_wait(row: Progress) -> bool:
        return row.registered and not (predicted and row.needs_token) and _not_shown(row, state, gone)

    names = _by_region(_going(rows), must_wait, _device)
    return {region: {"region": region, "names": devices} for region, devices in names.items()}


def module_options(
    rows: Rows,
    state: FleetState,
    outcomes: Outcomes,
    gone: Mapping[str, Orphans],
    goal: Goal,
    regions: Iterable[str] | None = None,
) -> ByRegion:
    """For C(ctr_module), with ``regions`` for all of these even where no module is asked for."""
    going = _going(rows)
    items = _by_region(going, lambda row: row.device and (goal is Goal.ABSENT or row.registered), _module)
    comes = _by_region(going, lambda row: row.needs_token, _device)
    return {
        region: {
            "region": region,
            "modules": items.get(region, []),
            **_known(state, region, outcomes, _removable(gone, region)),
            **({"assumed_devices": comes.get(region, [])} if goal is Goal.PRESENT else {}),
        }
        for region in (items if regions is None else regions)
    }


def old_module_options(rows: Rows, state: FleetState) -> ByRegion:
    """For C(ctr_module): what regional moves leave behind."""
    return {
        region: {"region": region, "modules": items, **_known(state, region)}
        for region, items in elsewhere.old_modules(rows.values()).items()
    }


def old_record_options(rows: Rows, state: FleetState) -> ByRegion:
    """For C(sse_device): the same."""
    return {
        region: {"region": region, "devices": items, **_known(state, region)}
        for region, items in elsewhere.old_records(rows.values()).items()
    }


def record_options(rows: Rows, state: FleetState) -> ByRegion:
    """For C(sse_device): the records of appliances that are removed."""

    def records(row: Progress) -> list[Options]:
        reading = state.devices.get(row.region)
        alike = reading.book.alike(str(row.device)) if reading else []
        return [{"id": device.id, "name": device.name} for device in alike]

    items: dict[str, list[Options]] = {}
    for row in _going(rows):
        if row.device:
            items.setdefault(row.region, []).extend(records(row))
    return {
        region: {"region": region, "devices": devices, **_known(state, region)}
        for region, devices in items.items()
        if devices
    }


def prune_module_options(outcomes: Outcomes, state: FleetState) -> ByRegion:
    """For C(ctr_module): modules without a device that nobody wants; ``outcomes`` hold those that were found."""
    found = {region: stray_modules(turn.orphans or (), state.settings) for region, turn in outcomes.modules.items()}
    return {
        region: {"region": region, "modules": items, "known_devices": []} for region, items in found.items() if items
    }


def prune_record_options(orphans: Mapping[str, Orphans], state: FleetState) -> ByRegion:
    """For C(sse_device): records that no appliance claims."""
    return {
        region: {
            "region": region,
            "devices": [{"id": device.id, "name": device.name} for device in found.removable],
            **_known(state, region),
        }
        for region, found in orphans.items()
        if found.removable
    }


def _going(rows: Rows) -> list[Progress]:
    return [row for row in rows.values() if row.stop is None]


def _not_shown(row: Progress, state: FleetState, gone: Mapping[str, Orphans]) -> bool:
    """Whether SSE still has to show this registered appliance. One that it showed before the run is there."""
    reading = state.devices.get(row.region)
    if reading is None or not reading.read:
        return not row.wanted.manual_token
    if row.needs_token:
        return True
    removed = {device.id for device in _removable(gone, row.region)}
    shown = [device for device in reading.book.alike(str(row.device)) if device.id not in removed]
    return [device.registered for device in shown] != [True]


def _known(
    state: FleetState, region: str, outcomes: Outcomes | None = None, removed: Iterable[Device] = ()
) -> dict[str, list[dict[str, Any]]]:
    """The option C(known_devices): the devices of a region as they are by now. Nothing where they were not read.

    Newer than the reading is what was seen while waiting; ``removed`` are those that went since.
    """
    reading = state.devices.get(region)
    if reading is None or not reading.read:
        return {}
    turn = outcomes.wait.get(region) if outcomes else None
    newer = {device.id: device for device in (turn.devices if turn else ())}
    gone = {device.id for device in removed}
    now = [newer.pop(device.id, device) for device in reading.devices] + list(newer.values())
    return {"known_devices": [{**asdict(device), "region": region} for device in now if device.id not in gone]}


def _removable(orphans: Mapping[str, Orphans], region: str) -> list[Device]:
    found = orphans.get(region)
    return found.removable if found else []


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
