# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands that are restricted to machine mode, and to the machine of the log-in (A)."""

from __future__ import annotations

from tests.lab.appliance.commands.texts import CHOOSE_MACHINE, NOT_VALID, ONLY_HERE, RESTRICTED, SWITCH_MODE
from tests.lab.appliance.model import Appliance
from tests.lab.appliance.session import Command, Session


def machine_only(command: Command) -> Command:
    """Wrap this command so that it offers to switch to machine mode if the session is in another mode (B)."""

    async def restricted(session: Session) -> None:
        local, before = session.appliance, session.mode
        cluster = local.cluster
        if cluster is None:
            await command(session)
            return
        if before.level == "machine":
            chosen = cluster.machine_named(before.name)
        else:
            await session.say("", RESTRICTED)
            if not await session.ask_yes_no(SWITCH_MODE, default=True):
                return
            chosen = await choose_machine(session) if cluster.spec.choose_machine else local
        assert chosen is not None
        refusal = cluster.refusal(chosen) if cluster.spec.out_of_step_refuses else None
        if refusal or chosen is not local:
            await session.say("", refusal or ONLY_HERE)
            return
        session.mode = cluster.mode("machine", local)
        try:
            await command(session)
        finally:
            if cluster.spec.mode_after_switch == "back":
                session.mode = before

    return restricted


async def choose_machine(session: Session) -> Appliance:
    """Ask for one of the members; the local machine is the default (list R)."""
    cluster = session.appliance.cluster
    assert cluster is not None
    machines = cluster.appliances
    names = [machine.spec.hostname for machine in machines]
    default = str(machines.index(session.appliance) + 1)
    while True:
        await session.say("", CHOOSE_MACHINE)
        await session.show_list(*(f"{number}. {name}" for number, name in enumerate(names, 1)))
        answer = await session.ask(f"[{default}]> ") or default
        machine = cluster.machine_named(answer)
        if machine:
            return machine
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(machines):
            return machines[int(answer) - 1]
        await session.say(NOT_VALID)
