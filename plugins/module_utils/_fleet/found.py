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

from .rows import READ, WRITTEN

BUSY = "in_progress"
REGISTER = str(plan.Step(plan.REGISTER))


def fleet_found(appliances: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """By host, the variables that the tasks enable and register would have registered.

    ``appliances`` are the rows of esa_cloud_service_info with state C(registered).
    """
    return {str(row["host"]): _variables(row) for row in appliances}


def busy_appliances(appliances: Iterable[Mapping[str, Any]]) -> list[str]:
    """The hosts whose cloud service was busy when it was read."""
    return [str(row["host"]) for row in appliances if (row["cloud_service"] or {}).get("registration") == BUSY]


def newer_rows(appliances: Iterable[Mapping[str, Any]], newer: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows, those of a second reading in place of those of the first."""
    again = {row["host"]: row for row in newer}
    return [again.get(row["host"], row) for row in appliances]


def _variables(row: Mapping[str, Any]) -> dict[str, Any]:
    diff = {"before": row["cloud_service"] or {}}
    if row["msg"]:
        failed = {key: row[key] for key in ("msg", "problem", "remedy", "refused")}
        return {READ: {**failed, "diff": diff, "failed": True, "unreachable": not row["reachable"]}, WRITTEN: {}}
    steps = [str(step) for step in row["steps"]]
    after = row["after"] or row["cloud_service"]
    if REGISTER not in steps:
        return {READ: {"cloud_service": after, "steps": steps, "diff": diff}, WRITTEN: {}}
    place = steps.index(REGISTER)
    enabled = {**after, "registration": "unregistered"}
    return {
        READ: {"cloud_service": enabled, "steps": steps[:place], "diff": diff},
        WRITTEN: {"cloud_service": after, "steps": steps[place:]},
    }
