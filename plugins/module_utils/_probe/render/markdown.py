# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A probe as Markdown, for a report to the maintainers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import Checked, ProbeDocument, Verdict
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.markdown import escape
from ansible_collections.emailsec.ctr.plugins.module_utils._report.text import shorten

from .sentences import failures, headline, of_verdict, place_of, value_of

LONGEST_CELL = 300


def markdown_text(document: ProbeDocument) -> str:
    """Return the whole document."""
    lines = ["# Probe", "", f"{headline(document)}.", ""]
    lines += [f"Read on {document.created} by emailsec.ctr {document.collection}, in {document.seconds:.1f} s.", ""]
    lines += ["Data was replaced by stand-ins. Check the file before you share it.", ""]
    for verdict, title in (
        (Verdict.DIFFERS, "Different"),
        (Verdict.CONFIRMED, "Confirmed"),
        (Verdict.NOT_SEEN, "Not seen"),
    ):
        rows = of_verdict(document, verdict)
        if rows:
            lines += [
                f"## {title} ({len(rows)})",
                "",
                *_table(("id", "grade", "expected", "came", "where"), map(_row, rows)),
                "",
            ]
    if document.proposals:
        cells = ((place_of(one), value_of(one), one.evidence) for one in document.proposals)
        lines += ["## Proposed profile", "", *_table(("place", "value", "evidence"), cells), ""]
    for title, texts in (
        ("Not certain", [f"{one.assumption}: {one.problem}. Fix: {one.fix}." for one in document.remaining]),
        ("Failures", failures(document)),
    ):
        if texts:
            lines += [f"## {title}", "", *(f"- {escape(text)}" for text in texts), ""]
    for appliance in document.appliances:
        lines += [f"## {escape(appliance.host)}: {escape(appliance.model)} {escape(appliance.version)}", ""]
        for screen in appliance.screens:
            typed = f"`{escape(screen.typed)}`" if screen.typed else "log-in"
            lines += [f"{typed}, {screen.seconds} s, {screen.characters} characters:", "", *_code(screen.text), ""]
    for region in (*document.regions, *document.apis):
        for call in region.calls:
            lines += [f"## {escape(region.region)}: {escape(call.request)}", ""]
            lines += [f"Status {call.status}, {call.size} bytes, {call.seconds} s.", ""]
            lines += _table(("field", "form"), call.shape.items()) if call.shape else []
            lines += [f"- {escape(name)}: {escape(', '.join(words))}" for name, words in call.words.items()]
            lines += [""]
    return "\n".join(lines)


def _row(one: Checked) -> tuple[str, ...]:
    return one.id, one.grade, one.expected, "; ".join(one.came), ", ".join(one.where) or one.when


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading)]
    return lines + ["| " + " | ".join(escape(shorten(cell, LONGEST_CELL)) for cell in row) + " |" for row in rows]


def _code(text: str) -> list[str]:
    shown = "".join(char if char.isprintable() or char == "\n" else "?" for char in text)
    return [f"    {line}".rstrip() for line in shown.split("\n")]
