# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The drift document on a terminal: what is not ok, and a summary of a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.emailsec.ctr.plugins.module_utils._report.sentences import (
    Document,
    answer,
    differences,
    next_steps,
    own_verdict,
    region_line,
    since_last,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.table import detail_lines, fitted_table, wrapped
from ansible_collections.emailsec.ctr.plugins.module_utils._report.text import one_line, shorten
from ansible_collections.emailsec.ctr.plugins.module_utils._report.verdicts import OK, REFUSED, UNKNOWN

FAILURES = (REFUSED, UNKNOWN)

COLUMNS = ("host", "region", "verdict", "detail")
MOST_ROWS = 40
MOST_HOST, MOST_DETAIL = 60, 400
MOST_NAMES = 5


def table(
    document: Document, path: str, width: int, brief: Mapping[str, str] | None = None, verbose: bool = False
) -> list[str]:
    """Lines of a table of what is not ok, at most 40 rows of it, then how many more there are in ``path``.

    ``brief`` says by host in a few words what is needed, for lines that would be longer than ``width``. What did not fit
    follows below the table: of all with ``verbose``, else of those that were refused or could not be read.
    """
    shown = [
        *(_row(row, one_line(row["host"]), row["verdict"], brief) for row in document["appliances"]),
        *(_row(region, f"({one_line(region['label'])})", own_verdict(region), brief) for region in document["regions"]),
    ]
    rows = [row for row in shown if row["verdict"] != OK]
    if not rows:
        return []
    lines = fitted_table(COLUMNS, rows[:MOST_ROWS], width)
    if len(rows) > MOST_ROWS:
        lines.append(f"and {len(rows) - MOST_ROWS:,} more, see {path}")
    return lines + _details(rows[:MOST_ROWS], lines[1:], width, verbose)


def _row(row: Document, name: str, verdict: str, brief: Mapping[str, str] | None) -> dict[str, str]:
    few_words = (brief or {}).get(row.get("host") or row["region"], "")
    return {
        "host": shorten(name, MOST_HOST),
        "region": one_line(row["region"]),
        "verdict": verdict,
        "detail": _detail(row),
        "brief": few_words,
    }


def _details(rows: Sequence[Mapping[str, str]], lines: Sequence[str], width: int, verbose: bool) -> list[str]:
    """What did not fit into the table."""
    told: list[str] = []
    for row, line in zip(rows, lines, strict=False):
        if line.endswith(row["detail"]) or not (verbose or row["verdict"] in FAILURES):
            continue
        told += [f"{row['host']}:", *detail_lines({"detail": row["detail"]}, ["detail"], width)]
    return ["", *told] if told else []


def summary(document: Document, width: int) -> list[str]:
    """The answer, each region, what is amiss in the regions themselves, and what changed, in lines of at most ``width``."""
    amiss = [
        f"{one_line(region['label'])}: {shorten('; '.join(differences(region)), MOST_DETAIL)}"
        for region in document["regions"]
        if own_verdict(region) != OK
    ]
    regions = [one_line(region_line(region)) for region in document["regions"]]
    joined = " | ".join(regions)
    said = [
        f"{one_line(document['title'])}: {answer(document)}",
        *([joined] if len(joined) <= width else regions),
        f"In the regions: {'; '.join(amiss)}" if amiss else "",
        _changes(document),
    ]
    return [line for text in said for line in wrapped(text, width)]


def _detail(row: Document) -> str:
    said = "; ".join(differences(row))
    steps = next_steps(row)
    return shorten(said + (f"; next: {', then '.join(steps)}" if steps else ""), MOST_DETAIL)


def _changes(document: Document) -> str:
    said = since_last(document)
    changed = (document["previous"] or {}).get("changed") or []
    if not changed:
        return said
    named = [
        f"{shorten(one_line(entry['host']), MOST_HOST)} {entry['from']} to {entry['to']}"
        for entry in changed[:MOST_NAMES]
    ]
    more = f", and {len(changed) - MOST_NAMES:,} more" if len(changed) > MOST_NAMES else ""
    return f"{said} ({', '.join(named)}{more})"
