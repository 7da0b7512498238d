# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The `initial:` of an appliance in the fleet file: its initial state."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from tests.lab.dialect import SERVER_LABEL, Dialect
from tests.lab.fleet_fields import Fields
from tests.lab.fleet_records import InitialModule, InitialRecord, read_modules, read_records
from tests.lab.region_switches import HEALTH
from tests.lab.regions import SERVERS

INITIAL_PLACES = ("absent", "unregistered", *SERVERS)
DEVICE_PLACES = ("registered", *INITIAL_PLACES)
"""Possible places of the device of a registered appliance in SSE; `registered` is the right region."""


@dataclass(frozen=True)
class Initial:
    """Initial state of an appliance, and its data in the cloud of its region."""

    enabled: bool = False
    region: str | None = None
    registered: bool = False
    module: str | None = None
    """Name of an existing module instance, or None."""
    pending: bool = False
    """Whether every session finds another administrator's uncommitted changes (I: according to C, changes belong to sessions)."""
    registration_failed: bool = False
    """Whether the status is that of a failed registration (text B; that it persists is I)."""
    asks_for_token: bool = True
    """Whether REGISTER is offered if it applies."""
    device: str | None = None
    """Place of the device of a registered appliance in SSE: None for the right region, `absent`, `unregistered`, or another
    region."""
    module_health: str | None = None
    """Fixed result of the health check of the module: `ok`, `error` or `unknown`; None: the real state."""
    module_enabled: bool = True
    records: tuple[InitialRecord, ...] = ()
    modules: tuple[InitialModule, ...] = ()


def read_initial(appliance: Fields, name: str, hostname: str, product: str, dialect: Dialect) -> Initial:
    """Return the `initial:` of this appliance."""
    fields = appliance.inner("initial", {field.name for field in dataclasses.fields(Initial)})
    module = fields.mapping.get("module")
    if isinstance(module, str) and module.strip():
        module_name: str | None = module
    else:
        module_name = name if fields.flag("module", False) else None
    region = fields.choice("region", None, tuple(SERVERS))
    registered = fields.flag("registered", False)
    records = read_records(fields, hostname)
    initial = Initial(
        enabled=fields.flag("enabled", False),
        region=region,
        registered=registered,
        module=module_name,
        pending=fields.flag("pending", False),
        registration_failed=fields.flag("registration_failed", False),
        asks_for_token=fields.flag("asks_for_token", True),
        device=fields.choice("device", None, INITIAL_PLACES),
        module_health=fields.choice("module_health", None, HEALTH),
        module_enabled=fields.flag("module_enabled", True),
        records=records,
        modules=read_modules(fields, name, region if registered else None, records),
    )
    offered = [SERVER_LABEL.fullmatch(label)["fqdn"] for label in dialect.servers]
    if initial.region and SERVERS[initial.region] not in offered:
        fields.fail("region", f"{initial.region} is not among the servers that this appliance offers")
    if initial.registered and not (initial.enabled and initial.region):
        fields.fail("registered", "needs enabled: true and a region")
    if initial.device and not initial.registered:
        fields.fail("device", "needs registered: true")
    if initial.module and not initial.registered:
        fields.fail("module", "needs registered: true")
    for key in ("module", "modules"):
        if getattr(initial, key) and product == "WSA":
            fields.fail(key, "is for ESA and SMA only")
    return initial
