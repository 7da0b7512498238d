# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. An action that does all of its work on the controller, and nothing over a connection."""

from __future__ import annotations

import os
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._records import warn_of_records
from ansible_collections.emailsec.ctr.plugins.module_utils._report.table import columns_of

from ._run_secrets import know_secrets_of_task


class ControllerAction(ActionBase):  # type: ignore[misc]  # ansible-core has no types
    """Base class of actions that run on the controller without a connection."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return an empty result, after which the masker knows the secrets of the run."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        know_secrets_of_task(self, task_vars)
        return result

    def cleanup(self, force: bool = False) -> None:
        super().cleanup(force)
        warn_of_records(self._display.warning)

    def screen_width(self) -> int:
        """Return the width of the terminal in columns."""
        # Ansible subtracts one column, for terminals that wrap too early.
        terminal = self._display.columns + 1 if os.isatty(1) else None
        return columns_of(os.environ, terminal)
