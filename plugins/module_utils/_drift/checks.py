# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. One check: the desired value, the value found, the verdict, and the steps of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Union

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import CloudStepKind, FleetStep
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import Reason

Value = Union[str, int, bool, None]  # noqa: UP007 - ansible-test takes | for an operation on values


class Verdict(Enum):
    """The verdicts, the worst first. Unknown is the worst, because anything can be wrong."""

    UNKNOWN = "unknown"
    REFUSED = "refused"
    DRIFT = "drift"
    OK = "ok"


WORST_FIRST = tuple(Verdict)


@dataclass(frozen=True)
class Removal:
    """A step of a region: delete ``count`` records or modules."""

    what: str
    count: int


@dataclass(frozen=True)
class Check:
    """One row of the report. ``code`` names the check. ``steps`` of a run would fix the difference."""

    code: str
    wanted: Value
    found: Value
    verdict: Verdict
    steps: tuple[FleetStep | Removal, ...] = ()
    reasons: tuple[Reason, ...] = ()


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst verdict. Without any verdict, return unknown."""
    return min(verdicts, key=WORST_FIRST.index, default=Verdict.UNKNOWN)


def check(
    code: str,
    wanted: Value,
    found: Value,
    verdict: Verdict,
    *reasons: Reason | None,
    steps: Iterable[FleetStep | Removal] = (),
) -> Check:
    return Check(code, wanted, found, verdict, tuple(steps), tuple(one for one in reasons if one is not None))


def not_compared(codes: Iterable[str], why: Reason, verdict: Verdict = Verdict.UNKNOWN) -> list[Check]:
    """Return checks that were not made, all for one reason."""
    return [check(code, None, None, verdict, why) for code in codes]


def is_of(step: FleetStep, kinds: Iterable[str | CloudStepKind]) -> bool:
    """Return whether a step has one of these kinds."""
    return step.kind in tuple(kinds)
