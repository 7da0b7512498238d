# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Find the module type of a product: by the modules of its appliances, or by its title and fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.module_types import (
    NAMES,
    fields_of_kind,
    speaks_of_days,
)

from .findings import Findings
from .model import Proposal, Remaining
from .region import INSTANCES, TYPES

MAIL = re.compile(r"\b(?:e-?mail|mail|message|messaging|smtp)", re.I)
MANAGEMENT = re.compile(r"\b(?:manage|sma\b|central)", re.I)
DAYS = re.compile(r"days", re.I)
Types = list[dict[str, Any]]


def propose_types(
    findings: Findings, product: str, names: Mapping[str, tuple[str, ...]], regions: Sequence[str]
) -> Iterator[Proposal | Remaining]:
    """Yield the module type of a product for each of these regions. ``names`` are those of the fields of SSE."""
    for region in regions:
        if not any(walk.product.lower() == product for walk in findings.walks_of(region)):
            continue
        types = findings.regions[region].records(TYPES)
        candidates = [one for one in types if _device_keys(one) and _days_keys(one)]
        used = _used_by_appliances(findings, region, product, names)
        by_use = [one for one in candidates if one.get("id") in used]
        by_title = [one for one in candidates if _speaks_of(one, product)]
        chosen, evidence = (by_use, f"a module of this type belongs to the device of an {product.upper()}")
        if len(chosen) != 1:
            chosen, evidence = by_title, "the only type with a device field and a days field whose title speaks of mail"
            if product == "sma":
                evidence += " and management"
        if len(chosen) != 1:
            yield _remaining(product, region, candidates)
            continue
        yield from _keys(product, region, chosen[0], evidence, types)


def _keys(
    product: str, region: str, chosen: dict[str, Any], evidence: str, types: Types
) -> Iterator[Proposal | Remaining]:
    place = ("module_types", region, product)
    title = next((str(chosen[name]) for name in NAMES if chosen.get(name)), "")
    same = [one for one in types if any(one.get(name) == title for name in NAMES)]
    how = ("title", title) if title and len(same) == 1 else ("id", str(chosen.get("id")))
    yield Proposal((*place, how[0]), how[1], evidence, f"title.{product}")
    devices, days = _device_keys(chosen), _days_keys(chosen)
    if len(devices) == 1 and len(days) == 1:
        yield Proposal((*place, "device_key"), devices[0], "its only setting of the type device", "setting.device")
        yield Proposal((*place, "timeframe_key"), days[0], "its only whole number that speaks of days", "setting.days")
    else:
        yield Remaining(
            "setting.device",
            f"the module type {title} in {region} has several device or days settings",
            f"set module_types.{region}.{product}.device_key and timeframe_key in the profile",
        )


def _used_by_appliances(
    findings: Findings, region: str, product: str, names: Mapping[str, tuple[str, ...]]
) -> set[str]:
    """Return the ids of the types of modules that have the device of an appliance of this product in their settings."""
    ids = {
        row.text(name)
        for row in findings.records
        if row.region == region and row.walk is not None and row.walk.product.lower() == product
        for name in names["id"]
    } - {""}
    instances = findings.regions[region].records(INSTANCES)
    return {
        str(one.get("module_type_id"))
        for one in instances
        if isinstance(one.get("settings"), dict) and ids & {str(value) for value in one["settings"].values()}
    }


def _device_keys(one: dict[str, Any]) -> list[str]:
    return [str(field["key"]) for field in fields_of_kind(one, "device")]


def _days_keys(one: dict[str, Any]) -> list[str]:
    numbers = fields_of_kind(one, "integer")
    spoken = [str(field["key"]) for field in numbers if speaks_of_days(field) or DAYS.search(_said(field))]
    return spoken or ([str(numbers[0]["key"])] if len(numbers) == 1 else [])


def _said(field: dict[str, Any]) -> str:
    return f"{field.get('label') or ''} {field['key']}"


def _speaks_of(one: dict[str, Any], product: str) -> bool:
    titles = " ".join(str(one[name]) for name in NAMES if one.get(name))
    return bool(MAIL.search(titles)) and bool(MANAGEMENT.search(titles)) == (product == "sma")


def _remaining(product: str, region: str, candidates: Types) -> Remaining:
    titles = "; ".join(str(one.get("title") or one.get("id")) for one in candidates)[:300] or "none"
    return Remaining(
        f"title.{product}",
        f"the module type of an {product.upper()} in {region} is not certain; types with a device and days: {titles}",
        f"set module_types.{region}.{product}.title (or id) in the profile",
    )
