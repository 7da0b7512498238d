# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The notes below the table of a run. They do not concern a single appliance of the play."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from .model import Action, FleetState, Outcomes, Progress, RegionOutcome
from .orphans import Orphans, SurplusRecord
from .reasons import Code, Reason, reason


def notes_of(
    state: FleetState,
    rows: Iterable[Progress],
    outcomes: Outcomes,
    orphans: Mapping[str, Orphans],
    predicted: bool,
) -> list[Reason]:
    """Return the notes about regions. ``orphans`` is empty for a run without pruning."""
    rows = list(rows)
    return [
        *_shared(rows),
        *_other_runs(rows),
        *_unread(state),
        *_left_over(outcomes),
        *_pruned(orphans, outcomes, predicted),
    ]


def _shared(rows: Iterable[Progress]) -> list[Reason]:
    """Return one note per failure of a region that stops several appliances."""
    count = Counter((row.region, str(row.stop.parameters["message"])) for row in rows if row.shared and row.stop)
    return [
        reason(Code.SHARED_FAILURE, region=region, message=message, count=number)
        for (region, message), number in count.items()
    ]


def _other_runs(rows: Iterable[Progress]) -> list[Reason]:
    """Return one note per region in which others changed appliances, records or modules of this run."""
    changed = Counter(row.region for row in rows if any(note.code is Code.CHANGED_MEANWHILE for note in row.notes))
    return [reason(Code.OTHER_RUN, region=region, count=count) for region, count in changed.items()]


def _unread(state: FleetState) -> list[Reason]:
    """Return one note per unused region that could not be read. It may have devices with names of the play."""
    return [
        reason(Code.DEVICES_OF_OTHER_REGION_UNREAD, region=region, problem=reading.failure.message)
        for region, reading in state.devices.items()
        if reading.failure is not None and region not in state.settings.regions
    ]


def _left_over(outcomes: Outcomes) -> list[Reason]:
    """Return notes with the number of unused tokens. The tokens are secrets."""
    return [
        reason(Code.TOKENS_LEFT_OVER, region=region, left=outcome.left_over, given=outcome.given)
        for region, outcome in outcomes.tokens.items()
        if outcome.left_over
    ]


def _pruned(orphans: Mapping[str, Orphans], outcomes: Outcomes, predicted: bool) -> list[Reason]:
    notes = []
    for region, found in orphans.items():
        left = {record.device.id: record for record in (*found.orphans, *found.duplicates)}
        for what, outcome in (
            ("CTR module", outcomes.pruned_modules.get(region)),
            ("SSE record", outcomes.pruned_records.get(region)),
        ):
            notes += _of_outcome(region, what, outcome, left, predicted)
        notes += [_left(region, record, found) for record in left.values()]
    return notes


def _of_outcome(
    region: str, what: str, outcome: RegionOutcome | None, left: dict[str, SurplusRecord], predicted: bool
) -> list[Reason]:
    if outcome is None:
        return []
    notes = []
    for answer in outcome.answers:
        left.pop(str(answer.id), None)
        item = {"region": region, "what": what, "name": str(answer.name), "id": str(answer.id)}
        if answer.action is Action.DELETED:
            notes.append(reason(Code.PRUNED, predicted="yes" if predicted else "", **item))
        elif answer.meanwhile is not None:
            notes.append(reason(Code.PRUNED_MEANWHILE, **item))
        elif answer.error:
            notes.append(reason(Code.PRUNE_FAILED, problem=answer.error, **item))
    if outcome.failure is not None and not outcome.answers:
        notes.append(reason(Code.PRUNE_NOT_DONE, region=region, what=what, problem=outcome.failure.message))
    return notes


def _left(region: str, record: SurplusRecord, found: Orphans) -> Reason:
    return reason(
        Code.RECORD_LEFT,
        region=region,
        name=record.device.name,
        id=record.device.id,
        status=record.device.status,
        removable="yes" if record.removable else "",
        duplicate="yes" if record in found.duplicates else "",
        unproven=found.unproven,
    )
