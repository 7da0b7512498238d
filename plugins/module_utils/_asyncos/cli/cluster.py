# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Enter machine mode on cluster members: each machine is registered separately (grade A)."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import CommandRefused, Refusal

from .session import Session


async def enter_machine_mode(session: Session) -> None:
    """Enter machine mode. A session of a stand-alone appliance is unchanged.

    The prompt at cluster or group level does not show the machine, so its name comes from ``session.machine``.
    Raises Refusal if the machine is disconnected from its cluster, CommandRefused if the mode cannot be entered.
    """
    if "[disconnected]" in session.prompt.lower():
        raise Refusal(
            session.host,
            "this machine is disconnected from its cluster, so changes made on it now may be lost.",
            "reconnect it with clusterconfig or remove it from the cluster, then rerun.",
        )
    if session.mode in ("standalone", "machine"):
        return
    level = session.mode
    shown = await session.switch_mode(f"clustermode machine {session.machine}")
    if session.mode != "machine" or session.hostname.lower() != session.machine.lower():
        raise CommandRefused(
            session.host,
            f"the log-in starts at {level} level, and machine mode of {session.machine!r} cannot be entered.",
            "set ansible_asyncos_cluster_machine to the machine's name in the cluster (see clusterconfig list).",
            session.secrets.mask(shown),
        )
