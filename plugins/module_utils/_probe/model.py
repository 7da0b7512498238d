# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What a probe found: readings, a verdict for each assumption, and proposals for a profile.

Everything here is safe to share: data was replaced by stand-ins before it came here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.serialization import plain

SCHEMA_VERSION = 1


class Verdict(Enum):
    """How an assumption compares with the real systems."""

    CONFIRMED = "confirmed"
    DIFFERS = "differs"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True)
class Failure:
    """A problem and its fix, as for every error of the collection."""

    problem: str
    fix: str


@dataclass(frozen=True)
class ScreenRead:
    """One screen: what was typed, and what came. ``characters`` and ``seconds`` are its size and duration."""

    id: str
    typed: str
    text: str
    characters: int
    seconds: float


@dataclass(frozen=True)
class ApplianceProbe:
    """One appliance. ``host`` is a stand-in. Product, model and version are empty if they could not be read."""

    host: str
    region: str
    product: str = ""
    model: str = ""
    version: str = ""
    registration: str = ""
    seconds: float = 0.0
    screens: tuple[ScreenRead, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True)
class CallRead:
    """One call to an API. ``status`` is 0 if no answer came. ``shape`` has the type of each field by its path
    (C(settings.device_id: uuid)); for a list, of its records. ``words`` are the values of fields that hold vocabulary."""

    request: str
    status: int
    seconds: float
    size: int
    records: int | None = None
    shape: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True)
class RegionProbe:
    """One region, or the AsyncOS API of one appliance (``region`` is then the stand-in of its host).

    ``sent`` is the number of requests, with the log-in and repetitions.
    """

    region: str
    seconds: float = 0.0
    calls: tuple[CallRead, ...] = ()
    failure: Failure | None = None
    sent: int = 0


@dataclass(frozen=True)
class Checked:
    """One assumption, compared. ``came`` is what came where it differs. ``where`` names regions and (stand-ins of) hosts.

    ``when`` says what shows an assumption that was not seen; ``otherwise`` what happens if it does not hold.
    """

    id: str
    kind: str
    grade: str
    expected: str
    purpose: str
    otherwise: str
    verdict: Verdict
    came: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    when: str = ""


@dataclass(frozen=True)
class Proposal:
    """One entry of the proposed profile: its place (keys), its value, and the evidence. ``assumption`` is the id it resolves."""

    place: tuple[str, ...]
    value: Any
    evidence: str
    assumption: str


@dataclass(frozen=True)
class Remaining:
    """A difference that the probe cannot resolve: what to find out, and where it goes in a profile."""

    assumption: str
    problem: str
    fix: str


@dataclass(frozen=True)
class ProbeDocument:
    """The whole result of a probe. ``created`` is UTC (ISO 8601)."""

    created: str
    collection: str
    seconds: float
    appliances: tuple[ApplianceProbe, ...]
    regions: tuple[RegionProbe, ...]
    apis: tuple[RegionProbe, ...]
    assumptions: tuple[Checked, ...]
    proposals: tuple[Proposal, ...] = ()
    remaining: tuple[Remaining, ...] = ()
    profile: tuple[str, ...] = ()
    """The sources of the profile that applied during the probe."""

    def counts(self) -> dict[str, int]:
        """Return the number of assumptions by verdict."""
        return {verdict.value: sum(one.verdict is verdict for one in self.assumptions) for verdict in Verdict}

    def unread(self) -> int:
        """Return the number of appliances and regions whose reading failed."""
        failures = [*(one.failure for one in self.appliances), *(one.failure for one in self.regions)]
        return len(failures) - failures.count(None)

    def as_json(self) -> dict[str, Any]:
        """Return the document in the form of C(docs/probe.schema.json)."""
        return {"schema_version": SCHEMA_VERSION, "kind": "probe", "counts": self.counts(), **plain(self)}
