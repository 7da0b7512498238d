# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Before and after, recorded once: C(changed), the diff and the result cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """What a task found and what it leaves (or, in check mode, would leave).

    ``name`` is the heading of the diff; ``before`` and ``after`` are plain data without secrets.
    """

    name: str
    before: Any
    after: Any

    @property
    def changed(self) -> bool:
        return bool(self.before != self.after)

    def diff(self) -> dict[str, Any]:
        """The shape that Ansible prints under C(--diff)."""
        return {
            "before_header": self.name,
            "after_header": self.name,
            "before": self.before,
            "after": self.after,
        }
