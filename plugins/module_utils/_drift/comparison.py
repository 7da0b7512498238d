# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Compare values of one appliance, and find the step of a run that fixes a difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    CloudStepKind,
    DevicesReading,
    FleetState,
    FleetStep,
    ModulesOutcome,
    Progress,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import Code, Reason, reason

from .checks import Check, Value, Verdict, check, is_of

STOPS_BEFORE = reason(Code.STOPS_BEFORE)
LEFT_UNCHANGED = reason(Code.LEFT_UNCHANGED)


@dataclass(frozen=True)
class Comparison:
    """The reading of one appliance, and the plan of a run for it."""

    row: Progress
    read: ApplianceReading
    state: FleetState
    plan: FleetPlan

    @property
    def stop(self) -> Verdict | None:
        """Return the verdict of a run that stops: refused, or unknown if something was not read."""
        if self.row.stop is None:
            return None
        return Verdict.UNKNOWN if self.row.stop.unknown else Verdict.REFUSED

    @property
    def devices(self) -> DevicesReading | None:
        return self.state.devices.get(self.row.region)

    @property
    def modules(self) -> ModulesOutcome | None:
        return self.plan.outcomes.modules.get(self.row.region)

    @property
    def shown_in_sse(self) -> bool:
        """Return whether the desired region has exactly one record with this name, and it is registered."""
        found = self.devices.book.named(self.row.device) if self.devices and self.row.device else []
        return [device.registered for device in found] == [True]

    def step(self, kinds: Sequence[str | CloudStepKind]) -> FleetStep | None:
        """Return the first step of one of these kinds. Earlier kinds take precedence."""
        return next((step for kind in kinds for step in self.row.steps if is_of(step, [kind])), None)

    def compare(
        self,
        code: str,
        wanted: Value,
        found: Value,
        kinds: Sequence[str | CloudStepKind] = (),
        *,
        why: Reason | None = None,
        same: bool | None = None,
    ) -> Check:
        """Return a check: ok for equal values, else with the step that fixes the difference or the reason why there is none.

        ``same`` replaces the comparison of the values, if it is set to False.
        """
        if wanted == found and same is not False:
            return check(code, wanted, found, Verdict.OK)
        step = self.step(kinds)
        if step is not None:
            return check(code, wanted, found, Verdict.DRIFT, steps=[step])
        if self.stop is Verdict.REFUSED:
            return check(code, wanted, found, Verdict.REFUSED, why or STOPS_BEFORE)
        return check(code, wanted, found, Verdict.DRIFT, why or (STOPS_BEFORE if self.stop else LEFT_UNCHANGED))
