# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The drift document as Markdown, for a ticket or a chat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ansible_collections.emailsec.ctr.plugins.module_utils._report.sentences import (
    Document,
    answer,
    broken_link,
    differences,
    moment,
    next_steps,
    own_verdict,
    quota_text,
    since_last,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.text import one_line, shorten
from ansible_collections.emailsec.ctr.plugins.module_utils._report.verdicts import OK, WORST_FIRST

MOST_ROWS = 200
"""A ticket holds some ten thousands of characters; the rest is in the other files."""
MOST_CELL = 600
# Marks of Markdown, of tables, and of HTML. Underscores and dots stay: a host name is to be read as it is.
_MARKS = re.compile(r"([\\`*\[\]|~])")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def markdown_text(document: Document) -> str:
    """A heading, the answer, a table of the regions, and a table of what is not ok."""
    lines = [f"# {escape(document['title'])}", "", escape(answer(document)), ""]
    lines += [f"Read on {moment(document['created'])} by emailsec.ctr {escape(document['collection'])}.", ""]
    if document["previous"]:
        lines += [f"{escape(since_last(document))}.", ""]
    lines += _regions(document)
    rows = [row for row in document["appliances"] if row["verdict"] != OK or broken_link(row)]
    rows += [{**region, "host": ""} for region in document["regions"] if own_verdict(region) != OK]
    if rows:
        lines += ["", "## What is not ok", ""]
        lines += _table(("Appliance", "Region", "Verdict", "What differs", "Next step"), map(_row, rows))
        if len(rows) > MOST_ROWS:
            lines += ["", f"And {len(rows) - MOST_ROWS:,} more; all are in drift.html and drift.csv."]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """One line that no Markdown, table or HTML comes out of."""
    text = re.sub(r"[&<>]", lambda mark: _HTML[mark.group()], one_line(text))
    text = _MARKS.sub(r"\\\1", text)
    # Underscores within a word do nothing; at its edges they would set it in italics.
    return re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)


def _regions(document: Document) -> list[str]:
    rows = (
        (
            region["label"],
            *(f"{region['counts'][verdict]:,}" for verdict in WORST_FIRST),
            quota_text(region) if region["quota"] else "",
        )
        for region in document["regions"]
    )
    return _table(("Region", *WORST_FIRST, "API"), rows)


def _row(row: Document) -> tuple[str, ...]:
    verdict = row["verdict"] if row["host"] else own_verdict(row)
    host = row["host"] or "(the region itself)"
    finding = broken_link(row)
    found, fix = ([finding["sentence"]], [finding["fix"]]) if finding else ([], [])
    return host, row["region"], verdict, "; ".join(found + differences(row)), "; ".join(fix + next_steps(row))


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading)]
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            break
        lines.append("| " + " | ".join(escape(shorten(cell, MOST_CELL)) for cell in row) + " |")
    return lines
