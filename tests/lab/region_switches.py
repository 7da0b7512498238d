# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switches that break a region: the `regions:` of a fleet file, which can also be set while the lab runs."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from tests.lab.fleet_fields import Fields
from tests.lab.regions import SERVERS

HEALTH = ("ok", "error", "unknown")


@dataclass(frozen=True)
class RegionSwitches:
    """The switches of a region. None: use the settings of the fleet file. Times are in seconds."""

    scopes: tuple[str, ...] | None = None
    """OAuth2 scopes of the API client; may be empty."""
    rate_limit: int | None = None
    """Requests per rolling 60 minutes."""
    quota_used_up: bool = False
    """Whether every request is answered 429, because other clients of the organisation used up the quota (A)."""
    ctr_enabled: bool = True
    """Whether Threat Response is enabled in SSE, Cloud Services (A); otherwise no device can be selected for a module,
    and selected devices find nothing (I)."""
    types_renamed: bool = False
    """Whether the module types of appliances have unknown titles (C: the vendor renames products)."""
    token_seconds: float | None = None
    """Lifetime of registration tokens, whatever the client requests; 0: they expire at once."""
    access_token_seconds: float | None = None
    """Lifetime of OAuth2 access tokens."""
    clock_ahead: float = 0.0
    """Seconds by which the clock of the region is ahead."""
    clock_behind: float = 0.0
    """Seconds by which the clock of the region is behind."""


def read_regions(top: Fields) -> dict[str, RegionSwitches]:
    """Return the `regions:` of a fleet file."""
    regions = top.inner("regions", set(SERVERS))
    return {region: read_region(regions, region, RegionSwitches()) for region in regions.mapping}


def read_region(given: Fields, key: str, before: RegionSwitches) -> RegionSwitches:
    """Return the switches in this field, on top of the previous ones."""
    inner = given.inner(key, {field.name for field in fields(RegionSwitches)})
    scopes = before.scopes
    if inner.mapping.get("scopes") is not None:
        scopes = () if inner.mapping["scopes"] == [] else inner.texts("scopes", None)
    return replace(
        before,
        scopes=scopes,
        rate_limit=inner.whole("rate_limit", before.rate_limit, 1, 1_000_000),
        quota_used_up=inner.flag("quota_used_up", before.quota_used_up),
        types_renamed=inner.flag("types_renamed", before.types_renamed),
        ctr_enabled=inner.flag("ctr_enabled", before.ctr_enabled),
        token_seconds=inner.seconds("token_seconds", before.token_seconds),
        access_token_seconds=inner.seconds("access_token_seconds", before.access_token_seconds),
        clock_ahead=inner.seconds("clock_ahead", before.clock_ahead),
        clock_behind=inner.seconds("clock_behind", before.clock_behind),
    )
