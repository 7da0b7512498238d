# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. How far each appliance has come in this run, and what is next for each region."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from .by_region import ByRegion

READ = "esa_ctr__read"
WRITTEN = "esa_ctr__written"

DUMMY_TOKEN = "0" * 32

Registered: TypeAlias = "Mapping[str, Any] | None"
Row = dict[str, Any]


def fleet_state(
    settings: Mapping[str, Mapping[str, Any]],
    hostvars: Mapping[str, Mapping[str, Any]],
    alive: Iterable[str],
    tokens: Registered = None,
    waited: Registered = None,
    modules: Registered = None,
    read_only: bool = False,
    check_mode: bool = False,
) -> dict[str, Any]:
    """The fleet from what the tasks so far have registered.

    ``alive`` are the hosts that Ansible still runs; ``tokens``, ``waited`` and ``modules`` the results of the loops over
    regions. ``read_only`` says that the first task only read, so that its steps are
    predictions. Returns ``hosts`` (host -> row, every key in every row), and by region: ``without_token`` (device names),
    ``registered`` (device names that SSE should show now), ``modules`` (items for ctr_module).
    """
    alive = set(alive)
    rows = {
        str(host): _row(str(host), wanted, hostvars[host], host in alive, read_only)
        for host, wanted in settings.items()
    }
    _fail_namesakes(rows.values())
    of_tokens, of_wait, of_modules = ByRegion(tokens), ByRegion(waited), ByRegion(modules)
    for row in rows.values():
        _judge_token(row, of_tokens)
        _judge_wait(row, of_wait)
        _judge_module(row, of_modules)
        _conclude(row, read_only)
    going = [row for row in rows.values() if not row["failed"]]
    registered = [row for row in going if row["registration"] == "registered"]
    return {
        "hosts": rows,
        "without_token": _by_region(going, lambda row: row["needs_token"], _device),
        "registered": _by_region(registered, lambda row: not (check_mode and row["needs_token"]), _device),
        "modules": _by_region(
            going if read_only else registered,
            lambda row: row["device"],
            lambda row: {
                "name": row["module_name"],
                "device": row["device"],
                "product": row["product"],
                "request_timeframe_days": row["request_timeframe_days"],
            },
        ),
    }


def registration_token(tokens: Registered, region: str, device: str, check_mode: bool = False) -> str | None:
    """The token that was issued for this device in this run, or None. In check mode a dummy where one would be."""
    entry = ByRegion(tokens).entry(region, "devices" if check_mode else "tokens", device)
    if check_mode:
        return DUMMY_TOKEN if entry and entry["action"] in ("added", "new_token") else None
    return str(entry["token"]) if entry else None


def _row(host: str, wanted: Mapping[str, Any], variables: Mapping[str, Any], alive: bool, read_only: bool) -> Row:
    read, written = (variables.get(name, {}) for name in (READ, WRITTEN))
    found = (read.get("diff") or {}).get("before") if read_only else read.get("cloud_service")
    found = found or {}
    row: Row = {
        "host": host,
        "region": wanted["region"],
        "module_name": wanted["module_name"],
        "request_timeframe_days": int(wanted["request_timeframe_days"]),
        "device": found.get("hostname"),
        "product": (found.get("product") or "").lower(),
        "registration": (written.get("cloud_service") or found).get("registration"),
        "needs_token": bool(found) and found.get("registration") != "registered",
        "module": None,
        "predicted": bool(read.get("steps")),
        "steps": [*([] if read_only else read.get("steps", [])), *written.get("steps", [])],
        "failed": False,
        "reason": "",
    }
    for result in (written, read):
        if result.get("failed") or result.get("unreachable"):
            _fail(row, reason_of(host, result))
    if not alive:
        _fail(row, "stopped by an earlier task of the play.")
    return row


def reason_of(host: str, result: Mapping[str, Any]) -> str:
    """Why a task failed, without the host's name and what Ansible puts before it: the row names the host."""
    if result.get("problem"):
        return f"{result['problem']} Remedy: {result['remedy']}"
    message = str(result.get("msg", "")).removeprefix("Task failed: ")
    return re.sub(rf"^{re.escape(host)}( \([^)]*\))?: ", "", message)


def _fail(row: Row, reason: str) -> None:
    row["failed"] = True
    row["reason"] = row["reason"] or reason


def _fail_namesakes(rows: Iterable[Row]) -> None:
    rows = list(rows)
    count = Counter((row["region"], row["device"]) for row in rows if row["device"])
    for row in rows:
        if count[row["region"], row["device"]] > 1:
            _fail(
                row,
                f"{count[row['region'], row['device']]} appliances of {row['region']} have the host name "
                f"{row['device']}, so SSE cannot tell them apart. Remedy: give each a host name of its own.",
            )


def _judge_token(row: Row, tokens: ByRegion) -> None:
    if not row["needs_token"] or not tokens.has_run:
        return
    answer = tokens.entry(row["region"], "devices", row["device"])
    if answer is None:
        _fail(row, tokens.error(row["region"]) or "no registration token was issued.")
    elif answer["action"] == "failed":
        _fail(row, f"no registration token: {answer['error']}")
    elif answer["action"] == "none":
        _fail(
            row,
            f"SSE shows a registered device {row['device']} (id {answer['id']}), but the appliance is not registered. "
            "Remedy: if that record is a leftover, remove it in the SSE portal, then run again.",
        )


def _judge_wait(row: Row, waited: ByRegion) -> None:
    if row["failed"] or not waited.error(row["region"]):
        return
    missing = waited.value(row["region"], "missing")
    if missing is None:
        _fail(row, waited.error(row["region"]))
    elif row["device"] in missing:
        _fail(
            row,
            f"registered on the appliance, but not in the SSE of {row['region']} in time ({missing[row['device']]}). "
            f"Remedy: {waited.value(row['region'], 'remedy')}",
        )


def _judge_module(row: Row, modules: ByRegion) -> None:
    answer = modules.entry(row["region"], "modules", row["module_name"])
    if answer is not None:
        row["module"] = "no change" if answer["action"] == "none" else answer["action"]
        if answer["action"] == "failed":
            _fail(row, f"CTR module {row['module_name']!r}: {answer['error']}")
    elif modules.error(row["region"]):
        _fail(row, modules.error(row["region"]))


def _conclude(row: Row, read_only: bool) -> None:
    row["to_write"] = not row["failed"] and (row["predicted"] if read_only else row["needs_token"])
    module = [f"module {row['module']}"] if row["module"] not in (None, "no change", "failed") else []
    done = [*module, *row["steps"]] if read_only else [*row["steps"], *module]
    row["result"] = "failed" if row["failed"] else "changed" if done else "ok"
    row["detail"] = "; ".join(([row["reason"]] if row["failed"] else []) + done)


def _device(row: Row) -> str:
    return row["device"]


def _by_region(rows: Iterable[Row], chosen: Any, shape: Any) -> dict[str, list[Any]]:
    regions: dict[str, list[Any]] = {}
    for row in rows:
        if chosen(row):
            regions.setdefault(row["region"], []).append(shape(row))
    return regions
