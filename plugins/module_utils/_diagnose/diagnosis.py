# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. One finding per appliance, out of everything that was read."""

from __future__ import annotations

from dataclasses import dataclass

from .catalogue import BY_CODE, NOTHING_WRONG, Finding
from .evidence import Evidence, Readings
from .rules import RULES


@dataclass(frozen=True)
class Diagnosis:
    """The finding of an appliance, with what shows it."""

    host: str
    region: str
    finding: Finding
    evidence: str


def fleet_diagnosis(readings: Readings) -> list[Diagnosis]:
    """One per appliance, in the order of the play. The finding nearest the cause wins."""
    return [_diagnose(Evidence(host, readings)) for host in readings.state.settings.hosts]


def _diagnose(told: Evidence) -> Diagnosis:
    for code, rule in RULES:
        evidence = rule(told)
        if evidence:
            return Diagnosis(told.host, told.region, BY_CODE[code], evidence)
    return Diagnosis(told.host, told.region, NOTHING_WRONG, _summary(told))


def _summary(told: Evidence) -> str:
    server = told.service.server if told.service else None
    parts = [
        f"cloudserviceconfig: registered on {server or 'a server that is not shown'}",
        f"SSE: {', '.join(one.id for one in told.records(told.region))} registered",
        f"CTR: module {told.module_id}, health {told.health or 'not asked'}",
    ]
    if told.readings.query:
        parts.append(f"{told.sightings} sightings of {told.readings.query}")
    if told.tracking_problem:
        parts.append(told.tracking_problem)
    return "; ".join(parts)
