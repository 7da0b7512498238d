# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Show rows as a table on the terminal of the controller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._report.table import (
    cell,
    columns_that_fit,
    count_rows,
    detail_lines,
    fitted_table,
    note_lines,
    rows_to_show,
    sentence_of_counts,
    wrapped,
)

from ._controller_action import ControllerAction

FAILED = ("failed", "broken")
"""Results whose rows are shown in full."""


@dataclass(frozen=True)
class Table:
    """A table; the fields are the options of C(fleet_report)."""

    title: str
    columns: Sequence[str]
    count_by: str
    rows: Sequence[Mapping[str, Any]]
    narrow: Sequence[str] | None = None
    details: Sequence[str] = ()
    brief: str | None = None
    notes: Sequence[str] = ()

    def show(self, action: ControllerAction) -> dict[str, int]:
        """Display the table, and return the number of rows for each value of ``count_by``."""
        counts = count_rows(self.rows, self.count_by)
        width = action.screen_width()
        heading = wrapped(f"{self.title}: {sentence_of_counts(counts)}", width)
        verbose = action._display.verbosity > 0
        for line in ["", *heading, "", *self._lines(width, verbose), *note_lines(self.notes, width), ""]:
            action._display.display(line)
        return counts

    def _lines(self, width: int, verbose: bool) -> list[str]:
        """Return one line for each row, with its details below. Rows beyond the limit are only counted."""
        shown = rows_to_show(self.rows, self._is_brief, lambda row: row.get(self.count_by) in FAILED)
        columns = columns_that_fit(self.columns, self.narrow, shown, width)
        heading, *lines = fitted_table(columns, shown, width)
        table = [heading]
        for row, line in zip(shown, lines, strict=True):
            table.append(line)
            table += detail_lines(row, self._details(row, line, verbose), width)
        left = len(self.rows) - len(shown)
        return [*table, f"and {left:,} more"] if left else table

    def _is_brief(self, row: Mapping[str, Any]) -> bool:
        return row.get(self.count_by) == self.brief

    def _details(self, row: Mapping[str, Any], line: str, verbose: bool) -> list[str]:
        if self._is_brief(row):
            return []
        last = self.columns[-1]
        is_cut = not line.endswith(cell(row.get(last)))
        failed = row.get(self.count_by) in FAILED
        return [*self.details, *([last] if is_cut and (failed or verbose) else [])]
