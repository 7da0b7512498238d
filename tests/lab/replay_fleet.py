# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet of `python -m tests.lab replay FILE...`: one appliance for each transcript."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.lab.fleet import HOST_NAME, Fleet, read_fleet


def fleet_of(files: Sequence[Path]) -> Fleet:
    """Return appliances with the names of their files if these are host names, otherwise numbered."""
    appliances = []
    names: set[str] = set()
    for number, path in enumerate(files, 1):
        name = path.stem
        if not HOST_NAME.fullmatch(name) or name in names:
            name = f"replay{number}.example.com"
        names.add(name)
        appliances.append({"name": name, "transcript": str(path.absolute())})
    return read_fleet("replay", {"appliances": appliances})
