# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows rows as a table on the terminal and saves them as JSON on the controller."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.document import save_document
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.report_options import ARGUMENT_SPEC
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.table import (
    count_rows,
    note_lines,
    sentence_of_counts,
    table_with_details,
)
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        rows = options["rows"]
        counts = count_rows(rows, options["count_by"])
        heading = f"{options['title']}: {sentence_of_counts(counts)}"
        table = table_with_details(
            options["columns"], rows, options["details"], lambda row: row.get(options["count_by"]) == options["brief"]
        )
        for line in ["", heading, "", *table, *note_lines(options["notes"]), ""]:
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
