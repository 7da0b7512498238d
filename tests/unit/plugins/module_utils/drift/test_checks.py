# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks: the worst verdict, and the step that fixes a difference or the reason why there is none."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import plan as steps
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import Step
from ansible_collections.emailsec.ctr.plugins.module_utils._drift import drift, regions
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.checks import (
    WORST_FIRST,
    Verdict,
    check,
    is_of,
    not_compared,
    worst,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.comparison import (
    LEFT_UNCHANGED,
    STOPS_BEFORE,
    Comparison,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import CloudStep, CloudStepKind, FleetStep
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import Code, Reason, reason
from ansible_collections.emailsec.ctr.plugins.module_utils._report import verdicts
from ansible_collections.emailsec.ctr.plugins.module_utils._report.drift_rows import TITLES
from tests.unit.plugins.module_utils.fleet.picture import onboarded

WHY = reason(Code.NOT_READ)
SET = Step(steps.SET_SERVER, "x")
REFUSED, UNREAD = reason(Code.NO_TOKEN), reason(Code.REGION_UNREAD, message="m")


def test_every_check_of_the_report_has_a_title_and_every_title_a_check() -> None:
    codes = [*drift.APPLIANCE_CHECKS, *regions.DEVICE_CHECKS, *regions.MODULE_CHECKS, "quota"]
    assert sorted(codes) == sorted(TITLES)


def test_checks_that_were_not_made_are_unknown_unless_skipped() -> None:
    for made, verdict in (
        (not_compared(("server", "enabled"), WHY), Verdict.UNKNOWN),
        (not_compared(("server", "enabled"), WHY, Verdict.REFUSED), Verdict.REFUSED),
    ):
        assert made == [check(code, None, None, verdict, WHY) for code in ("server", "enabled")]


def test_unknown_is_the_worst_verdict() -> None:
    assert WORST_FIRST == (Verdict.UNKNOWN, Verdict.REFUSED, Verdict.DRIFT, Verdict.OK)
    assert tuple(verdict.value for verdict in WORST_FIRST) == verdicts.WORST_FIRST
    for several in itertools.product(WORST_FIRST, repeat=2):
        assert worst(several) == min(several, key=WORST_FIRST.index)
    assert worst([]) is Verdict.UNKNOWN


def test_a_step_has_a_kind() -> None:
    deleted = CloudStep(CloudStepKind.MODULE_DELETED)
    assert is_of(SET, [steps.SET_SERVER]) and is_of(deleted, [steps.ENABLE, CloudStepKind.MODULE_DELETED])
    assert not is_of(SET, [steps.ENABLE]) and not is_of(deleted, [CloudStepKind.RECORD_DELETED])


def compared(stop: Reason | None, *taken: FleetStep) -> Comparison:
    """Return an appliance with these steps, for which the run then stops."""
    picture = onboarded("a")
    state, plan = picture.state(), picture.plan()
    return Comparison(replace(plan.progress["a"], steps=list(taken), stop=stop), state.appliances["a"], state, plan)


@pytest.mark.parametrize(
    ("one", "verdict", "step", "why"),
    [
        (compared(None, Step(steps.DEREGISTER), SET), Verdict.DRIFT, SET, None),
        (compared(None, Step(steps.COMMIT)), Verdict.DRIFT, None, LEFT_UNCHANGED),
        (compared(REFUSED, SET), Verdict.DRIFT, SET, None),
        (compared(REFUSED), Verdict.REFUSED, None, STOPS_BEFORE),
        (compared(UNREAD), Verdict.DRIFT, None, STOPS_BEFORE),
    ],
)
def test_a_difference_has_a_step_or_a_reason(
    one: Comparison, verdict: Verdict, step: FleetStep | None, why: Reason | None
) -> None:
    kinds = (steps.SET_SERVER, steps.DEREGISTER)
    assert one.compare("server", "x", "y", kinds) == check(
        "server", "x", "y", verdict, why, steps=[step] if step else []
    )
    own = one.compare("server", "x", "y", kinds, why=WHY)
    assert own.reasons == (() if step else (WHY,))
    assert one.compare("server", "x", "x", kinds) == check("server", "x", "x", Verdict.OK)
    assert one.compare("server", "x", "x", same=False).verdict is not Verdict.OK
