# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The drift document on a terminal: a table of all that is not ok, and a short summary."""

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
MAX_ROWS = 40
MAX_HOST, MAX_DETAIL = 60, 400
MAX_NAMES = 5


def table(
    document: Document, path: str, width: int, short: Mapping[str, str] | None = None, verbose: bool = False
) -> list[str]:
    """Return a table of all that is not ok, with at most 40 rows, and the number of further rows in ``path``.

    ``short`` holds a short text by host and region, for lines longer than ``width``. Shortened details follow below the
    table in full: all of them with ``verbose``, otherwise those of the verdicts refused and unknown.
    """
    shown = [
        *(_row(row, one_line(row["host"]), row["verdict"], short) for row in document["appliances"]),
        *(_row(region, f"({one_line(region['label'])})", own_verdict(region), short) for region in document["regions"]),
    ]
    rows = [row for row in shown if row["verdict"] != OK]
    if not rows:
        return []
    lines = fitted_table(COLUMNS, rows[:MAX_ROWS], width)
    if len(rows) > MAX_ROWS:
        lines.append(f"and {len(rows) - MAX_ROWS:,} more, see {path}")
    return lines + _details(rows[:MAX_ROWS], lines[1:], width, verbose)


def _row(row: Document, name: str, verdict: str, short: Mapping[str, str] | None) -> dict[str, str]:
    short_text = (short or {}).get(row.get("host") or row["region"], "")
    return {
        "host": shorten(name, MAX_HOST),
        "region": one_line(row["region"]),
        "verdict": verdict,
        "detail": _detail(row),
        "brief": short_text,
    }


def _details(rows: Sequence[Mapping[str, str]], lines: Sequence[str], width: int, verbose: bool) -> list[str]:
    """Return the details that are shortened in the table."""
    details: list[str] = []
    for row, line in zip(rows, lines, strict=False):
        if line.endswith(row["detail"]) or not (verbose or row["verdict"] in FAILURES):
            continue
        details += [f"{row['host']}:", *detail_lines({"detail": row["detail"]}, ["detail"], width)]
    return ["", *details] if details else []


def summary(document: Document, width: int) -> list[str]:
    """Return the answer, the regions, their checks that are not ok, and the changes, in lines of at most ``width``."""
    not_ok = [
        f"{one_line(region['label'])}: {shorten('; '.join(differences(region)), MAX_DETAIL)}"
        for region in document["regions"]
        if own_verdict(region) != OK
    ]
    regions = [one_line(region_line(region)) for region in document["regions"]]
    joined = " | ".join(regions)
    said = [
        f"{one_line(document['title'])}: {answer(document)}",
        *([joined] if len(joined) <= width else regions),
        f"Region checks: {'; '.join(not_ok)}" if not_ok else "",
        _changes(document),
        f"Profile: {one_line(', '.join(document['profile']))}" if document.get("profile") else "",
    ]
    return [line for text in said for line in wrapped(text, width)]


def _detail(row: Document) -> str:
    said = "; ".join(differences(row))
    steps = next_steps(row)
    return shorten(said + (f"; next: {', then '.join(steps)}" if steps else ""), MAX_DETAIL)


def _changes(document: Document) -> str:
    said = since_last(document)
    changed = (document["previous"] or {}).get("changed") or []
    if not changed:
        return said
    named = [
        f"{shorten(one_line(entry['host']), MAX_HOST)} {entry['from']} to {entry['to']}"
        for entry in changed[:MAX_NAMES]
    ]
    more = f", and {len(changed) - MAX_NAMES:,} more" if len(changed) > MAX_NAMES else ""
    return f"{said} ({', '.join(named)}{more})"
