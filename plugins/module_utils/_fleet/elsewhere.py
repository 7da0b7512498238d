# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. SSE records of an appliance in a region other than the wanted one.

Such a record is always reported. With a regional move allowed it is removed with its modules, unless it may belong to
another appliance of the same name: one that shows as registered there and was not deregistered by this very run, or one
that never registered (no type) and may wait for its appliance.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.sse_fields import AWAITS_TOKEN

from .by_region import ByRegion, name_key
from .rows import Row, fail

EMAIL_TYPES = ("esa", "sma", "")


def find_elsewhere(rows: Iterable[Row], devices: ByRegion, moving: Container[str]) -> None:
    """Write into each row what the other regions show under its device name, and whether it is to be removed."""
    rows = list(rows)
    claimed = {(row["region"], name_key(row["device"])) for row in rows if row["device"]}
    for row in rows:
        for region in devices.regions:
            place = (region, name_key(row["device"]))
            if not row["device"] or region == row["region"] or place in claimed:
                continue
            row["elsewhere"] += [
                _record(row, region, device, row["host"] in moving)
                for device in devices.devices_named(region, row["device"])
                if str(device.get("type") or "").lower() in EMAIL_TYPES
            ]
        row["notes"] += [_note(record) for record in row["elsewhere"] if not record["remove"]]


def old_records(rows: Iterable[Row]) -> dict[str, list[dict[str, Any]]]:
    """By region, the records that a regional move leaves behind, as items for sse_device."""
    return _leftovers(rows, lambda row, record: {key: record[key] for key in ("id", "name")})


def old_modules(rows: Iterable[Row]) -> dict[str, list[dict[str, Any]]]:
    """By region, what ctr_module has to remove of them: all modules of each record."""
    return _leftovers(rows, lambda row, record: {"device": record["id"], "product": row["product"]})


def _leftovers(rows: Iterable[Row], shape: Callable[[Row, Any], dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    regions: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        for record in row["elsewhere"]:
            if record["remove"] and not row["failed"] and row["registration"] == "registered":
                regions.setdefault(record["region"], []).append(shape(row, record))
    return regions


def judge_leftovers(rows: Iterable[Row], modules: ByRegion, records: ByRegion) -> None:
    """What came of the removals in the old regions."""
    for row in rows:
        for record in row["elsewhere"]:
            region = record["region"]
            for what, answers, key, by in (
                ("CTR module", modules, "modules", "device_id"),
                ("SSE record", records, "devices", "id"),
            ):
                found = answers.entries(region, key, record["id"], by)
                row["steps"] += [f"{what} of {region} deleted" for answer in found if answer["action"] == "deleted"]
                problem = next((answer["error"] for answer in found if answer.get("error")), None)
                if not found and record["remove"]:
                    problem = answers.error(region)
                if problem:
                    fail(row, f"moved to {row['region']}, but its {what} of {region} is still there: {problem}")


def judge_unread(rows: Iterable[Row], devices: ByRegion) -> None:
    """An appliance that left a region whose devices could not be read fails, once everything else is done for it."""
    for row in rows:
        problem = devices.error(row["left"]) if row["left"] else ""
        if problem and row["module"] is not None:
            fail(
                row,
                f"moved to {row['region']}, but its SSE record and CTR module of {row['left']} are still there: {problem} "
                f"Remedy: run again with esa_ctr_allow_region_change when {row['left']} answers; that removes them.",
            )


def _record(row: Row, region: str, device: Any, allow_move: bool) -> dict[str, Any]:
    status = str(device.get("status") or "")
    gone = row["left"] == region or (status.lower() in AWAITS_TOKEN and bool(device.get("type")))
    return {
        "region": region,
        "id": device["id"],
        "name": device["name"],
        "status": status,
        "remove": allow_move and gone,
    }


def _note(record: dict[str, Any]) -> str:
    return f"also in the SSE of {record['region']}: device {record['id']}, {record['status']}"
