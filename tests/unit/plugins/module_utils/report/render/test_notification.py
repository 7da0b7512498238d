# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The changes since the last report, as the body for each kind of webhook."""

from __future__ import annotations

import json

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._report.options import NOTIFICATIONS
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.notification import (
    FORMATS,
    MAX_LINES,
    MAX_LISTED,
    has_changes,
    notification,
)
from tests.samples import drift

REPORT = "/srv/fleet/esa-ctr-report/drift.html"


def test_only_a_difference_to_the_last_report_is_a_change() -> None:
    rows = drift.small_rows()
    assert not has_changes(drift.build(rows)), "the first report"
    assert not has_changes(drift.build(rows, last=drift.build(rows)))
    assert has_changes(drift.with_past(rows))


def test_the_body_for_programs() -> None:
    document = drift.with_past(drift.small_rows())
    body = notification(document, "json", REPORT)
    assert (body["event"], body["verdict"], body["report"]) == (
        "emailsec_ctr_drift_changed",
        document["verdict"],
        REPORT,
    )
    assert [body[key] for key in ("counts", "changed", "added", "gone", "omitted")] == [
        document["counts"],
        *(document["previous"][key] for key in ("changed", "added", "gone")),
        0,
    ]


@pytest.mark.parametrize(
    ("format_", "key", "line"),
    [
        ("webex", "markdown", "- esa0.example.com (europe): no longer in the inventory, was ok"),
        ("slack", "text", "• esa0.example.com (europe): no longer in the inventory, was ok"),
        ("servicenow", "description", "esa0.example.com (europe): no longer in the inventory, was ok"),
    ],
)
def test_the_body_for_people(format_: str, key: str, line: str) -> None:
    document = drift.with_past(drift.small_rows())
    lines = notification(document, format_, REPORT)[key].splitlines()
    assert line in lines and f"Report: {REPORT}" in lines
    assert any("need attention" in one for one in lines)


def test_every_format_of_the_option_exists() -> None:
    assert list(FORMATS) == NOTIFICATIONS


@pytest.mark.parametrize("format_", NOTIFICATIONS)
def test_a_large_change_is_bounded(format_: str) -> None:
    rows = drift.many_rows(2000)
    last = drift.build((rows[0], []))
    document = drift.build(rows, last=last)
    body = notification(document, format_, REPORT)
    assert len(json.dumps(body).encode()) < (20_000 if format_ == "json" else 7_439)
    if format_ == "json":
        assert (len(body["added"]), body["omitted"]) == (MAX_LISTED, 2000 - MAX_LISTED)
    else:
        assert f"and {2000 - MAX_LINES:,} more" in json.dumps(body)
    if format_ == "servicenow":
        assert len(body["short_description"]) <= 160


def test_hostile_names_stay_text() -> None:
    regions, appliances = drift.hostile_rows()
    document = drift.build((regions, appliances), last=drift.build((regions, [])))
    slack = notification(document, "slack", "/a<b>&c")["text"]
    assert "<" not in slack and "Report: /a&lt;b&gt;&amp;c" in slack
    for format_, key in (("webex", "markdown"), ("slack", "text"), ("servicenow", "description")):
        text = notification(document, format_, REPORT)[key]
        assert all(char.isprintable() or char == "\n" for char in text), format_
    assert "<script" not in notification(document, "webex", REPORT)["markdown"]
