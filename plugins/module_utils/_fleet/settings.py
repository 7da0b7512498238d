# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What the inventory wants of each appliance, and what is wrong with it before any write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS, region_of_api

from .by_region import ByRegion
from .portal_tokens import FILE, TOKENS

PER_HOST = (
    "esa_ctr_region",
    "esa_ctr_module_name",
    "esa_ctr_request_timeframe_days",
    "esa_ctr_managed_by_sma",
    "esa_ctr_hosted",
    "esa_ctr_commit_comment",
    "esa_ctr_allow_region_change",
    TOKENS,
    FILE,
)
DEFAULT_TIMEFRAME_DAYS = 30
TRUE = ("true", "yes", "1", "on", "y", "t")


def settings_of(host: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of one host from its variables (those of PER_HOST that it has, evaluated)."""
    days = variables.get("esa_ctr_request_timeframe_days")
    return {
        "region": _text(variables.get("esa_ctr_region")),
        "module_name": _text(variables.get("esa_ctr_module_name")) or host,
        "request_timeframe_days": DEFAULT_TIMEFRAME_DAYS if days is None else days,
        "managed_by_sma": _text(variables.get("esa_ctr_managed_by_sma")),
        "hosted": str(variables.get("esa_ctr_hosted", False)).lower() in TRUE,
        "commit_comment": str(variables.get("esa_ctr_commit_comment") or ""),
        "allow_region_change": str(variables.get("esa_ctr_allow_region_change", False)).lower() in TRUE,
        "by_hand": any(bool(variables.get(name)) for name in (TOKENS, FILE)),
    }


def check_settings(
    settings: Mapping[str, Mapping[str, Any]],
    regions: Mapping[str, Mapping[str, Any]],
    environment: Mapping[str, str],
    allow_managed: bool = False,
) -> list[str]:
    """What must be mended before anything is written: one sentence per problem, with host or region and remedy.

    ``allow_managed`` says that ESAs which are to be integrated through their SMA are no problem; ``regions`` is the
    variable esa_ctr_regions; ``environment`` may hold CTR_CLIENT_ID and CTR_CLIENT_PASSWORD.
    """
    problems = []
    for host, wanted in settings.items():
        problems += _host_problems(host, wanted)
        if not allow_managed:
            problems += _managed_problems(host, wanted, settings)
    names = Counter((wanted["region"], wanted["module_name"]) for wanted in settings.values())
    for (region, name), count in names.items():
        if count > 1:
            problems.append(
                f"{region}: {count} appliances would get the module name {name!r}. "
                "Remedy: set esa_ctr_module_name per host in the inventory."
            )
    for region in sorted(set(regions) - set(REGIONS)):
        problems.append(f"esa_ctr_regions: unknown region {region!r}. Remedy: use one of {', '.join(REGIONS)}.")
    for region in regions_in_use(settings):
        problems += _region_problems(region, regions.get(region) or {}, environment)
    return problems


def smas_elsewhere(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """By region, the SMAs that manage an ESA of the play and are not in the play themselves."""
    found: dict[str, list[str]] = {}
    for wanted in settings.values():
        sma, region = wanted["managed_by_sma"], wanted["region"]
        if sma and sma not in settings and region in REGIONS and sma not in found.setdefault(region, []):
            found[region].append(sma)
    return found


def sma_notes(settings: Mapping[str, Any], devices: Mapping[str, Any] | None) -> list[str]:
    """Which of those SMAs SSE shows as registered; ``devices`` is sse_device_facts looped over their regions."""
    notes = []
    by_region = ByRegion(devices)
    for region, names in settings["smas_elsewhere"].items():
        facts = by_region.value(region, "ansible_facts") or {}
        registered = {shown["name"] for shown in facts.get("sse_devices") or [] if shown["status"] == "Registered"}
        for name in names:
            if by_region.error(region):
                notes.append(
                    f"{name}: cannot tell whether this SMA is registered in {region}: {by_region.error(region)}"
                )
            elif name in registered:
                notes.append(f"{name}: this SMA is registered in {region}; its ESAs are integrated through it.")
            else:
                notes.append(
                    f"{name}: this SMA is neither in the play nor registered in {region}. Remedy: onboard it; its ESAs are "
                    "integrated through it."
                )
    return notes


def regions_in_use(settings: Mapping[str, Mapping[str, Any]]) -> list[str]:
    used = {wanted["region"] for wanted in settings.values()}
    return [name for name in REGIONS if name in used]


def regions_to_read(
    settings: Mapping[str, Mapping[str, Any]],
    regions: Mapping[str, Mapping[str, Any]],
    environment: Mapping[str, str],
    problems: list[str],
) -> list[str]:
    """The regions whose devices are read before everything: all with an account, and with problems only those of SMAs.

    Regions that no appliance of the play uses are among them, because a device of the same name in another region is
    to be reported.
    """
    used = regions_in_use(settings)
    with_account = [
        name
        for name in REGIONS
        # The account of the environment is of a region in use, whichever that is.
        if not _region_problems(name, regions.get(name) or {}, environment if name in used else {})
    ]
    if problems:
        return [name for name in with_account if name in smas_elsewhere(settings)]
    return with_account


def _host_problems(host: str, wanted: Mapping[str, Any]) -> list[str]:
    problems = []
    region = wanted["region"]
    if region is None:
        problems.append(
            f"{host}: esa_ctr_region is not set. Remedy: set it for the host or its group, one of {', '.join(REGIONS)}."
        )
    elif region not in REGIONS:
        problems.append(
            f"{host}: unknown region {region!r}. Remedy: set esa_ctr_region to one of {', '.join(REGIONS)}."
        )
    days = wanted["request_timeframe_days"]
    if not str(days).isdigit() or not 1 <= int(days) <= 365:
        problems.append(
            f"{host}: esa_ctr_request_timeframe_days is {days!r}. Remedy: give a whole number of days from 1 to 365."
        )
    return problems


def _managed_problems(host: str, wanted: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    problems = []
    if wanted["managed_by_sma"]:
        sma = wanted["managed_by_sma"]
        where = "which is in this play" if sma in settings else "which is not in this play"
        problems.append(
            f"{host}: is managed by the SMA {sma}, {where}, so it is integrated through that SMA only. "
            "Remedy: take the ESA out of the play and integrate the SMA."
        )
    elif wanted["hosted"]:
        problems.append(
            f"{host}: is hosted by the vendor (CES), so it is integrated through its SMA only. "
            "Remedy: take the ESA out of the play, integrate its SMA, and name that in esa_ctr_managed_by_sma."
        )
    return problems


def _region_problems(region: str, account: Mapping[str, Any], environment: Mapping[str, str]) -> list[str]:
    problems = []
    for key in ("client_id", "client_password"):
        if not account.get(key) and not environment.get(f"CTR_{key.upper()}"):
            problems.append(
                f"{region}: no {key} for this region, which appliances of the play use. "
                f"Remedy: set esa_ctr_regions.{region}.{key} (in a vault), or CTR_{key.upper()} in the environment."
            )
    owner = region_of_api(str(account.get("api_url") or ""))
    if owner is not None and owner.name != region:
        problems.append(
            f"{region}: api_url {account['api_url']} belongs to the region {owner.name}. "
            f"Remedy: leave out esa_ctr_regions.{region}.api_url, or use {REGIONS[region].api_url}."
        )
    return problems


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "", False) else None
