# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The registered result of a task that looped over regions, asked by region and by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ByRegion:
    """One cloud task, one turn per region; None where the task has not run (yet)."""

    def __init__(self, registered: Mapping[str, Any] | None) -> None:
        turns = (registered or {}).get("results") or []
        self._turns = {str(turn.get("item")): turn for turn in turns if not turn.get("skipped")}
        self._entries: dict[tuple[str, str], dict[str | None, Mapping[str, Any]]] = {}
        self.has_run = bool(turns)

    def error(self, region: str) -> str:
        """Why the whole turn failed, or an empty string.

        The role keeps a failed turn from stopping the others (failed_when: false), so the mark of failure is C(msg),
        which the modules return only then.
        """
        return str(self._turns.get(region, {}).get("msg") or "")

    def entry(self, region: str, key: str, name: str | None) -> Mapping[str, Any] | None:
        """The entry of that name (the first of them) in one of the lists that the turn returned."""
        if (region, key) not in self._entries:
            entries = self._entries[region, key] = {}
            for entry in self.value(region, key) or []:
                entries.setdefault(entry.get("name"), entry)
        return self._entries[region, key].get(name)

    def value(self, region: str, key: str) -> Any:
        return self._turns.get(region, {}).get(key)
