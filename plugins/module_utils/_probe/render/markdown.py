# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A probe as Markdown, for a report to the maintainers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import Checked, ProbeDocument
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.markdown import escape
from ansible_collections.emailsec.ctr.plugins.module_utils._report.text import shorten, text_of
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import shown

from .sentences import TITLES, failures, headline, not_certain, of_verdict, place_of, value_of

LONGEST_CELL = 300
Key = TypeVar("Key")


def markdown_text(document: ProbeDocument) -> str:
    """Return the whole document. Screens and answers that are equal are shown once."""
    lines = ["# Probe", "", f"{headline(document)}.", ""]
    profile = f", with the profile {escape(', '.join(document.profile))}" if document.profile else ""
    read = (
        f"Read on {escape(document.created)} by emailsec.ctr {escape(document.collection)}, in {document.seconds:.1f} s"
    )
    lines += [f"{read}{profile}.", "", "Data was replaced by stand-ins. Check this text before you share it.", ""]
    for verdict, title in TITLES.items():
        rows = of_verdict(document, verdict)
        heading = ("Assumption", "Kind", "Grade", "Expected", "Came", "Where")
        lines += _section(f"{title} ({len(rows)})", _table(heading, map(_row, rows)))
    proposals = ((place_of(one), value_of(one), one.evidence) for one in document.proposals)
    lines += _section("Proposed profile", _table(("Place", "Value", "Evidence"), proposals))
    lines += _section("Not certain", _list(map(not_certain, document.remaining)))
    lines += _section("Failures", _list(failures(document)))
    lines += _section("Appliances", _appliances(document))
    lines += [line for part in _screens(document) for line in part]
    lines += _section("Calls", _calls(document))
    lines += [line for part in _answers(document) for line in part]
    return text_of("\n".join(lines))


def _section(title: str, content: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *content, ""] if content else []


def _row(one: Checked) -> tuple[str, ...]:
    return one.id, one.kind, one.grade, one.expected, "; ".join(one.came), ", ".join(one.where) or one.when


def _appliances(document: ProbeDocument) -> list[str]:
    heading = ("Appliance", "Region", "Product", "Model", "Version", "Registration", "Seconds")
    rows = (
        (one.host, one.region, one.product, one.model, one.version, one.registration, f"{one.seconds}")
        for one in document.appliances
    )
    return _table(heading, rows)


def _screens(document: ProbeDocument) -> Iterator[list[str]]:
    screens = (
        ((screen.id, screen.typed, screen.text), one.host) for one in document.appliances for screen in one.screens
    )
    for (name, typed, text), hosts in _grouped(screens):
        about = f"Typed: {escape(typed)}. " if typed else ""
        yield _section(f"Screen {escape(name)}", [f"{about}On {_names(hosts)}:", "", *_code(text)])


def _calls(document: ProbeDocument) -> list[str]:
    rows = (
        (
            one.region,
            call.request,
            str(call.status),
            "" if call.records is None else str(call.records),
            str(call.size),
            f"{call.seconds}",
        )
        for one in (*document.regions, *document.apis)
        for call in one.calls
    )
    return _table(("Region", "Call", "Status", "Records", "Bytes", "Seconds"), rows)


def _answers(document: ProbeDocument) -> Iterator[list[str]]:
    answers = (
        ((call.request, tuple(call.shape.items()), tuple(call.words.items()), call.headers), one.region)
        for one in (*document.regions, *document.apis)
        for call in one.calls
    )
    for (request, shape, words, headers), regions in _grouped(answers):
        parts = [_table(("Field", "Form"), shape), _list(f"{field}: {', '.join(found)}" for field, found in words)]
        parts += [_list([f"Headers: {', '.join(headers)}"] if headers else [])]
        content = [line for part in parts if part for line in (*part, "")]
        yield _section(
            f"Answer to {escape(request)}", [f"From {_names(regions)}:", "", *content[:-1]] if content else []
        )


def _grouped(pairs: Iterable[tuple[Key, str]]) -> Iterable[tuple[Key, list[str]]]:
    """Return the names of each key, in order."""
    groups: dict[Key, list[str]] = {}
    for key, name in pairs:
        groups.setdefault(key, []).append(name)
    return groups.items()


def _names(names: Sequence[str]) -> str:
    return escape(shorten(", ".join(names), LONGEST_CELL))


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(escape(shorten(cell, LONGEST_CELL)) for cell in row) + " |" for row in rows]
    return ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading), *lines] if lines else []


def _list(texts: Iterable[str]) -> list[str]:
    return [f"- {escape(text)}" for text in texts]


def _code(text: str) -> list[str]:
    return [f"    {shown(line)}".rstrip() for line in text.split("\n")]
