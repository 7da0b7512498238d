# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows as plain text."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.table import note_lines, table_with_details


def test_lines_below_a_table_cannot_steer_the_terminal() -> None:
    assert note_lines([]) == []
    assert note_lines(["one\n\x1b[31mtwo"]) == ["", "Note: one  [31mtwo"]


def test_details_stand_below_their_row() -> None:
    rows = [
        {"host": "a", "code": "bad", "evidence": "e" * 300, "remedy": "mend\x1b it"},
        {"host": "b", "code": "fine", "evidence": "e", "remedy": "r"},
        {"host": "c", "code": "bad", "evidence": "", "remedy": "r"},
    ]
    lines = table_with_details(["host", "code"], rows, ["evidence", "remedy"], lambda row: row["code"] == "fine")
    assert lines == [
        "HOST  CODE",
        "a     bad",
        f"    Evidence: {'e' * 300}",
        "    Remedy: mend  it",
        "b     fine",
        "c     bad",
        "    Remedy: r",
    ]
