# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The health of CTR modules and the sightings of an investigation, in one region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.investigate.sightings import bare_value

from .model import RegionOutcome
from .outcomes import api_failure


@dataclass(frozen=True)
class ModuleHealth:
    """The health of one module: C(ok), C(error) or C(unknown)."""

    module: str
    module_id: str
    status: str


@dataclass(frozen=True)
class ModuleError:
    """An error of one module in a successful answer. With type C(warning) the module still answers."""

    module_id: str | None
    code: str | None
    message: str | None
    warning: bool = False


@dataclass(frozen=True)
class Sighting:
    """A sighting of one module, with the values of its observables. A Message-ID has no angle brackets."""

    module_id: str | None
    observables: tuple[str, ...] = ()


@dataclass(frozen=True)
class InvestigationOutcome(RegionOutcome):
    """The outcome in one region. ``health`` and ``sightings`` are None if they were not requested or the request failed.

    ``clock_difference``: the seconds by which the clock of the region is ahead of the controller.
    """

    health: tuple[ModuleHealth, ...] | None = None
    errors: tuple[ModuleError, ...] = ()
    sightings: tuple[Sighting, ...] | None = None
    looked_at: str | None = None
    clock_difference: int = 0

    def health_of(self, module_id: str | None) -> str | None:
        return next((one.status for one in self.health or () if one.module_id == module_id), None)

    def errors_of(self, module_id: str | None) -> list[ModuleError]:
        return [one for one in self.errors if one.module_id == module_id]


def investigation_outcome(result: Mapping[str, Any]) -> InvestigationOutcome:
    """Return the outcome from a result of C(ctr_investigation_info) for one region."""
    modules, sightings = (result.get("health") or {}).get("modules"), result.get("sightings")
    return InvestigationOutcome(
        failure=api_failure(result),
        health=None
        if modules is None
        else tuple(
            ModuleHealth(str(one.get("module")), str(one["module_instance_id"]), str(one["status"])) for one in modules
        ),
        errors=tuple(
            ModuleError(one["module_instance_id"], one["code"], one["message"], one.get("type") == "warning")
            for one in result.get("errors") or []
        ),
        sightings=None
        if sightings is None
        else tuple(
            Sighting(one["module_instance_id"], tuple(map(bare_value, one.get("observables") or [])))
            for one in sightings
        ),
        looked_at=result.get("looked_at"),
        clock_difference=result.get("clock_difference") or 0,
    )
