# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables fit the screen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._report.table import (
    columns_of,
    columns_that_fit,
    detail_lines,
    fitted_table,
    note_lines,
    rows_to_show,
    wrapped,
)

COLUMNS = ("host", "region", "detail")


def test_notes_contain_no_control_characters() -> None:
    assert note_lines([], 80) == []
    assert note_lines(["one\n\x1b[31mtwo"], 80) == ["", "Note: one  [31mtwo"]
    assert all(len(line) <= 40 for line in note_lines(["word " * 40], 40))


@pytest.mark.parametrize(
    "width, last",
    [(200, "enable the cloud service on a server; commit (x)"), (60, "enable, commit"), (33, "enable, commit")],
)
def test_a_detail_that_does_not_fit_is_replaced_by_its_brief_text(width: int, last: str) -> None:
    rows = [{"host": "esa1", "region": "europe", "detail": "enable the cloud service on a server; commit (x)"}]
    rows[0]["brief"] = "enable, commit"
    heading, line = fitted_table(COLUMNS, rows, width)
    assert heading.split() == ["HOST", "REGION", "DETAIL"]
    assert line == f"esa1  europe  {last}"


def test_a_text_that_is_still_too_long_is_shortened_with_dots() -> None:
    (_heading, line) = fitted_table(COLUMNS, [{"host": "esa1", "region": "europe", "detail": "x" * 90}], 50)
    assert len(line) == 50 and line.endswith("...")


@given(
    st.lists(st.fixed_dictionaries({key: st.text(max_size=120) for key in (*COLUMNS, "brief")}), max_size=5),
    st.integers(60, 200),
)
def test_no_line_is_longer_than_the_screen(rows: list[dict[str, Any]], width: int) -> None:
    assert all(len(line) <= max(width, 106) for line in fitted_table(COLUMNS, rows, width))
    assert all("\n" not in line and line.isprintable() for line in fitted_table(COLUMNS, rows, width))


def test_details_are_indented_and_words_are_not_broken() -> None:
    row = {"evidence": "one two three", "fix": "check\x1b it", "none": ""}
    assert detail_lines(row, ["evidence", "fix", "none"], 24) == [
        "    Evidence: one two",
        "    three",
        "    Fix: check  it",
    ]
    assert detail_lines({"path": "/" + "a" * 90}, ["path"], 40) == [
        "    Path:",
        "    /" + "a" * 90,
    ]


def test_a_narrow_screen_shows_fewer_columns() -> None:
    rows = [{"host": "esa1.example.com", "region": "europe", "registration": "registered", "detail": "-"}]
    columns = ["host", "region", "registration", "detail"]
    narrow = ["host", "region", "detail"]
    assert columns_that_fit(columns, narrow, rows, 120) == columns
    assert columns_that_fit(columns, narrow, rows, 70) == narrow
    assert columns_that_fit(columns, None, rows, 20) == columns


def test_a_large_fleet_shows_only_rows_that_need_attention() -> None:
    rows = [{"host": f"esa{number}", "ok": number % 50 != 0} for number in range(500)]
    assert rows_to_show(rows[:40], lambda row: row["ok"]) == rows[:40]
    assert [row["host"] for row in rows_to_show(rows, lambda row: row["ok"])] == [f"esa{n}" for n in range(0, 500, 50)]
    assert len(rows_to_show(rows, lambda row: not row["ok"])) == 40


def test_the_failed_rows_of_a_large_fleet_are_shown_first() -> None:
    rows = [{"host": f"esa{number}", "failed": number % 50 == 49} for number in range(200)]
    shown = [row["host"] for row in rows_to_show(rows, lambda _row: False, lambda row: row["failed"])]
    assert shown == ["esa49", "esa99", "esa149", "esa199", *(f"esa{number}" for number in range(36))]


@pytest.mark.parametrize(
    "environment, terminal, width",
    [
        ({"COLUMNS": "120"}, 90, 120),
        ({}, 90, 90),
        ({}, None, 80),
        ({"COLUMNS": "wide"}, None, 80),
        ({"COLUMNS": "0"}, 70, 70),
    ],
)
def test_the_width_comes_from_the_environment_or_the_terminal(
    environment: dict[str, str], terminal: int | None, width: int
) -> None:
    assert columns_of(environment, terminal) == width


def test_an_empty_text_has_no_lines() -> None:
    assert wrapped("", 80) == []
