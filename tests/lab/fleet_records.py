# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Additional records and modules in the clouds: `records` and `modules` under `initial:` in a fleet file."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from tests.lab.cloud.store import CloudStore
from tests.lab.fleet_fields import Fields
from tests.lab.regions import SERVERS

DEVICES = ("own", "record", "gone")


@dataclass(frozen=True)
class InitialRecord:
    """An additional record in the SSE of a region, without an appliance."""

    region: str
    name: str
    status: str = "Pending"
    type: str | None = None
    """`ESA`, `SMA` or anything else; None: the record has no product."""


@dataclass(frozen=True)
class InitialModule:
    """An additional module instance of a region."""

    region: str
    name: str
    days: int = 30
    enabled: bool = True
    device: str = "own"
    """`own`: device of the appliance; `record`: the first of the `records` in that region; `gone`: a deleted device."""


def read_records(initial: Fields, hostname: str) -> tuple[InitialRecord, ...]:
    """Return the `records` of an appliance; their default name is its host name."""
    records = []
    for fields in initial.each("records", {field.name for field in dataclasses.fields(InitialRecord)}):
        region = fields.choice("region", None, tuple(SERVERS))
        if region is None:
            fields.fail("region", "is required")
        records.append(
            InitialRecord(
                region=region,
                name=fields.text("name", hostname),
                status=fields.text("status", "Pending"),
                type=fields.text("type", None),
            )
        )
    return tuple(records)


def read_modules(
    initial: Fields, name: str, registered_in: str | None, records: tuple[InitialRecord, ...]
) -> tuple[InitialModule, ...]:
    """Return the `modules` of an appliance, which is registered in this region, or not registered (None)."""
    modules = []
    for fields in initial.each("modules", {field.name for field in dataclasses.fields(InitialModule)}):
        region = fields.choice("region", registered_in, tuple(SERVERS))
        if region is None:
            fields.fail("region", "is required unless the appliance is registered")
        device = fields.choice("device", "own", DEVICES)
        if device == "own" and region != registered_in:
            fields.fail("device", f"own needs the appliance to be registered in {region}")
        if device == "record" and region not in {record.region for record in records}:
            fields.fail("device", f"record needs one of the records to be in {region}")
        modules.append(
            InitialModule(
                region=region,
                name=fields.text("name", name),
                days=fields.whole("days", 30, 1, 365),
                enabled=fields.flag("enabled", True),
                device=device,
            )
        )
    return tuple(modules)


def add_records(
    clouds: Mapping[str, CloudStore],
    records: tuple[InitialRecord, ...],
    modules: tuple[InitialModule, ...],
    product: str,
    device_id: str | None,
) -> None:
    """Add them to the clouds; ``device_id`` is the id of the appliance's own record."""
    first: dict[str, str] = {}
    for record in records:
        device = clouds[record.region].add_device(record.name)
        device["status"] = record.status
        if record.type:
            device["type"] = record.type
        first.setdefault(record.region, device["id"])
    for number, module in enumerate(modules, 1):
        cloud = clouds[module.region]
        gone = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{number}.{module.name}"))
        of_device = {"own": device_id, "record": first.get(module.region), "gone": gone}[module.device]
        instance = cloud.add_appliance_instance(module.name, product, str(of_device), module.days)
        instance["enabled"] = module.enabled
