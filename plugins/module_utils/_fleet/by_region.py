# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The registered result of a task that looped over regions, asked by region and by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ByRegion:
    """One cloud task, one turn per region; None where the task has not run (yet).

    Several results may be given where a part of the regions was served by another task. An action that serves all regions
    at once returns its turns as C(regions).
    """

    def __init__(self, *registered: Mapping[str, Any] | None) -> None:
        turns = [
            turn for result in registered if result for turn in result.get("results") or result.get("regions") or []
        ]
        self._turns = {str(turn.get("item")): turn for turn in turns if not turn.get("skipped")}
        self._entries: dict[tuple[str, str, str], dict[str | None, list[Mapping[str, Any]]]] = {}
        self._named: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
        self.has_run = bool(turns)

    @property
    def regions(self) -> list[str]:
        """The regions that the task had a turn for."""
        return list(self._turns)

    def turn(self, region: str) -> Mapping[str, Any] | None:
        """All that the turn of a region returned, or None where it had none."""
        return self._turns.get(region)

    def error(self, region: str) -> str:
        """Why the whole turn failed, or an empty string.

        The role keeps a failed turn from stopping the others (failed_when: false), so the mark of failure is C(msg),
        which the modules return only then.
        """
        return str(self._turns.get(region, {}).get("msg") or "")

    def entry(self, region: str, key: str, name: str | None, by: str = "name") -> Mapping[str, Any] | None:
        """The entry of that name (the first of them) in one of the lists that the turn returned."""
        found = self.entries(region, key, name, by)
        return found[0] if found else None

    def entries(self, region: str, key: str, name: str | None, by: str = "name") -> list[Mapping[str, Any]]:
        """All entries of that name."""
        place = (region, key, by)
        if place not in self._entries:
            entries = self._entries[place] = {}
            for entry in self.value(region, key) or []:
                entries.setdefault(entry.get(by), []).append(entry)
        return self._entries[place].get(name, [])

    def value(self, region: str, key: str) -> Any:
        return self._turns.get(region, {}).get(key)

    def devices(self, region: str) -> list[Mapping[str, Any]] | None:
        """The devices of a turn of C(sse_device_facts), or None where they were not read."""
        if self.error(region) or region not in self._turns:
            return None
        return (self.value(region, "ansible_facts") or {}).get("sse_devices") or []

    def devices_named(self, region: str, name: str | None) -> list[Mapping[str, Any]]:
        """The devices of a region with this name, in any case of letters; none where they were not read."""
        if region not in self._named:
            named = self._named[region] = {}
            for device in self.devices(region) or []:
                named.setdefault(name_key(device.get("name")), []).append(device)
        return self._named[region].get(name_key(name), [])


class Told(dict[str, ByRegion]):
    """By name, what tasks that loop over regions have registered. A task that has not run yet has told nothing."""

    def __init__(self, results: Mapping[str, Any]) -> None:
        super().__init__((name, ByRegion(registered)) for name, registered in results.items())

    def __missing__(self, name: str) -> ByRegion:
        return ByRegion(None)


def meant(alike: list[Mapping[str, Any]], name: str | None) -> list[Mapping[str, Any]]:
    """Those of some devices that differ in case of letters at most which the cloud modules take for the one of this name.

    Registered ones go first.
    """
    found = [device for device in alike if device.get("name") == name] or alike
    return sorted(found, key=lambda device: str(device.get("status")).lower() != "registered")


def name_key(name: str | None) -> str:
    """What two spellings of one host name have in common."""
    return str(name or "").strip().casefold()
