# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Derive C(changed) and the diff from one record of before and after, and name the changes of others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Meanwhile(Enum):
    """What changed after the reading, other than by this run: usually by another run, or by an administrator."""

    REGISTERED = "registered"
    DEREGISTERED = "deregistered"
    SETTINGS_CHANGED = "settings_changed"
    TOKEN_EXPIRED = "token_expired"
    TOKEN_REPLACED = "token_replaced"
    RECORD_ADDED = "record_added"
    RECORD_DELETED = "record_deleted"
    MODULE_ADDED = "module_added"
    MODULE_DELETED = "module_deleted"


@dataclass(frozen=True)
class Change:
    """The state before a task and after it (in check mode, the predicted state).

    ``name`` is the heading of the diff; ``before`` and ``after`` are plain data without secrets.
    """

    name: str
    before: Any
    after: Any

    @property
    def changed(self) -> bool:
        return bool(self.before != self.after)

    def diff(self) -> dict[str, Any]:
        """Return the diff in the form that Ansible prints with C(--diff)."""
        return {
            "before_header": self.name,
            "after_header": self.name,
            "before": self.before,
            "after": self.after,
        }
