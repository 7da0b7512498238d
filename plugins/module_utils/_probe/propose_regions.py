# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Propose regions for servers that appliances list and no region has."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions, region_of_server

from .findings import Findings, offered_servers
from .model import Proposal, Remaining

OTHER_LABELS = {"NAM": "AMERICAS", "US": "AMERICAS", "EU": "EUROPE", "APJ": "APJC"}


def propose_regions(findings: Findings) -> Iterator[Proposal | Remaining]:
    """Yield the region of each unknown server by its label: a region of the settings, or a known one."""
    unknown: dict[tuple[str, str], int] = {}
    for walk in findings.walks:
        for server in offered_servers(walk):
            if region_of_server(server.fqdn) is None:
                key = (server.label.strip(" -:"), server.fqdn)
                unknown[key] = unknown.get(key, 0) + 1
    labels = {region.label.upper(): region for region in all_regions().values()}
    offered = {server.fqdn for walk in findings.walks for server in offered_servers(walk)}
    for (label, fqdn), count in unknown.items():
        region = labels.get(OTHER_LABELS.get(label.upper(), label.upper()))
        same_label = sum(one == label for one, _fqdn in unknown)
        if region is None or same_label > 1 or region.appliance_server in offered:
            yield Remaining(
                "server.unknown",
                f"appliances list the server {label} ({fqdn}), whose region is not certain",
                "if appliances use it, name its region in esa_ctr_regions with its api_url and probe again, or add it to regions "
                "of the profile",
            )
            continue
        place = ("regions", region.name)
        evidence = f"listed with the label {label} by {count} appliance{'s'[: count != 1]}"
        if not region.appliance_server:
            yield Proposal((*place, "label"), label, evidence, "server.unknown")
        yield Proposal((*place, "appliance_server"), fqdn, evidence, f"server.{region.name}")
