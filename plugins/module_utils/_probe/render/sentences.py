# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Sentences that all forms of a probe share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import Checked, ProbeDocument, Proposal, Verdict
from ansible_collections.emailsec.ctr.plugins.module_utils._stand_ins import DOMAIN

WORDS = {Verdict.DIFFERS: "differ", Verdict.CONFIRMED: "confirmed", Verdict.NOT_SEEN: "not seen"}


def headline(document: ProbeDocument) -> str:
    """Return how many assumptions differ."""
    counts = document.counts()
    total, differ = sum(counts.values()), counts[Verdict.DIFFERS.value]
    if not differ:
        return f"No difference: {counts['confirmed']} of {total} assumptions are confirmed, {counts['not_seen']} were not seen"
    verb = "differs" if differ == 1 else "differ"
    return f"{differ} of {total} assumptions {verb}, {counts['confirmed']} are confirmed, {counts['not_seen']} were not seen"


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


def failures(document: ProbeDocument) -> list[str]:
    """Return the failures of appliances, regions and APIs, in the form of every error."""
    found = [(one.host, one.failure) for one in document.appliances if one.failure]
    for region in (*document.regions, *document.apis):
        problems = [region.failure] if region.failure else []
        for call in region.calls:
            if call.failure and call.failure not in problems:
                problems.append(call.failure)
        found += [(region.region, one) for one in problems]
    return [f"{where}: {one.problem.rstrip('.')}. Fix: {one.fix.rstrip('.')}." for where, one in found]
