# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A probe on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import ProbeDocument, Verdict
from ansible_collections.emailsec.ctr.plugins.module_utils._report.table import fitted_table, wrapped
from ansible_collections.emailsec.ctr.plugins.module_utils._report.text import one_line

from .sentences import failures, headline, not_seen, of_verdict, place_of, short, value_of


def terminal_lines(document: ProbeDocument, width: int, names: Mapping[str, str]) -> list[str]:
    """Return the differences, the proposals, what remains, the readings, and last the answer, in lines of ``width``.

    ``names`` are the hosts by their stand-in; only the terminal shows both.
    """
    lines: list[str] = []
    differing = of_verdict(document, Verdict.DIFFERS)
    rows = [
        {"assumption": one.id, "where": _few(one.where), "came": _few(one.came) or "another answer"}
        for one in differing
    ]
    if rows:
        lines += ["", "Differences", *fitted_table(("assumption", "where", "came"), rows, width)]
    if document.proposals:
        proposed = [{"proposal": place_of(one), "value": value_of(one)} for one in document.proposals]
        lines += ["", "Proposed profile", *fitted_table(("proposal", "value"), proposed, width)]
    if document.remaining:
        lines += ["", "Not certain"]
        for left in document.remaining:
            lines += wrapped(f"- {one_line(left.problem)}. Fix: {one_line(left.fix)}.", width)
    failed = _grouped(failures(document))
    if failed:
        lines += ["", "Failures", *(line for text in failed for line in wrapped(f"- {one_line(text)}", width))]
    lines += ["", *_readings(document, width, names), ""]
    for text in [headline(document), *not_seen(of_verdict(document, Verdict.NOT_SEEN))]:
        lines += wrapped(text, width)
    return lines


def _grouped(texts: Sequence[str]) -> list[str]:
    """Return failures that differ only in their host once, with the number of hosts."""
    hosts: dict[str, list[str]] = {}
    for text in texts:
        host, _colon, problem = text.partition(": ")
        hosts.setdefault(problem, []).append(host)
    return [f"{short(of[0]) if len(of) == 1 else f'{len(of)} hosts'}: {problem}" for problem, of in hosts.items()]


def _few(texts: Sequence[str]) -> str:
    shown = "; ".join(short(one_line(text)) for text in texts[:3])
    return f"{shown} and {len(texts) - 3} more" if len(texts) > 3 else shown


def _readings(document: ProbeDocument, width: int, names: Mapping[str, str]) -> list[str]:
    rows = [
        {
            "read": names.get(one.host, one.host),
            "shared as": short(one.host),
            "what": " ".join(filter(None, (one.product, one.version, one.registration))) or "not read",
            "answers": str(len(one.screens)),
            "size": f"{sum(screen.characters for screen in one.screens):,}",
            "seconds": f"{one.seconds:.1f}",
        }
        for one in document.appliances
    ]
    rows += [
        {
            "read": names.get(one.region, one.region),
            "shared as": short(one.region),
            "what": f"{one.sent} calls" if one.sent else "AsyncOS API",
            "answers": str(len(one.calls)),
            "size": f"{sum(call.size for call in one.calls):,}",
            "seconds": f"{one.seconds:.1f}",
        }
        for one in (*document.regions, *document.apis)
    ]
    return fitted_table(("read", "shared as", "answers", "size", "seconds", "what"), rows, width)
