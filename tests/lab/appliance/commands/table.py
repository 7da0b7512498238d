# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of commands of an appliance."""

from __future__ import annotations

from tests.lab.appliance.commands import (
    changes,
    cloudserviceconfig,
    clusterconfig,
    clustermode,
    leave,
    showhelp,
    threatresponseconfig,
    version,
)
from tests.lab.appliance.commands.machine_mode import machine_only
from tests.lab.appliance.model import Appliance
from tests.lab.appliance.session import Command

COMMANDS: dict[str, Command] = {
    "clear": changes.clearchanges,
    "clearchanges": changes.clearchanges,
    "cloudserviceconfig": machine_only(cloudserviceconfig.run),
    "commit": changes.commit,
    "exit": leave.run,
    "help": showhelp.run,
    "quit": leave.run,
    "showchanges": changes.showchanges,
    "version": version.run,
}
IN_A_CLUSTER: dict[str, Command] = {"clusterconfig": clusterconfig.run, "clustermode": clustermode.run}


def commands_of(appliance: Appliance) -> dict[str, Command]:
    """Return the commands by name; generations 1 and 2 have a separate command for Threat Response (R)."""
    commands = dict(COMMANDS)
    if appliance.spec.generation <= 2:
        commands["threatresponseconfig"] = machine_only(threatresponseconfig.run)
    return {**commands, **IN_A_CLUSTER} if appliance.cluster else commands
