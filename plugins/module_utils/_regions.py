# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The regions, with their names and addresses.

Source: the region tables in the vendor's procedure and API documentation (grade A for appliance servers and API
addresses, C for the portals of EUROPE and APJC).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ._active_profile import active


@dataclass(frozen=True)
class Region:
    """A region: its name in options, its label in the portals, and its addresses.

    ``aliases``: other accepted names. ``api_url`` and ``portal_url`` are empty if a profile defines the region without them.
    """

    name: str
    aliases: tuple[str, ...]
    label: str
    appliance_server: str
    api_url: str
    portal_url: str


KNOWN_REGIONS = {
    region.name: region
    for region in (
        Region(
            name="americas",
            aliases=("us", "nam"),
            label="AMERICAS",
            appliance_server="api-sse.cisco.com",
            api_url="https://visibility.amp.cisco.com",
            portal_url="https://admin.sse.itd.cisco.com",
        ),
        Region(
            name="europe",
            aliases=("eu",),
            label="EUROPE",
            appliance_server="api.eu.sse.itd.cisco.com",
            api_url="https://visibility.eu.amp.cisco.com",
            portal_url="https://admin.eu.sse.itd.cisco.com",
        ),
        Region(
            name="apjc",
            aliases=("apj",),
            label="APJC",
            appliance_server="api.apj.sse.itd.cisco.com",
            api_url="https://visibility.apjc.amp.cisco.com",
            portal_url="https://admin.apj.sse.itd.cisco.com",
        ),
    )
}


def all_regions() -> dict[str, Region]:
    """Return the regions by name: those that are known, changed and extended by the profile."""
    changed = active().regions
    if not changed:
        return KNOWN_REGIONS
    names = [*KNOWN_REGIONS, *(name for name in changed if name not in KNOWN_REGIONS)]
    return {name: _changed(KNOWN_REGIONS.get(name), name, changed.get(name, {})) for name in names}


def _changed(region: Region | None, name: str, changes: Mapping[str, Any]) -> Region:
    known = region or Region(name, (), name.upper(), "", "", "")
    aliases = (*known.aliases, *changes.get("aliases", ()))
    return replace(known, **{**changes, "aliases": aliases})


def canonical_region(name: Any) -> str | None:
    """Return the region name for a name or alias, not case-sensitive, or None for another value."""
    key = name.strip().lower() if isinstance(name, str) else None
    return next((region.name for region in all_regions().values() if key in (region.name, *region.aliases)), None)


def region_of_server(server: str | None) -> Region | None:
    """Return the region of this appliance server (an FQDN), or None if the server is unknown."""
    for region in all_regions().values():
        if server and region.appliance_server == server.strip().lower():
            return region
    return None


def region_of_api(api_url: str) -> Region | None:
    """Return the region of this API address, or None if its host is unknown."""
    host = (urlsplit(api_url).hostname or "").rstrip(".")
    for region in all_regions().values():
        if host and host == urlsplit(region.api_url).hostname:
            return region
    return None
