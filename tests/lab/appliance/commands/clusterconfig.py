# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`clusterconfig list` and `clusterconfig connstatus`, inline (B; the form of their output is R)."""

from __future__ import annotations

from tests.lab.appliance.session import Session


async def run(session: Session) -> None:
    """Show the members, or the status of their connections."""
    cluster = session.appliance.cluster
    assert cluster is not None
    asked = [argument.lower() for argument in session.arguments]
    title = f"Cluster {cluster.spec.name}"
    lines = ["", title, "=" * len(title), f"Group {cluster.spec.group}:"]
    for machine in cluster.appliances:
        if asked == ["list"]:
            more = f"(Serial #: {machine.serial})"
        else:
            more = f"({cluster.status(machine).replace('_', ' ')})"
        lines.append(f"        Machine {machine.spec.hostname} {more}")
    if asked in (["list"], ["connstatus"]):
        await session.show_list(*lines, "")
    else:
        await session.say("Invalid arguments when processing: clusterconfig")
