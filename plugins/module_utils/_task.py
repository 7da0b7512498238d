# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The options of a task, for the work of a module."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Task:
    """Validated options and check mode; ``warnings`` and ``no_log_values`` are filled by the work.

    AnsibleModule has the same attributes, and takes its place if the module runs in a process of its own.
    """

    params: dict[str, Any]
    check_mode: bool
    warnings: list[str] = field(default_factory=list)
    no_log_values: set[str] = field(default_factory=set)

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)
