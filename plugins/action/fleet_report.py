# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show rows as a table on the terminal, and save them as JSON on the controller."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._report.table_options import ARGUMENT_SPEC
from ansible_collections.emailsec.ctr.plugins.plugin_utils._controller_action import ControllerAction
from ansible_collections.emailsec.ctr.plugins.plugin_utils._saved_rows import save_rows
from ansible_collections.emailsec.ctr.plugins.plugin_utils._table import Table


class ActionModule(ControllerAction):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        dest = options.pop("dest")
        counts = Table(**options).show(self)
        result.update(changed=False, counts=counts)
        if dest:
            result["dest"] = save_rows(dest, options["title"], counts, options["rows"])
            self._display.display(f"Saved as {result['dest']}")
        return result
