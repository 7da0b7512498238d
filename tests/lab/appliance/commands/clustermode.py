# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`clustermode machine HOST`, `clustermode group NAME`, `clustermode cluster`, inline (B; the output is R)."""

from __future__ import annotations

from tests.lab.appliance.cluster import Cluster
from tests.lab.appliance.mode import Mode
from tests.lab.appliance.session import Session


async def run(session: Session) -> None:
    """Change the mode of this session, which the prompt shows."""
    cluster = session.appliance.cluster
    assert cluster is not None
    level, name = (session.arguments[0].lower(), " ".join(session.arguments[1:])) if session.arguments else ("", "")
    if level == "machine" and name:
        mode, problem = _machine(session, cluster, name)
    elif level in ("group", "cluster") and (name or level == "cluster"):
        mode = cluster.mode(level, session.appliance)
        problem = cluster.refusal(session.appliance)
        if name and name.lower() != mode.name.lower():
            problem = f"Not a valid {level}: {name}"
    else:
        mode, problem = None, "Invalid arguments when processing: clustermode"
    if problem or mode is None:
        await session.say(problem or "")
    else:
        session.mode = mode


def _machine(session: Session, cluster: Cluster, name: str) -> tuple[Mode | None, str | None]:
    """Return the mode of this machine, or the refusal of this or of the local machine."""
    machine = cluster.machine_named(name)
    if machine is None:
        return None, f"Not a valid machine: {name}"
    mode = cluster.mode("machine", machine)
    if machine is session.appliance:
        return mode, None
    return mode, cluster.refusal(machine) or cluster.refusal(session.appliance)
