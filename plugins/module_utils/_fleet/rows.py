# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. One row per appliance: what its own tasks have found and done."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos import plan
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import Refusal
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS, region_of_server
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import shown

from .by_region import name_key

READ = "esa_ctr__read"
WRITTEN = "esa_ctr__written"

Row = dict[str, Any]


def row_of(host: str, wanted: Mapping[str, Any], variables: Mapping[str, Any], alive: bool, read_only: bool) -> Row:
    """The row of one host from its settings and its variables; every key is in every row."""
    read, written = (variables.get(name) or {} for name in (READ, WRITTEN))
    before = (read.get("diff") or {}).get("before") or {}
    found = (before if read_only else read.get("cloud_service")) or {}
    row: Row = {
        "host": host,
        "region": wanted["region"],
        "module_name": wanted["module_name"],
        "request_timeframe_days": int(wanted["request_timeframe_days"]),
        "by_hand": bool(wanted.get("by_hand")),
        "device": found.get("hostname"),
        "product": (found.get("product") or "").lower(),
        "registration": (written.get("cloud_service") or found).get("registration"),
        "needs_token": bool(found) and found.get("registration") != "registered",
        "left": _region_left(before, wanted["region"], read),
        "elsewhere": [],
        "module": None,
        "predicted": bool(read.get("steps")),
        "steps": [*([] if read_only else read.get("steps", [])), *written.get("steps", [])],
        "notes": [],
        "failed": False,
        "reason": "",
        "of_region": False,
    }
    for result in (written, read):
        if result.get("failed") or result.get("unreachable"):
            fail(row, _of_another_region(host, before, wanted["region"], result) or reason_of(host, result))
    if not alive:
        fail(row, "stopped by an earlier task of the play.")
    if not read_only and row["needs_token"] and _sets_server_later(found):
        _judge_changes(row, read.get("pending_changes"))
    return row


def fail(row: Row, reason: str, of_region: bool = False) -> None:
    """Mark the row as failed; the first reason counts. ``of_region``: the whole region failed, not this appliance."""
    row["failed"] = True
    if not row["reason"]:
        row["reason"], row["of_region"] = shown(reason), of_region


def fail_namesakes(rows: Iterable[Row]) -> None:
    """Two appliances of one region with one host name cannot be told apart in SSE: both stop."""
    rows = list(rows)
    count = Counter((row["region"], name_key(row["device"])) for row in rows if row["device"])
    for row in rows:
        alike = count[row["region"], name_key(row["device"])]
        if alike > 1:
            fail(
                row,
                f"{alike} appliances of {row['region']} have the host name "
                f"{row['device']}, so SSE cannot tell them apart. Remedy: give each a host name of its own.",
            )


def _sets_server_later(found: Mapping[str, Any]) -> bool:
    """Whether the server is set, and committed, only when the appliance is registered: it does not show which it is."""
    return bool(found.get("enabled")) and found.get("server") is None


def _judge_changes(row: Row, pending: bool | None) -> None:
    """An appliance that must commit later gets no token where its commit will be refused; in the planner's words."""
    try:
        plan.check_nothing_to_commit(row["host"], (plan.Step(plan.COMMIT),), pending)
    except Refusal as refusal:
        fail(row, f"{refusal.problem} Remedy: {refusal.remedy}")


def reason_of(host: str, result: Mapping[str, Any]) -> str:
    """Why a task failed, without the host's name and what Ansible puts before it: the row names the host."""
    if result.get("problem"):
        return f"{result['problem']} Remedy: {result['remedy']}"
    message = str(result.get("msg", "")).removeprefix("Task failed: ")
    return re.sub(rf"^{re.escape(host)}( \([^)]*\))?: ", "", message)


def _of_another_region(host: str, before: Mapping[str, Any], region: str, result: Mapping[str, Any]) -> str:
    """The refusal of a registered appliance whose inventory region changed, with the command that moves it."""
    server = before.get("server")
    registered_elsewhere = before.get("registration") == "registered" and server not in (None, _server(region))
    if not (result.get("refused") and registered_elsewhere):
        return ""
    return (
        f"the appliance is registered with {server}, and the inventory wants {_server(region)} ({region}). Remedy: correct "
        f"esa_ctr_region, or move it: ansible-playbook -i INVENTORY emailsec.ctr.onboard --limit {host} "
        "-e esa_ctr_allow_region_change=true"
    )


def _region_left(before: Mapping[str, Any], region: str, read: Mapping[str, Any]) -> str | None:
    """The region that the appliance was deregistered from in this run (or, in check mode, would be)."""
    old = region_of_server(before.get("server"))
    deregistered = "deregister" in (read.get("steps") or [])
    return old.name if old and old.name != region and deregistered else None


def _server(region: str) -> str | None:
    return REGIONS[region].appliance_server if region in REGIONS else None
