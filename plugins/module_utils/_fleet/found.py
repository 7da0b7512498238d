# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What one task has read of all appliances, as if each had had the role's own tasks in check mode.

So a report predicts through the very functions that a run uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos import plan

from .by_region import ByRegion, meant
from .orphans import removable
from .rows import READ, WRITTEN

REGISTER = str(plan.Step(plan.REGISTER))
IN_PROGRESS = "in_progress"
BUSY = {
    "msg": "the cloud service is busy",
    "problem": "the cloud service is busy with an earlier request, so its state cannot be told; a run waits until it has "
    "settled, and goes on from what it then finds.",
    "remedy": "make the report again in some minutes.",
    "refused": False,
}


def fleet_found(appliances: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """By host, the variables that the tasks enable and register would have registered.

    ``appliances`` are the rows of esa_cloud_service_info with state C(registered). An appliance whose cloud service is
    busy counts as failed, because nobody can tell what a run would do after it has waited.
    """
    return {str(row["host"]): _variables(row) for row in appliances}


def waited_in_vain(
    fleet: Mapping[str, Any],
    devices: Mapping[str, Any] | None,
    orphans: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """What the task that waits for SSE would register: by region, the devices that no run of today can wait for.

    ``fleet`` is the result of fleet_state, ``devices`` the registered reading of SSE, ``orphans`` what
    fleet_orphans found if the same run removes them before. A device that this run would register is taken to come in time.
    """
    known = ByRegion(devices)
    results = []
    for region, names in fleet["to_wait_for"].items():
        removed = {item["id"] for item in removable(orphans or {}, region)}
        states = {name: _state(known, region, name, removed) for name in names}
        missing = {name: state for name, state in states.items() if state}
        if missing:
            shown = ", ".join(f"{name} ({state})" for name, state in missing.items())
            results.append(
                {"item": region, "msg": f"not registered: {shown}", "missing": missing, "remedy": WAIT_REMEDY}
            )
    return {"results": results}


WAIT_REMEDY = (
    "if SSE does not show it in some minutes, look at the Cloud Service Settings of the appliance, deregister it "
    "(emailsec.ctr.esa_cloud_service with state: unregistered), and run again; a record that is there twice is to be deleted "
    "in the SSE portal, Devices."
)


def _state(known: ByRegion, region: str, name: str, removed: set[str]) -> str:
    """Why waiting for this device would be in vain, in the words of the task that waits, or an empty text."""
    alike = [device for device in known.devices_named(region, name) if device["id"] not in removed]
    found = meant(alike, name)
    if len(found) > 1:
        return "devices of one name: " + ", ".join(f"{device['id']}, {device['status']}" for device in found)
    if not found:
        return "not in SSE"
    return "" if str(found[0]["status"]).lower() == "registered" else str(found[0]["status"])


def is_busy(row: Mapping[str, Any]) -> bool:
    """Whether the cloud service of this appliance is at work, so that nothing is told about it."""
    return (row["cloud_service"] or {}).get("registration") == IN_PROGRESS


def busy_appliances(appliances: Iterable[Mapping[str, Any]]) -> list[str]:
    """The hosts whose cloud service was busy when it was read."""
    return [str(row["host"]) for row in appliances if is_busy(row)]


def newer_rows(appliances: Iterable[Mapping[str, Any]], newer: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows, those of a second reading in place of those of the first."""
    again = {row["host"]: row for row in newer}
    return [again.get(row["host"], row) for row in appliances]


def _variables(row: Mapping[str, Any]) -> dict[str, Any]:
    service = row["cloud_service"]
    diff = {"before": service or {}}
    steps = [str(step) for step in row["steps"]]
    if row["msg"] or is_busy(row):
        failed = {key: row[key] for key in ("msg", "problem", "remedy", "refused")} if row["msg"] else BUSY
        read = {**failed, "diff": diff, "steps": [], "failed": True, "unreachable": not row["reachable"]}
        # As a task that stops after it has read: the host name is known then.
        return {READ: {**read, "cloud_service": service} if service else read, WRITTEN: {}}
    after = row["after"] or service
    if REGISTER not in steps:
        return {READ: {"cloud_service": after, "steps": steps, "diff": diff}, WRITTEN: {}}
    place = steps.index(REGISTER)
    if service.get("enabled") and service.get("server") is None:
        # Without a server to compare with, the first task leaves it, and the second sets it before it registers.
        return {
            READ: {"cloud_service": service, "steps": [], "diff": diff, "pending_changes": row["pending_changes"]},
            WRITTEN: {"cloud_service": after, "steps": steps},
        }
    enabled = {**after, "registration": "unregistered"}
    return {
        READ: {"cloud_service": enabled, "steps": steps[:place], "diff": diff},
        WRITTEN: {"cloud_service": after, "steps": steps[place:]},
    }
