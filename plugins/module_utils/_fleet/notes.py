# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What a report says below its table, because it concerns no single appliance of the play."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .by_region import ByRegion, Told
from .rows import Row


def notes_of(rows: Iterable[Row], told: Told, orphans: Mapping[str, Mapping[str, Any]], check_mode: bool) -> list[str]:
    """Sentences. ``told`` and ``orphans`` are what the tasks have registered, as for fleet_state."""
    regions = {row["region"] for row in rows}
    return [
        *_unread(regions, told["devices"]),
        *_left_over(told["portal_tokens"]),
        *_pruned(orphans, told, check_mode),
    ]


def _unread(regions: set[str], devices: ByRegion) -> list[str]:
    """Regions that no appliance of the play uses: whether a device of an appliance's name is there is not known."""
    return [
        f"{region}: its devices could not be read, so that one of the name of an appliance here may stand there, too: "
        f"{devices.error(region)}"
        for region in devices.regions
        if region not in regions and devices.error(region)
    ]


def _left_over(portal_tokens: ByRegion) -> list[str]:
    """By count, because the values are secrets."""
    notes = []
    for region in portal_tokens.regions:
        left, given = (portal_tokens.value(region, key) or 0 for key in ("left_over", "given"))
        if left:
            notes.append(f"{region}: {left} of {given} registration tokens of the portal were not used in this run.")
    return notes


def _pruned(orphans: Mapping[str, Mapping[str, Any]], told: Told, check_mode: bool) -> list[str]:
    notes = []
    done = "would be removed" if check_mode else "was removed"
    modules, records = (told[key] for key in ("pruned_modules", "pruned_records"))
    for region, found in orphans.items():
        listed = {device["id"]: device for key in ("orphans", "duplicates") for device in found[key]}
        for what, answers, key in (("CTR module", modules, "modules"), ("SSE record", records, "devices")):
            rows = answers.value(region, key) or []
            for row in rows:
                listed.pop(row["id"], None)
                if row["action"] == "deleted":
                    notes.append(f"{region}: {what} {row['name']} ({row['id']}) {done}.")
                elif row.get("error"):
                    notes.append(f"{region}: {what} {row['name']} ({row['id']}) is still there: {row['error']}")
            if answers.error(region) and not rows:
                notes.append(f"{region}: no {what} was removed: {answers.error(region)}")
        notes += [
            f"{region}: SSE record {device['name']} ({device['id']}, {device['status']}) was left: "
            f"{_why_left(device, found)}"
            for device in listed.values()
        ]
    return notes


def _why_left(device: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    if not device["removable"]:
        claimed = "its name stands twice" if device in found["duplicates"] else "no appliance claims it"
        return f"{claimed}, but it is not certain that it is a leftover. Look at it in the SSE portal."
    return (
        f"{found['unproven']}. Run without --limit, with all appliances reachable."
        if found["unproven"]
        else "not tried."
    )
