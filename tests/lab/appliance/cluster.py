# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster of ESAs: its members, their status, and the modes of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.lab.appliance.mode import Mode
from tests.lab.fleet_clusters import ClusterSpec

if TYPE_CHECKING:
    from tests.lab.appliance.model import Appliance


class Cluster:
    """A cluster, created after its appliances; `appliances` has the order of the members in the fleet file."""

    def __init__(self, spec: ClusterSpec, appliances: list[Appliance]) -> None:
        self.spec = spec
        self.appliances = appliances
        for appliance in appliances:
            appliance.cluster = self

    def machine_named(self, name: str) -> Appliance | None:
        """Return the member with this host name, ignoring case."""
        return next((box for box in self.appliances if box.spec.hostname.lower() == name.lower()), None)

    def status(self, appliance: Appliance) -> str:
        """Return `connected`, `disconnected` or `not_resynchronized`."""
        name = appliance.spec.name
        if name in self.spec.disconnected:
            return "disconnected"
        return "not_resynchronized" if name in self.spec.not_resynchronized else "connected"

    def refusal(self, appliance: Appliance) -> str | None:
        """Return the message if this member is not in sync (B, except the beginning of the sentences)."""
        name = appliance.spec.hostname
        return {
            "connected": None,
            "disconnected": f"Machine {name} is currently disconnected.",
            "not_resynchronized": f"Machine {name} is not yet resynchronized with the cluster after upgrading.",
        }[self.status(appliance)]

    def mode(self, level: str, machine: Appliance) -> Mode:
        """Return the mode of this level for a session on this machine."""
        if level == "machine":
            return Mode("machine", machine.spec.hostname, self.status(machine) == "disconnected")
        return Mode(level, self.spec.group if level == "group" else self.spec.name)

    def login_mode(self, machine: Appliance) -> Mode:
        """Return the mode in which a session on this machine begins."""
        level = machine.spec.dialect.prompt
        if level == "standalone":
            level = self.spec.login_level
        if level == "disconnected" or self.status(machine) == "disconnected":
            level = "machine"
        return self.mode(level, machine)

    def as_json(self) -> dict[str, Any]:
        """Return the cluster for the control interface."""
        return {
            "members": list(self.spec.members),
            "login_level": self.spec.login_level,
            "disconnected": list(self.spec.disconnected),
            "not_resynchronized": list(self.spec.not_resynchronized),
        }


def cluster_of_one(appliance: Appliance) -> Cluster:
    """Return the cluster of an appliance that has a cluster prompt, but is in no cluster of the fleet file."""
    name = appliance.spec.name
    cut_off = (name,) if appliance.spec.dialect.prompt == "disconnected" else ()
    return Cluster(ClusterSpec("Lab", (name,), disconnected=cut_off), [appliance])
