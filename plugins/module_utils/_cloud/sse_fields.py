# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. All field names and status words of iroh-sse.

iroh-sse is not documented. The paths are from the vendor's Python client (grade A); the fields are from screenshots of
the portal (S) or inferred (I). A profile gives other names; a name with dots is a path into the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import active
from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import field_names
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import RUN_PROBE

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

FIELDS = {
    "id": ID,
    "name": NAME,
    "type": TYPE,
    "version": VERSION,
    "status": STATUS,
    "description": DESCRIPTION,
    "ip_address": IP_ADDRESS,
    "connector_version": CONNECTOR_VERSION,
    "created": CREATED,
    "token": TOKEN,
    "token_expires": TOKEN_EXPIRES,
}
"""The fields that are read, by the id that a profile uses."""
SENT = {"name": NAME, "description": DESCRIPTION, "token_lifetime": TOKEN_LIFETIME}
"""The fields that are sent, by the id that a profile uses."""

_INFERRED = ("token_lifetime", "token_expires")

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
        return self.status.lower() in (REGISTERED, *active().statuses.get("registered", ()))

    @property
    def awaits_token(self) -> bool:
        return self.status.lower() in (*AWAITS_TOKEN, *active().statuses.get("awaits_token", ()))


REQUIRED = ("id", "name", "status")
"""The fields that every device has."""
_OPTIONAL = tuple(field.name for field in fields(Device) if field.name not in REQUIRED)


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
    return _device(record, names_of, "device", request)


def token_from_api(record: Any, request: str) -> Token:
    """Return the token in the answer to ``request`` (method and path). Raise FieldMissing."""
    return Token(
        token=required_text(record, names_of("token"), "registration token", request),
        expires_at=required_text(record, names_of("token_expires"), "registration token", request),
    )


def device_from_facts(facts: dict[str, Any]) -> Device:
    """Return the device in an entry of C(ansible_facts.sse_devices) of sse_device_facts. Raise FieldMissing."""
    request = "GET known_devices"
    return _device(facts, lambda field: (field,), "known device", request)


def _device(record: Any, names: Callable[[str], tuple[str, ...]], of_what: str, request: str) -> Device:
    required = {field: required_text(record, names(field), of_what, request) for field in REQUIRED}
    optional: dict[str, Any] = {field: _optional_text(record, names(field)) for field in _OPTIONAL}
    return Device(**required, **optional)


def token_of_new_device(record: Any) -> str | None:
    """Return the registration token in the answer that added a device, or None."""
    token = value_of(record, names_of("token"))
    return token if isinstance(token, str) else None


def new_device(name: str, lifetime: int, description: str | None = None) -> dict[str, Any]:
    """Return the body that adds a device. ``lifetime`` is the lifetime of its registration token, in seconds."""
    body: dict[str, Any] = {_sent("name"): name, **new_token(lifetime)}
    return body if description is None else {**body, **new_description(description)}


def new_description(description: str) -> dict[str, Any]:
    """Return the body that changes the description of a device."""
    return {_sent("description"): description}


def new_token(lifetime: int) -> dict[str, Any]:
    """Return the body that requests a new token."""
    return {_sent("token_lifetime"): lifetime}


def grade_of(field: str) -> str:
    """Return the grade of a field (an id of FIELDS or SENT): S if the portal shows it, I if it is inferred."""
    return "I" if field in _INFERRED else "S"


def names_of(field: str) -> tuple[str, ...]:
    """Return the names of a field (an id of FIELDS), in the order in which they are tried."""
    return active().fields.get(field, (FIELDS[field],))


def value_of(record: Any, names: tuple[str, ...]) -> Any:
    """Return the value of the first of these names that the record has, or None."""
    return next((value for value in (_at(record, name) for name in names) if value is not None), None)


def _at(record: Any, name: str) -> Any:
    for part in name.split("."):
        record = record.get(part) if isinstance(record, dict) else None
    return record


def _sent(field: str) -> str:
    return active().sends.get(field, SENT[field])


def required_text(record: Any, names: tuple[str, ...], of_what: str, request: str) -> str:
    """Return a required string field. Raise FieldMissing, which shows names of fields, never values."""
    method, path = request.split(" ", 1)
    field = names[0]
    if not isinstance(record, dict):
        raise FieldMissing(
            f'a {of_what} must be an object with the field "{field}", but is of type {_kind(record)}',
            field=field,
            method=method,
            path=path,
        )
    value = value_of(record, names)
    if isinstance(value, str) and value:
        return value
    kinds = field_names({f"{name} ({_kind(kind)})": None for name, kind in record.items()})
    found = value is not None or field in record
    state = f"is of type {_kind(value)}, but must be a string" if found else "is missing"
    if value == "":
        state = "is empty"
    raise FieldMissing(
        f'the field "{field}" of a {of_what} {state}; fields in the answer: {kinds}',
        field=field,
        method=method,
        path=path,
        fix=RUN_PROBE,
    )


def _optional_text(record: Any, names: tuple[str, ...]) -> str | None:
    value = value_of(record, names)
    return None if value is None else str(value)


def _kind(value: Any) -> str:
    kinds = {dict: "object", list: "list", str: "string", bool: "boolean", int: "number", float: "number"}
    return "null" if value is None else kinds.get(type(value), type(value).__name__)
