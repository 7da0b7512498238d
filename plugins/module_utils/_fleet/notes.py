# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What a run says below its table, because it concerns no single appliance of the play."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from .model import Action, FleetState, Outcomes, Progress, RegionOutcome
from .orphans import Orphans, Stray
from .reasons import Code, Reason, reason


def notes_of(
    state: FleetState,
    rows: Iterable[Progress],
    outcomes: Outcomes,
    orphans: Mapping[str, Orphans],
    predicted: bool,
) -> list[Reason]:
    """Notes about regions. ``orphans`` are those of a run that prunes."""
    return [*_shared(rows), *_unread(state), *_left_over(outcomes), *_pruned(orphans, outcomes, predicted)]


def _shared(rows: Iterable[Progress]) -> list[Reason]:
    """One for each failure of a region that stops several appliances."""
    count = Counter((row.region, str(row.stop.parameters["message"])) for row in rows if row.shared and row.stop)
    return [
        reason(Code.SHARED_FAILURE, region=region, message=message, count=number)
        for (region, message), number in count.items()
    ]


def _unread(state: FleetState) -> list[Reason]:
    """Regions that no appliance of the play uses: whether a device of an appliance's name is there is not known."""
    return [
        reason(Code.DEVICES_OF_OTHER_REGION_UNREAD, region=region, problem=reading.failure.message)
        for region, reading in state.devices.items()
        if reading.failure is not None and region not in state.settings.regions
    ]


def _left_over(outcomes: Outcomes) -> list[Reason]:
    """By count, because the values are secrets."""
    return [
        reason(Code.TOKENS_LEFT_OVER, region=region, left=turn.left_over, given=turn.given)
        for region, turn in outcomes.tokens.items()
        if turn.left_over
    ]


def _pruned(orphans: Mapping[str, Orphans], outcomes: Outcomes, predicted: bool) -> list[Reason]:
    notes = []
    for region, found in orphans.items():
        left = {stray.device.id: stray for stray in (*found.orphans, *found.duplicates)}
        for what, turn in (
            ("CTR module", outcomes.pruned_modules.get(region)),
            ("SSE record", outcomes.pruned_records.get(region)),
        ):
            notes += _of_turn(region, what, turn, left, predicted)
        notes += [_left(region, stray, found) for stray in left.values()]
    return notes


def _of_turn(
    region: str, what: str, turn: RegionOutcome | None, left: dict[str, Stray], predicted: bool
) -> list[Reason]:
    if turn is None:
        return []
    notes = []
    for answer in turn.answers:
        left.pop(str(answer.id), None)
        item = {"region": region, "what": what, "name": str(answer.name), "id": str(answer.id)}
        if answer.action is Action.DELETED:
            notes.append(reason(Code.PRUNED, predicted="yes" if predicted else "", **item))
        elif answer.error:
            notes.append(reason(Code.PRUNE_FAILED, problem=answer.error, **item))
    if turn.failure is not None and not turn.answers:
        notes.append(reason(Code.PRUNE_NOT_DONE, region=region, what=what, problem=turn.failure.message))
    return notes


def _left(region: str, stray: Stray, found: Orphans) -> Reason:
    return reason(
        Code.RECORD_LEFT,
        region=region,
        name=stray.device.name,
        id=stray.device.id,
        status=stray.device.status,
        removable="yes" if stray.removable else "",
        duplicate="yes" if stray in found.duplicates else "",
        unproven=found.unproven,
    )
