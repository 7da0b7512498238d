# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Members of a cluster: registration is per machine, in machine mode (grade A)."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import CommandRefused, Refusal

from .session import Session


async def enter_machine_mode(session: Session) -> None:
    """From wherever the log-in landed to machine mode; a session of a stand-alone appliance stays as it is.

    A log-in at cluster or group level does not say which machine it is on, so the machine is taken from
    ``session.machine``. Raises Refusal for a member that is cut off, CommandRefused where the mode cannot be entered.
    """
    if "[disconnected]" in session.prompt.lower():
        raise Refusal(
            session.host,
            "this member is disconnected from its cluster; what is changed on it now may be lost.",
            "reconnect it (clusterconfig), or take it out of the cluster, then run again.",
        )
    if session.mode in ("standalone", "machine"):
        return
    level = session.mode
    shown = await session.switch_mode(f"clustermode machine {session.machine}")
    if session.mode != "machine" or session.hostname.lower() != session.machine.lower():
        raise CommandRefused(
            session.host,
            f"the log-in lands at {level} level, and machine mode of {session.machine!r} cannot be entered.",
            "set ansible_asyncos_cluster_machine to the name that this machine has in the cluster (clusterconfig list).",
            session.secrets.mask(shown),
        )
