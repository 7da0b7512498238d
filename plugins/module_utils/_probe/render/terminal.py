# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A probe on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import ProbeDocument, RegionProbe, Verdict
from ansible_collections.emailsec.ctr.plugins.module_utils._report.table import (
    MAX_ROWS,
    cell,
    columns_that_fit,
    detail_lines,
    fitted_table,
    wrapped,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.text import shorten

from .sentences import FEW, failures, few, headline, not_certain, not_seen, of_verdict, place_of, short, value_of

MIN_NAME, MAX_NAME, MAX_TEXT = 20, 40, 400
MOST = {"expected": 24, "where": 24, "shared as": 9, "product": 7, "version": 14}
"""The longest text of a column; of others MAX_NAME."""
OTHER_COLUMNS = 54
"""The width of all columns of the appliances but the first."""
Row = Mapping[str, str]


def terminal_lines(document: ProbeDocument, width: int, names: Mapping[str, str]) -> list[str]:
    """Return differences, failures, proposals, what is not certain, readings, and last the answer, in lines of ``width``.

    ``names`` are the hosts by their stand-in; only the terminal shows both.
    """
    proposals = [
        {"place": place_of(one), "value": value_of(one), "evidence": one.evidence} for one in document.proposals
    ]
    parts = {
        "Differences": _table(
            ("assumption", "expected", "where", "came"), ("assumption", "came"), _differences(document), width
        ),
        "Failures": _list(failures(document), width),
        "Proposed profile": _table(("place", "value", "evidence"), ("place", "value"), proposals, width),
        "Not certain": _list(map(not_certain, document.remaining), width),
        "Readings": _readings(document, width, names),
    }
    lines = [line for title, part in parts.items() if part for line in ("", title, *part)]
    answer = [headline(document), *not_seen(of_verdict(document, Verdict.NOT_SEEN))]
    return [*lines, "", *(line for text in answer for line in wrapped(cell(text), width))]


def _differences(document: ProbeDocument) -> list[Row]:
    hosts = {one.host for one in document.appliances}
    return [
        {
            "assumption": shorten(cell(one.id), MAX_NAME),
            "expected": one.expected,
            "where": f"{len(one.where)} appliances"
            if len(one.where) >= FEW and hosts.issuperset(one.where)
            else few(one.where),
            "came": few(one.came) or "not there",
        }
        for one in of_verdict(document, Verdict.DIFFERS)
    ]


def _table(columns: Sequence[str], narrow: Sequence[str], rows: Sequence[Row], width: int) -> list[str]:
    """Return the table. If ``columns`` do not fit, return ``narrow``, with the other columns as paragraphs of each row."""
    if not rows:
        return []
    cut = [
        {name: shorten(cell(text), MOST.get(name, MAX_NAME)) for name, text in row.items()} for row in rows[:MAX_ROWS]
    ]
    chosen = columns_that_fit(columns, narrow, cut, width)
    if chosen is columns:
        last = columns[-1]
        lines = fitted_table(columns, [{**one, last: row[last]} for one, row in zip(cut, rows, strict=False)], width)
    else:
        others = [name for name in columns if name not in narrow]
        heading, *body = fitted_table(narrow, rows[:MAX_ROWS], width)
        lines = [heading]
        for line, row in zip(body, rows, strict=False):
            details = {name: shorten(text, MAX_TEXT) for name, text in row.items()}
            lines += [line, *detail_lines(details, others, width)]
    return lines + _more(rows)


def _list(texts: Iterable[str], width: int) -> list[str]:
    whole = list(texts)
    return [line for text in whole[:MAX_ROWS] for line in wrapped(f"- {shorten(cell(text), MAX_TEXT)}", width)] + _more(
        whole
    )


def _readings(document: ProbeDocument, width: int, names: Mapping[str, str]) -> list[str]:
    """Return a table of the appliances, and a table of the regions and AsyncOS APIs."""
    longest = min(MAX_NAME, max(width - OTHER_COLUMNS, MIN_NAME))
    appliances = [
        {
            "host": shorten(cell(names.get(one.host, one.host)), longest),
            "shared as": short(one.host),
            "product": one.product,
            "version": one.version,
            "screens": str(len(one.screens)),
            "seconds": f"{one.seconds:.1f}",
        }
        for one in document.appliances
    ]
    appliances = [
        {name: shorten(cell(text), MOST.get(name, MAX_NAME)) for name, text in row.items()} for row in appliances
    ]
    regions = [_call_row(one, cell(one.region)) for one in document.regions]
    regions += [
        _call_row(one, f"{shorten(cell(names.get(one.region, one.region)), longest)} (AsyncOS API)")
        for one in document.apis
    ]
    return [
        *(fitted_table(list(appliances[0]), appliances[:MAX_ROWS], width) + _more(appliances) if appliances else []),
        *([""] if appliances and regions else []),
        *(fitted_table(list(regions[0]), regions[:MAX_ROWS], width) + _more(regions) if regions else []),
    ]


def _call_row(one: RegionProbe, name: str) -> Row:
    return {
        "region": name,
        "calls": str(one.sent or len(one.calls)),
        "seconds": f"{one.seconds:.1f}",
        "bytes": f"{sum(call.size for call in one.calls):,}",
    }


def _more(rows: Sequence[object]) -> list[str]:
    return [f"and {len(rows) - MAX_ROWS:,} more, see probe.html"] if len(rows) > MAX_ROWS else []
