# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows rows as a table on the terminal and saves them as JSON on the controller."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._report.saved_rows import save_document
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
from ansible_collections.emailsec.ctr.plugins.module_utils._report.table_options import ARGUMENT_SPEC
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction

FAILED = ("failed", "broken")
"""Results whose rows are told in full."""


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        rows = options["rows"]
        counts = count_rows(rows, options["count_by"])
        width = self.screen_width()
        heading = f"{options['title']}: {sentence_of_counts(counts)}"
        for line in ["", *wrapped(heading, width), "", *self._table(options, width)]:
            self._display.display(line)
        for line in [*note_lines(options["notes"], width), ""]:
            self._display.display(line)
        result["counts"] = counts
        if options["dest"]:
            try:
                result["dest"] = save_document(options["dest"], options["title"], counts, rows)
                self._display.display(f"Saved as {result['dest']}")
            except OSError as error:
                raise AnsibleActionFail(
                    f"The report cannot be written to {options['dest']} ({error.strerror or error}). "
                    "Remedy: choose another folder with esa_ctr_report_dir."
                ) from None
        result["changed"] = False
        return result

    def _table(self, options: dict[str, Any], width: int) -> list[str]:
        """The rows that matter, each in one line; below them what did not fit, and how many are fine."""
        key = options["count_by"]
        shown = rows_to_show(options["rows"], lambda row: row.get(key) == options["brief"])
        columns = columns_that_fit(options["columns"], options["narrow"], shown, width)
        heading, *lines = fitted_table(columns, shown, width)
        table = [heading]
        for row, line in zip(shown, lines, strict=True):
            table.append(line)
            table += detail_lines(row, self._details(row, line, options), width)
        left = len(options["rows"]) - len(shown)
        return [*table, f"and {left:,} more"] if left else table

    def _details(self, row: dict[str, Any], line: str, options: dict[str, Any]) -> list[str]:
        if row.get(options["count_by"]) == options["brief"]:
            return []
        last = options["columns"][-1]
        cut = not line.endswith(cell(row.get(last)))
        failed = row.get(options["count_by"]) in FAILED
        return [*options["details"], *([last] if cut and (failed or self._display.verbosity) else [])]
