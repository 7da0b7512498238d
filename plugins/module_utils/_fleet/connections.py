# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Find hosts of a play without the connection of an appliance."""

from __future__ import annotations

from collections.abc import Mapping

from .problems import Kind, Problem, named

ASYNCOS = "emailsec.ctr.asyncos"


def not_asyncos(connections: Mapping[str, tuple[str, bool]]) -> list[Problem]:
    """Return one problem for all hosts. ``connections``: by host, its connection and whether a variable sets it."""
    if not connections:
        return []
    by_connection: dict[str, list[str]] = {}
    for host, (connection, given) in connections.items():
        what = f"ansible_connection: {connection}" if given else f"ansible_connection not set, so {connection}"
        by_connection.setdefault(what, []).append(host)
    found = "; ".join(f"{named(hosts)} ({what})" for what, hosts in by_connection.items())
    count = "1 host of the play does" if len(connections) == 1 else f"{len(connections)} hosts of the play do"
    return [
        Problem(
            Kind.CONNECTION,
            "ansible_connection",
            f"{count} not use {ASYNCOS}: {found}",
            f"for appliances, set ansible_connection: {ASYNCOS} in the vars of their group. Exclude other hosts with -e "
            "esa_ctr_hosts=GROUP or --limit GROUP.",
        )
    ]
