# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet of `python -m tests.lab replay`: transcripts, one appliance each, or a whole recording (`esa_ctr_record`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.lab.exchanges import hosts_of, read_exchanges
from tests.lab.fleet import HOST_NAME, Fleet, read_fleet
from tests.lab.fleet_fields import FleetError
from tests.lab.transcript import read_transcript


def fleet_of(files: Sequence[Path]) -> Fleet:
    """Return appliances with the names of their files if these are host names, otherwise numbered."""
    if len(files) == 1 and files[0].is_dir():
        return fleet_of_recording(files[0])
    appliances = []
    names: set[str] = set()
    for number, path in enumerate(files, 1):
        name = path.stem
        if not HOST_NAME.fullmatch(name) or name in names:
            name = f"replay{number}.example.com"
        names.add(name)
        appliances.append({"name": name, "transcript": str(path.absolute())})
    return read_fleet("replay", {"appliances": appliances})


def fleet_of_recording(folder: Path) -> Fleet:
    """Return the appliances and regions of a recording. Each session of an appliance has the next of its transcripts."""
    sessions: dict[str, list[Path]] = {}
    for path in (folder / "dialogue").glob("*.jsonl"):
        sessions.setdefault(path.stem.rsplit("-", 2)[0], []).append(path)
    exchanges, apis = read_exchanges(folder / "cloud"), read_exchanges(folder / "api")
    if not sessions:
        raise FleetError(str(folder), "", "dialogue", "has no recorded session")
    appliances = []
    for name, paths in sorted(sessions.items()):
        paths.sort(key=lambda path: path.stem.rsplit("-", 2)[1])
        home = next((region for region, found in exchanges.items() if name in hosts_of({region: found})), None)
        box = {"name": name, "transcript": str(paths[0].absolute()), "region": home}
        appliances.append({**box, "services": {"rest_api": name in apis}})
    fleet = read_fleet("replay", {"appliances": appliances})
    specs = tuple(
        replace(spec, later=tuple(read_transcript(path) for path in sessions[spec.name][1:]))
        for spec in fleet.appliances
    )
    return replace(fleet, appliances=specs, exchanges={**exchanges, **apis})
