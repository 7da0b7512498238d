# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The drift document on a terminal: what is not ok, and a summary of a few lines."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.table import text_table

from .sentences import (
    Document,
    answer,
    differences,
    next_steps,
    own_verdict,
    region_line,
    since_last,
)
from .text import one_line, shorten
from .verdicts import OK

COLUMNS = ("host", "region", "verdict", "detail")
MOST_ROWS = 40
MOST_HOST, MOST_DETAIL = 60, 400
MOST_NAMES = 5


def table(document: Document, path: str) -> list[str]:
    """Lines of a table of what is not ok, at most 40 of them, then how many more there are in ``path``."""
    rows = [
        {
            "host": shorten(one_line(row["host"]), MOST_HOST),
            "region": one_line(row["region"]),
            "verdict": row["verdict"],
            "detail": _detail(row),
        }
        for row in document["appliances"]
        if row["verdict"] != OK
    ]
    rows += [
        {
            "host": f"({shorten(one_line(region['label']), MOST_HOST)})",
            "region": one_line(region["region"]),
            "verdict": own_verdict(region),
            "detail": _detail(region),
        }
        for region in document["regions"]
        if own_verdict(region) != OK
    ]
    if not rows:
        return []
    lines = text_table(COLUMNS, rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        lines.append(f"and {len(rows) - MOST_ROWS:,} more, see {path}")
    return lines


def summary(document: Document) -> list[str]:
    """At most five lines: the answer, each region, what is amiss in the regions themselves, and what changed."""
    amiss = [
        f"{one_line(region['label'])}: {shorten('; '.join(differences(region)), MOST_DETAIL)}"
        for region in document["regions"]
        if own_verdict(region) != OK
    ]
    lines = [
        f"{one_line(document['title'])}: {answer(document)}",
        " | ".join(one_line(region_line(region)) for region in document["regions"]),
        f"In the regions: {'; '.join(amiss)}" if amiss else "",
        _changes(document),
    ]
    return [line for line in lines if line]


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
