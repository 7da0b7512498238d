# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. All field names and status words of iroh-sse.

iroh-sse is not documented. The paths are from the vendor's Python client (grade A); the fields are from screenshots of
the portal (S) or inferred (I). Correct them only here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import field_names

from .errors import FieldMissing

DEVICES_PATH = "/iroh/iroh-sse/device"
LARGEST_PAGE = 1000

ID = "id"
NAME = "name"
TYPE = "type"
VERSION = "version"
STATUS = "status"
DESCRIPTION = "description"
IP_ADDRESS = "ipAddress"
CONNECTOR_VERSION = "connectorVersion"
CREATED = "created"
TOKEN = "token"
TOKEN_LIFETIME = "tokenExpiry"
TOKEN_EXPIRES = "expiresAt"

# Statuses, in lower case. "Registered" is in the portal (S); the others are inferred (I).
REGISTERED = "registered"
AWAITS_TOKEN = ("pending", "unregistered")

# The lifetimes that the portal offers (S), in seconds.
LIFETIMES = {
    "1h": 3600,
    "2h": 7200,
    "4h": 14400,
    "6h": 21600,
    "8h": 28800,
    "12h": 43200,
    "1d": 86400,
    "2d": 172800,
    "3d": 259200,
    "4d": 345600,
    "5d": 432000,
}


@dataclass(frozen=True)
class Device:
    """A device record of SSE: all strings as the API sent them, None if missing."""

    id: str
    name: str
    status: str
    type: str | None = None
    version: str | None = None
    description: str | None = None
    ip_address: str | None = None
    connector_version: str | None = None
    created: str | None = None

    @property
    def registered(self) -> bool:
        return self.status.lower() == REGISTERED

    @property
    def awaits_token(self) -> bool:
        return self.status.lower() in AWAITS_TOKEN


@dataclass(frozen=True)
class Token:
    """A registration token. ``token`` is secret, and not part of the repr."""

    token: str
    expires_at: str

    def __repr__(self) -> str:
        return f"<Token until {self.expires_at}>"


def device_path(device_id: str) -> str:
    """Return the path of one device."""
    return f"{DEVICES_PATH}/{device_id}"


def token_path(device_id: str) -> str:
    """Return the path that issues a new token for a device."""
    return f"{DEVICES_PATH}/{device_id}/token"


def device_from_api(record: Any, request: str) -> Device:
    """Return the device in the answer to ``request`` (method and path). Raise FieldMissing."""
    return Device(
        id=required_text(record, ID, "device", request),
        name=required_text(record, NAME, "device", request),
        status=required_text(record, STATUS, "device", request),
        type=_optional_text(record, TYPE),
        version=_optional_text(record, VERSION),
        description=_optional_text(record, DESCRIPTION),
        ip_address=_optional_text(record, IP_ADDRESS),
        connector_version=_optional_text(record, CONNECTOR_VERSION),
        created=_optional_text(record, CREATED),
    )


def token_from_api(record: Any, request: str) -> Token:
    """Return the token in the answer to ``request`` (method and path). Raise FieldMissing."""
    return Token(
        token=required_text(record, TOKEN, "registration token", request),
        expires_at=required_text(record, TOKEN_EXPIRES, "registration token", request),
    )


def device_from_facts(facts: dict[str, Any]) -> Device:
    """Return the device in an entry of C(ansible_facts.sse_devices) of sse_device_facts. Raise FieldMissing."""
    request = "GET known_devices"
    others = [field.name for field in fields(Device) if field.name not in ("id", "name", "status")]
    return Device(
        id=required_text(facts, "id", "known device", request),
        name=required_text(facts, "name", "known device", request),
        status=required_text(facts, "status", "known device", request),
        **{name: _optional_text(facts, name) for name in others},
    )


def token_of_new_device(record: Any) -> str | None:
    """Return the registration token in the answer that added a device, or None."""
    token = record.get(TOKEN) if isinstance(record, dict) else None
    return token if isinstance(token, str) else None


def new_device(name: str, lifetime: int, description: str | None = None) -> dict[str, Any]:
    """Return the body that adds a device. ``lifetime`` is the lifetime of its registration token, in seconds."""
    body: dict[str, Any] = {NAME: name, TOKEN_LIFETIME: lifetime}
    return body if description is None else {**body, DESCRIPTION: description}


def new_description(description: str) -> dict[str, Any]:
    """Return the body that changes the description of a device."""
    return {DESCRIPTION: description}


def new_token(lifetime: int) -> dict[str, Any]:
    """Return the body that requests a new token."""
    return {TOKEN_LIFETIME: lifetime}


def required_text(record: Any, field: str, of_what: str, request: str) -> str:
    """Return a required string field. Raise FieldMissing, which shows names of fields, never values."""
    method, path = request.split(" ", 1)
    if not isinstance(record, dict):
        raise FieldMissing(
            f'a {of_what} must be an object with the field "{field}", but is of type {_kind(record)}',
            field=field,
            method=method,
            path=path,
        )
    value = record.get(field)
    if isinstance(value, str) and value:
        return value
    kinds = field_names({f"{name} ({_kind(kind)})": None for name, kind in record.items()})
    state = f"is of type {_kind(value)}, but must be a string" if field in record else "is missing"
    if value == "":
        state = "is empty"
    raise FieldMissing(
        f'the field "{field}" of a {of_what} {state}; fields in the answer: {kinds}',
        field=field,
        method=method,
        path=path,
        fix="report this message to the maintainers of the collection; the API differs from the known form",
    )


def _optional_text(record: dict[str, Any], field: str) -> str | None:
    value = record.get(field)
    return None if value is None else str(value)


def _kind(value: Any) -> str:
    kinds = {dict: "object", list: "list", str: "string", bool: "boolean", int: "number", float: "number"}
    return "null" if value is None else kinds.get(type(value), type(value).__name__)
