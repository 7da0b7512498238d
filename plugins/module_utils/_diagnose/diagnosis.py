# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Find one finding per appliance in the readings of the fleet."""

from __future__ import annotations

from dataclasses import dataclass

from .catalogue import BY_CODE, NOTHING_WRONG, Finding
from .evidence import Evidence, Readings
from .rules import RULES


@dataclass(frozen=True)
class Diagnosis:
    """The finding of an appliance, with its evidence."""

    host: str
    region: str
    finding: Finding
    evidence: str


def fleet_diagnosis(readings: Readings) -> list[Diagnosis]:
    """Return a diagnosis for each appliance, in the order of the play. The first rule that applies gives the finding."""
    return [_diagnose(Evidence(host, readings)) for host in readings.state.settings.hosts]


def _diagnose(evidence: Evidence) -> Diagnosis:
    for code, rule in RULES:
        shown = rule(evidence)
        if shown:
            return Diagnosis(evidence.host, evidence.region, BY_CODE[code], shown)
    return Diagnosis(evidence.host, evidence.region, NOTHING_WRONG, _summary(evidence))


def _summary(evidence: Evidence) -> str:
    server = evidence.service.server if evidence.service else None
    parts = [
        f"cloudserviceconfig: registered on {server or 'an unknown server'}",
        f"SSE: {', '.join(one.id for one in evidence.records(evidence.region))} registered",
        f"CTR: module {evidence.module_id}, health {evidence.health or 'not read'}",
    ]
    if evidence.readings.query:
        parts.append(f"{evidence.sightings} sightings of {evidence.readings.query}")
    if evidence.tracking_problem:
        parts.append(evidence.tracking_problem)
    return "; ".join(parts)
