# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a session is: on a standalone machine, or at a level of a cluster. It shows in the main prompt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mode:
    """`level` is standalone, machine, group or cluster; `name` that of the machine, group or cluster."""

    level: str
    name: str
    cut_off: bool = False
    """Whether the member has lost its cluster."""

    @property
    def prompt(self) -> str:
        """Standalone, machine and cluster are C, group is I; that a cut-off one holds `[Disconnected]> ` is B."""
        if self.level == "standalone":
            return f"{self.name}> "
        return f"({self.level.capitalize()} {self.name}){' [Disconnected]' if self.cut_off else ''}> "
