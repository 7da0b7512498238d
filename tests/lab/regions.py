# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three regions: the servers of appliances are grade A, the labels in menus grade C."""

from __future__ import annotations

SERVERS = {
    "americas": "api-sse.cisco.com",
    "europe": "api.eu.sse.itd.cisco.com",
    "apjc": "api.apj.sse.itd.cisco.com",
}


def region_of_server(server: str | None) -> str | None:
    """Return the region whose appliances use this server (an FQDN), or None for no server or an unknown server."""
    return next((region for region, fqdn in SERVERS.items() if fqdn == server), None)
