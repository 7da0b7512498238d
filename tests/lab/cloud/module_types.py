# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module types of each region.

Field names are those of the vendor's description (A). Ids and settings keys are not published, so they are invented
and differ per region: clients must discover them. The titles are those of known brandings (A).
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any

from tests.lab.cloud.clock import utc_text

Record = dict[str, Any]


@dataclass(frozen=True)
class Branding:
    """The title of a product's type in a region, and its invented settings keys."""

    title: str
    default_name: str
    former_title: str | None
    device_key: str
    days_key: str


ESA = {
    "americas": Branding(
        "Secure Email Gateway", "Secure Email Gateway", "Email Security Appliance", "device_id", "request_timeframe"
    ),
    "europe": Branding("Email Security Appliance", "Email Security Appliance", None, "custom_device", "days"),
    "apjc": Branding(
        "Cisco Secure Email", "Secure Email Gateway", "Email Security Appliance", "sse-device", "timeframe_in_days"
    ),
}
SMA = {
    "americas": Branding(
        "Secure Email and Web Manager", "Secure Email and Web Manager", "SMA Email", "sma_device", "request_timeframe"
    ),
    "europe": Branding("SMA Email", "SMA Email", None, "registered_device", "number-of-days"),
    "apjc": Branding("Secure Email and Web Manager", "SMA Email", None, "device", "period"),
}


@dataclass(frozen=True)
class TypeEntry:
    """A module type record, and the product whose appliances it supports (None: none)."""

    record: Record
    product: str | None = None


def module_types(region: str, org_id: str, user_id: str, client_id: str) -> dict[str, TypeEntry]:
    """Return the module types of this region by id."""

    def make(title: str, default_name: str, former_title: str | None, spec: list[Record]) -> Record:
        record = {
            "id": str(uuid.uuid4()),
            "title": title,
            "default_name": default_name,
            "short_description": f"The integration of {title}.",
            "record": "relay.RelayModule",
            "configuration_spec": spec,
            "enabled": True,
            "visibility": "global",
            "org_id": org_id,
            "user_id": user_id,
            "client_id": client_id,
            "created_at": utc_text(time.time()),
        }
        if former_title:
            record["former_title"] = former_title
        return record

    def branded(branding: Branding) -> Record:
        spec = [
            _field(branding.device_key, "device", "Registered Device", required=True),
            _field(branding.days_key, "integer", "Request Timeframe (days)", default_value=30),
        ]
        return make(branding.title, branding.default_name, branding.former_title, spec)

    web = make(
        "Secure Web Appliance",
        "Secure Web Appliance",
        "Web Security Appliance",
        [
            _field("device_id", "device", "Registered Device", required=True),
            _field("request_timeframe", "integer", "Request Timeframe (days)", default_value=30),
        ],
    )
    sma_web = make("SMA Web", "SMA Web", None, [_field("wsa_device", "device", "Registered Device", required=True)])
    file_reputation = make(
        "File Reputation Example", "File Reputation", None, [_field("key", "api_key", "API Key", required=True)]
    )
    endpoint = make(
        "Endpoint Example",
        "Endpoint",
        None,
        [
            _field("url", "remote", "URL", required=True),
            _field("secret", "password", "API Secret", required=True),
            _field("verify", "boolean", "Verify certificates", default_value=True),
            {
                **_field("cloud", "options", "Cloud"),
                "options": [{"value": "one", "label": "Cloud One"}, {"value": "two", "label": "Cloud Two"}],
                "strict-options": True,
            },
        ],
    )
    entries = [
        TypeEntry(file_reputation),
        TypeEntry(web),
        TypeEntry(branded(SMA[region]), "SMA"),
        TypeEntry(endpoint),
        TypeEntry(branded(ESA[region]), "ESA"),
        TypeEntry(sma_web),
    ]
    return {entry.record["id"]: entry for entry in entries}


def _field(key: str, kind: str, label: str, required: bool = False, default_value: Any = None) -> Record:
    field: Record = {"key": key, "type": kind, "label": label, "required": required}
    if default_value is not None:
        field["default_value"] = default_value
    return field
