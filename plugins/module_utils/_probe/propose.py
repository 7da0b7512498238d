# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Propose a profile for the differences that the reading itself explains, each with its evidence.

A proposal needs evidence from another source than the words in question: the menu, the name of an appliance, the form of a value.
What has no such evidence, or two explanations, is left for the user.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .assumptions import Assumption, Kind
from .compare import Outcome
from .findings import Findings
from .model import Proposal, Remaining, Verdict
from .propose_fields import propose_fields
from .propose_regions import propose_regions
from .propose_types import propose_types
from .propose_words import propose_status, propose_text


def propose(
    findings: Findings, compared: Sequence[tuple[Assumption, Outcome]]
) -> tuple[tuple[Proposal, ...], tuple[Remaining, ...]]:
    """Return the proposals, and what remains for the user."""
    differing = {assumption.id: assumption for assumption, outcome in compared if outcome.verdict is Verdict.DIFFERS}
    found = list(_all(findings, differing, {one.id: outcome for one, outcome in compared}))
    return (
        tuple(one for one in found if isinstance(one, Proposal)),
        tuple(one for one in found if isinstance(one, Remaining)),
    )


def _all(
    findings: Findings, differing: dict[str, Assumption], outcomes: dict[str, Outcome]
) -> Iterator[Proposal | Remaining]:
    for assumption in differing.values():
        if assumption.kind is Kind.TEXT:
            yield from propose_text(findings, assumption.subject)
    fields, names = propose_fields(
        findings, [one.subject for one in differing.values() if one.id.startswith("field.sse.")]
    )
    yield from fields
    yield from propose_status(findings, names)
    for assumption in differing.values():
        if assumption.kind is Kind.TITLE:
            yield from propose_types(findings, assumption.subject, names, outcomes[assumption.id].where)
    yield from propose_regions(findings)
    handled = (Kind.TEXT, Kind.TITLE, Kind.STATUS, Kind.SERVER)
    for assumption in differing.values():
        if assumption.kind not in handled and not assumption.id.startswith("field.sse."):
            came = ", ".join(outcomes[assumption.id].came)[:300]
            yield Remaining(
                assumption.id,
                f"{assumption.value} is expected ({assumption.kind.value}); the answer has: {came}",
                "send probe.json to the maintainers; this needs a change of the collection",
            )
