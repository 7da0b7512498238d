# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`version` (C, D): order and additional lines vary on real appliances."""

from __future__ import annotations

from tests.lab.appliance.session import Session


async def run(session: Session) -> None:
    """Show product, model, version and serial number."""
    spec = session.appliance.spec
    lines = ["Current Version", "==============="]
    if spec.generation >= 3:
        lines.append(f"Product: {session.model_text}")
    lines += [
        f"Model: {spec.model}",
        f"Version: {spec.version}",
        "Build Date: 2021-11-16",
        "Install Date: 2022-03-04 09:12:51",
        f"Serial #: {session.appliance.serial}",
        "BIOS: 6.00",
    ]
    if spec.generation >= 2:
        lines += ["CPUs: 4 expected, 4 allocated", "Memory: 8192 MB expected, 8192 MB allocated"]
    lines += ["RAID: NA", "RAID Status: Unknown", "RAID Type: NA", "BMC: NA", ""]
    await session.show_list(*lines)
