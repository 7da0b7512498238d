# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The devices of a region as facts, and waiting until the named ones are registered.

Polling reads the list of the region once per interval, never one device at a time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError, OptionRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._seconds import seconds_fault
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import shown
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task
from ansible_collections.emailsec.ctr.plugins.module_utils._waiting import SHORTEST_INTERVAL, Wait

from .devices import DELETE_ONE, DeviceIndex, duplicates, list_devices, name_key, repeated_names

DUPLICATE_NAME = "duplicate name: "


class RegistrationTimedOut(ApiError):
    """The wait timed out. ``missing``: the status of each unregistered device. ``facts``: the result so far."""

    def __init__(self, reason: str, *, missing: dict[str, str], facts: dict[str, Any], fix: str) -> None:
        self.missing = missing
        self.facts = facts
        super().__init__(reason, fix=fix)

    def as_result(self) -> dict[str, Any]:
        return {**self.facts, **super().as_result(), "missing": self.missing}


def gather_device_facts(task: Task, client: IrohClient) -> dict[str, Any]:
    """Return the devices that match the filters, at once or when the named devices are registered."""
    options = task.params
    names = options["names"]
    refuse_options(options)
    if names is not None and not names:
        return _facts([], options, client, waited=None)
    if options["wait_for"] is None:
        return _facts(list_devices(client), options, client, waited=None)
    return _wait(client, options, options["names"])


def refuse_options(options: dict[str, Any]) -> None:
    """Raise OptionRefused for contradictory options."""
    if options["wait_for"] is None:
        return
    twice = repeated_names(options["names"])
    if twice:
        raise OptionRefused(f"names repeats these names: {', '.join(twice)}", fix="list each name once")
    if fault := seconds_fault(options, "wait_timeout", "wait_interval"):
        raise OptionRefused(fault[0], fix=fault[1])


def _wait(client: IrohClient, options: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Poll until all devices are registered or, for the action plugin, their number changes. Raise on time-out."""
    wait = Wait(options)
    while True:
        devices = list_devices(client)
        missing = states_not_registered(devices, names)
        waited = {"registered": len(names) - len(missing), "of": len(names), "done": not missing}
        if not missing or wait.should_report(waited["registered"]):
            return _facts(devices, options, client, waited=waited)
        if wait.is_over():
            raise _timed_out(client, options["wait_timeout"], missing, _facts(devices, options, client, waited=waited))
        wait.pause()


def pause(interval: float, ends: float) -> None:
    """Sleep for the interval in seconds, but not beyond ``ends`` of the monotonic clock."""
    time.sleep(max(0.0, min(max(interval, SHORTEST_INTERVAL), ends - time.monotonic())))


def states_not_registered(devices: Iterable[Device], names: Iterable[str]) -> dict[str, str]:
    """Return the status of each name that is not registered. A duplicate name counts as not registered."""
    device_index = DeviceIndex(devices)
    missing = {}
    for name in names:
        found = device_index.named(name)
        if len(found) > 1:
            missing[name] = shown(DUPLICATE_NAME + ", ".join(f"{device.id}, {device.status}" for device in found))
        elif not found or not found[0].registered:
            missing[name] = shown(found[0].status) if found else "not in SSE"
    return missing


def _timed_out(client: IrohClient, timeout: float, missing: dict[str, str], facts: dict[str, Any]) -> ApiError:
    waited = facts["waited"]
    states = ", ".join(f"{name} ({state})" for name, state in missing.items())
    twice = any(state.startswith(DUPLICATE_NAME) for state in missing.values())
    return RegistrationTimedOut(
        f"{client.region.label}: {waited['registered']} of {waited['of']} devices registered within {timeout:g} s; "
        f"not registered: {states}",
        fix="check Cloud Service Settings on these appliances. If it shows an invalid or expired token, issue a new token "
        f"in {client.region.label} ({client.region.portal_url}), and register the appliance with it. If registration is "
        "slow, raise wait_timeout." + (f" For duplicate names, {DELETE_ONE}." if twice else ""),
        missing=missing,
        facts=facts,
    )


def _facts(
    devices: list[Device], options: dict[str, Any], client: IrohClient, waited: dict[str, Any] | None
) -> dict[str, Any]:
    wanted = None if options["names"] is None else {name_key(name) for name in options["names"]}
    named = [device for device in devices if wanted is None or name_key(device.name) in wanted]
    shown = [
        {**asdict(device), "region": client.region.name}
        for device in named
        if _same(options["type"], device.type) and _same(options["status"], device.status)
    ]
    return {
        "changed": False,
        "ansible_facts": {"sse_devices": shown},
        "duplicates": duplicates(named),
        "waited": waited,
    }


def _same(asked: str | None, value: str | None) -> bool:
    return asked is None or asked.casefold() == (value or "").casefold()
