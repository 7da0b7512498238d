# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Sentences that all forms of a probe share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import (
    Checked,
    Failure,
    ProbeDocument,
    Proposal,
    Remaining,
    Verdict,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message
from ansible_collections.emailsec.ctr.plugins.module_utils._stand_ins import DOMAIN

FEW = 3
TITLES = {Verdict.DIFFERS: "Different", Verdict.CONFIRMED: "Confirmed", Verdict.NOT_SEEN: "Not seen"}
"""The verdicts in the order in which they are shown."""


def headline(document: ProbeDocument) -> str:
    """Return how many assumptions differ, and whether something could not be read."""
    counts = document.counts()
    total, differ = sum(counts.values()), counts[Verdict.DIFFERS.value]
    rest = f"{counts['confirmed']} are confirmed, {counts['not_seen']} were not seen"
    if unread := document.unread():
        rest += f"; {unread} of {len(document.appliances) + len(document.regions)} readings failed"
    if not differ:
        return f"No difference in {total} assumptions: {rest}"
    return f"{differ} of {total} assumptions {'differs' if differ == 1 else 'differ'}, {rest}"


def of_verdict(document: ProbeDocument, verdict: Verdict) -> list[Checked]:
    """Return the assumptions with this verdict."""
    return [one for one in document.assumptions if one.verdict is verdict]


def not_seen(rows: Sequence[Checked]) -> list[str]:
    """Return one sentence for each way to see what was not seen."""
    counts = Counter(one.when for one in rows)
    return [f"{count} not seen: {when}" for when, count in counts.most_common()]


def place_of(proposal: Proposal) -> str:
    """Return the place of a proposal in a profile."""
    return ".".join(proposal.place)


def value_of(proposal: Proposal) -> str:
    """Return the value of a proposal as text."""
    return ", ".join(map(str, proposal.value)) if isinstance(proposal.value, list) else str(proposal.value)


def short(stand_in: str) -> str:
    """Return the stand-in of a host without its domain."""
    return stand_in.removesuffix(f".{DOMAIN}")


def few(texts: Sequence[str], separator: str = "; ") -> str:
    """Return the first texts, and the number of the others."""
    said = separator.join(map(short, texts[:FEW]))
    return f"{said} and {len(texts) - FEW} more" if len(texts) > FEW else said


def not_certain(remaining: Remaining) -> str:
    """Return a difference that the probe cannot resolve, in the form of every error."""
    return message(remaining.assumption, remaining.problem, remaining.fix)


def failures(document: ProbeDocument) -> list[str]:
    """Return the failures of appliances, regions and APIs, in the form of every error. Equal ones of several hosts are one."""
    found: list[tuple[str, Failure]] = [(one.host, one.failure) for one in document.appliances if one.failure]
    for region in (*document.regions, *document.apis):
        problems = dict.fromkeys((region.failure, *(call.failure for call in region.calls)))
        found += [(region.region, problem) for problem in problems if problem]
    hosts: dict[Failure, list[str]] = {}
    for where, problem in found:
        hosts.setdefault(problem, []).append(where)
    return [message(few(of, ", "), one.problem, one.fix) for one, of in hosts.items()]
