# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mode of a session: standalone, or a level of a cluster. The main prompt shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mode:
    """`level` is standalone, machine, group or cluster; `name` is the name of the machine, group or cluster."""

    level: str
    name: str
    cut_off: bool = False
    """Whether the member is disconnected from its cluster."""

    @property
    def prompt(self) -> str:
        """Return the main prompt: standalone, machine and cluster are C, group is I, `[Disconnected]> ` is B."""
        if self.level == "standalone":
            return f"{self.name}> "
        return f"({self.level.capitalize()} {self.name}){' [Disconnected]' if self.cut_off else ''}> "
