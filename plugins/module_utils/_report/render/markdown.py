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

MAX_ROWS = 200
"""Tickets have a limit of some ten thousand characters; the other files contain all rows."""
MAX_CELL = 600
# Special characters of Markdown. Underscores and dots stay, so that host names are readable.
_SPECIAL = re.compile(r"([\\`*\[\]|~])")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def markdown_text(document: Document) -> str:
    """Return a heading, the answer, a table of the regions, and a table of all that is not ok."""
    lines = [f"# {escape(document['title'])}", "", escape(answer(document)), ""]
    lines += [f"Read on {moment(document['created'])} by emailsec.ctr {escape(document['collection'])}.", ""]
    if document.get("profile"):
        lines += [f"Profile: {escape(', '.join(document['profile']))}.", ""]
    if document["previous"]:
        lines += [f"{escape(since_last(document))}.", ""]
    lines += _regions(document)
    rows = [row for row in document["appliances"] if row["verdict"] != OK or broken_link(row)]
    rows += [{**region, "host": ""} for region in document["regions"] if own_verdict(region) != OK]
    if rows:
        lines += ["", "## Not ok", ""]
        lines += _table(("Appliance", "Region", "Verdict", "Differences", "Next step"), map(_row, rows))
        if len(rows) > MAX_ROWS:
            lines += ["", f"And {len(rows) - MAX_ROWS:,} more; all are in drift.html and drift.csv."]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return the text as one line that contains no Markdown, table cell or HTML."""
    text = re.sub(r"[&<>]", lambda mark: _HTML[mark.group()], one_line(text))
    text = _SPECIAL.sub(r"\\\1", text)
    # Underscores at the start or end of a word would set it in italics.
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
        if number == MAX_ROWS:
            break
        lines.append("| " + " | ".join(escape(shorten(cell, MAX_CELL)) for cell in row) + " |")
    return lines
