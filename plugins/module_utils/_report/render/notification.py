# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The changes since the last report as the body of a webhook.

Sources: Webex "Create a Message" (C(markdown), at most 7,439 bytes), Slack incoming webhooks (C(text), with three escaped
characters), ServiceNow Table API, table incident (C(short_description) of 160 characters, C(description)). Grade C, not
tested against these services.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._report.sentences import Document, answer
from ansible_collections.emailsec.ctr.plugins.module_utils._report.text import one_line, shorten

from .markdown import escape

MAX_LINES = 20
MAX_LISTED = 100
LONGEST_LINE = 200
LONGEST_SUMMARY = 160
LISTS = ("changed", "added", "gone")

Body = dict[str, Any]


def has_changes(document: Document) -> bool:
    """Return whether an appliance has another verdict than in the last report, or is new or gone."""
    previous = document["previous"]
    return bool(previous) and any(previous[key] for key in LISTS)


def notification(document: Document, format_: str, report: str) -> Body:
    """Return the body for a webhook. ``report`` is the path of the report. The document must have changes."""
    return FORMATS[format_](document, report)


def _json(document: Document, report: str) -> Body:
    previous = document["previous"]
    return {
        "event": "emailsec_ctr_drift_changed",
        "schema_version": document["schema_version"],
        "title": document["title"],
        "created": document["created"],
        "verdict": document["verdict"],
        "counts": dict(document["counts"]),
        "previous": {"created": previous["created"], "counts": dict(previous["counts"])},
        **{key: [dict(one) for one in previous[key][:MAX_LISTED]] for key in LISTS},
        "omitted": sum(max(len(previous[key]) - MAX_LISTED, 0) for key in LISTS),
        "report": report,
    }


def _webex(document: Document, report: str) -> Body:
    lines = [f"**{escape(_title(document))}**", "", escape(answer(document)), ""]
    lines += [f"- {escape(line)}" for line in _changes(document)]
    return {"markdown": "\n".join([*lines, "", escape(_report(report))])}


def _slack(document: Document, report: str) -> Body:
    lines = [_title(document), answer(document), *(f"• {line}" for line in _changes(document)), _report(report)]
    text = "\n".join(lines)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, entity)
    return {"text": text}


def _servicenow(document: Document, report: str) -> Body:
    summary = f"{_title(document)}: {answer(document)}"
    return {
        "short_description": shorten(summary, LONGEST_SUMMARY),
        "description": "\n".join([summary, *_changes(document), _report(report)]),
    }


FORMATS: Mapping[str, Callable[[Document, str], Body]] = {
    "json": _json,
    "webex": _webex,
    "slack": _slack,
    "servicenow": _servicenow,
}


def _title(document: Document) -> str:
    return one_line(document["title"])


def _report(path: str) -> str:
    return f"Report: {one_line(path)}"


def _changes(document: Document) -> list[str]:
    """Return one line for each change, at most C(MAX_LINES) and the number of the others."""
    previous = document["previous"]
    lines = [f"{_place(one)}: changed from {one['from']} to {one['to']}" for one in previous["changed"]]
    lines += [f"{_place(one)}: new, {one['verdict']}" for one in previous["added"]]
    lines += [f"{_place(one)}: no longer in the inventory, was {one['verdict']}" for one in previous["gone"]]
    more = len(lines) - MAX_LINES
    return [shorten(line, LONGEST_LINE) for line in lines[:MAX_LINES]] + ([f"and {more:,} more"] if more > 0 else [])


def _place(one: Mapping[str, str]) -> str:
    return f"{one_line(one['host'])} ({one_line(one['region'])})"
