# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. SSE records of an appliance in other regions than the desired one.

A run always reports these records. If regional moves are allowed, it also removes them with their modules. It keeps a record
that may belong to another appliance of the same name: a registered record that this run did not deregister, or a record that
never registered (no type).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import name_key
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device

from .model import (
    Action,
    Answer,
    CloudStep,
    CloudStepKind,
    DevicesReading,
    Outcomes,
    Progress,
    RecordElsewhere,
    RegionOutcome,
)
from .reasons import Code, reason

EMAIL_TYPES = ("esa", "sma", "")


def find_elsewhere(rows: Iterable[Progress], devices: Mapping[str, DevicesReading], moves: bool) -> None:
    """Add to each row the records of its device name in other regions, and whether to remove them.

    ``moves``: this run moves appliances whose settings allow it.
    """
    rows = list(rows)
    own_names = {(row.region, name_key(row.device)) for row in rows if row.device}
    for row in rows:
        if not row.device:
            continue
        for region, reading in devices.items():
            if region == row.region or (region, name_key(row.device)) in own_names:
                continue
            row.elsewhere += [
                _record(row, region, device, moves and row.wanted.allow_region_change)
                for device in reading.book.alike(row.device)
                if (device.type or "").lower() in EMAIL_TYPES
            ]
        row.notes += [
            reason(Code.ALSO_IN_SSE, region=record.region, id=record.id, status=record.status)
            for record in row.elsewhere
            if not record.remove
        ]


def old_records(rows: Iterable[Progress]) -> dict[str, list[dict[str, Any]]]:
    """Return, by region, the records of moved appliances in their old regions, as items for sse_device."""
    regions: dict[str, list[dict[str, Any]]] = {}
    for _row, record in _to_remove(rows):
        regions.setdefault(record.region, []).append({"id": record.id, "name": record.name})
    return regions


def old_modules(rows: Iterable[Progress]) -> dict[str, list[dict[str, Any]]]:
    """Return, by region, all modules of these records, as items for ctr_module."""
    regions: dict[str, list[dict[str, Any]]] = {}
    for row, record in _to_remove(rows):
        regions.setdefault(record.region, []).append({"device": record.id, "product": row.product})
    return regions


def judge_removals_elsewhere(rows: Iterable[Progress], outcomes: Outcomes) -> None:
    """Add the outcomes of the removals in the old regions."""
    for row in rows:
        for record in row.elsewhere:
            modules, records = (
                outcomes_by_region.get(record.region)
                for outcomes_by_region in (outcomes.old_modules, outcomes.old_records)
            )
            of_device = [answer for answer in modules.answers if answer.device_id == record.id] if modules else []
            of_record = [answer for answer in records.answers if answer.id == record.id] if records else []
            _judge(row, record, modules, of_device, CloudStepKind.OLD_MODULE_DELETED, Code.OLD_MODULE_STILL_THERE)
            _judge(row, record, records, of_record, CloudStepKind.OLD_RECORD_DELETED, Code.OLD_RECORD_STILL_THERE)


def judge_old_region_unread(rows: Iterable[Progress], devices: Mapping[str, DevicesReading]) -> None:
    """Stop an appliance that left a region whose devices could not be read, after all its other steps."""
    for row in rows:
        reading = devices.get(row.left_region) if row.left_region else None
        if reading is not None and reading.failure is not None and row.module is not None:
            row.fail(
                reason(
                    Code.OLD_REGION_UNREAD,
                    region=row.region,
                    old=str(row.left_region),
                    problem=reading.failure.message,
                )
            )


def _judge(
    row: Progress,
    record: RecordElsewhere,
    outcome: RegionOutcome | None,
    answers: list[Answer],
    kind: CloudStepKind,
    code: Code,
) -> None:
    row.steps += [CloudStep(kind, record.region) for answer in answers if answer.action is Action.DELETED]
    problem = next((answer.error for answer in answers if answer.error), None)
    if not answers and record.remove and outcome is not None and outcome.failure is not None:
        problem = outcome.failure.message
    if problem:
        row.fail(reason(code, region=row.region, old=record.region, problem=problem))


def _to_remove(rows: Iterable[Progress]) -> list[tuple[Progress, RecordElsewhere]]:
    """Return the records to remove. Only appliances registered in their new region are included."""
    going = [row for row in rows if row.stop is None and row.registered]
    return [(row, record) for row in going for record in row.elsewhere if record.remove]


def _record(row: Progress, region: str, device: Device, allow_move: bool) -> RecordElsewhere:
    gone = row.left_region == region or (device.awaits_token and bool(device.type))
    return RecordElsewhere(region, device.id, device.name, device.status, remove=allow_move and gone)
