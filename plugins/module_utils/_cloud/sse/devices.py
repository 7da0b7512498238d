# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. List, add, change and delete devices in SSE, issue their tokens, and find devices by
name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import active
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.errors import FieldMissing, ItemRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device, Token
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.write_once import Deletion, delete
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused

DELETE_ONE = "delete the unwanted device under Devices in the SSE portal"


def list_devices(client: IrohClient) -> list[Device]:
    """Return all devices of the region (GET /iroh/iroh-sse/device). Raise ApiError."""
    path = sse_fields.DEVICES_PATH
    records = client.get_all(
        path, page=sse_fields.LARGEST_PAGE, names=sse_fields.names_of("id"), list_in=active().list_in
    )
    return [sse_fields.device_from_api(record, f"GET {path}") for record in records]


def add_device(client: IrohClient, name: str, lifetime: int) -> tuple[Device, Token]:
    """Add a device, and return it with its token, valid for ``lifetime`` seconds (POST /iroh/iroh-sse/device).

    Raise AnswerLost if the outcome is unknown: read the current state before you retry.
    """
    answer = client.post(sse_fields.DEVICES_PATH, sse_fields.new_device(name, lifetime), secret=True)
    record = answer.json(client.secrets, secret=True)
    token = sse_fields.token_from_api(record, answer.request)
    client.secrets.add(token.token)
    return sse_fields.device_from_api(record, answer.request), token


def add_record(client: IrohClient, name: str, description: str | None) -> Device:
    """Add a device, and discard the token in the answer (POST /iroh/iroh-sse/device).

    Raise AnswerLost if the outcome is unknown: read the current state before you retry.
    """
    body = sse_fields.new_device(name, min(sse_fields.LIFETIMES.values()), description)
    answer = client.post(sse_fields.DEVICES_PATH, body, secret=True)
    record = answer.json(client.secrets, secret=True)
    client.secrets.add(sse_fields.token_of_new_device(record))
    return sse_fields.device_from_api(record, answer.request)


def describe_device(client: IrohClient, device_id: str, description: str) -> None:
    """Set the description of a device (PATCH /iroh/iroh-sse/device/{id}). Raise ApiError."""
    path = sse_fields.device_path(quote(device_id, safe=""))
    client.patch(path, sse_fields.new_description(description))


def delete_device(client: IrohClient, device_id: str) -> Deletion:
    """Delete a device (DELETE /iroh/iroh-sse/device/{id}). Raise ApiError."""
    return delete(client, sse_fields.device_path(quote(device_id, safe="")))


def known_devices(entries: list[dict[str, Any]], region: str) -> list[Device]:
    """Return the devices in the option C(known_devices). Raise OptionRefused for an invalid entry."""
    devices = []
    for entry in entries:
        other = entry.get("region")
        if other and other != region:
            raise OptionRefused(
                f"known_devices contains {entry.get('name')} of the region {other}, but region is {region}",
                fix="pass the devices that sse_device_facts returned for this region",
            )
        try:
            devices.append(sse_fields.device_from_facts(entry))
        except FieldMissing as error:
            raise OptionRefused(
                f"known_devices is not a result of sse_device_facts: {error.reason}",
                fix="pass ansible_facts.sse_devices from a task without names, type and status",
            ) from None
    return devices


def issue_token(client: IrohClient, device_id: str, lifetime: int) -> Token:
    """Issue a new token for an unregistered device (POST /iroh/iroh-sse/device/{id}/token).

    The previous token becomes invalid (inferred). Raise AnswerLost if the answer is lost.
    """
    answer = client.post(sse_fields.token_path(quote(device_id, safe="")), sse_fields.new_token(lifetime), secret=True)
    token = sse_fields.token_from_api(answer.json(client.secrets, secret=True), answer.request)
    client.secrets.add(token.token)
    return token


class DeviceIndex:
    """Find devices of a list by name or id."""

    def __init__(self, devices: Iterable[Device]) -> None:
        self.devices = list(devices)
        self._by_name: dict[str, list[Device]] = {}
        self._by_id: dict[str, Device] = {}
        for device in self.devices:
            self._by_name.setdefault(name_key(device.name), []).append(device)
            self._by_id[device.id.lower()] = device

    def by_id(self, device_id: str | None) -> Device | None:
        """Return the device with this id, or None."""
        return self._by_id.get((device_id or "").lower())

    def alike(self, name: str) -> list[Device]:
        """Return the devices with this name, not case-sensitive, in the order of the list."""
        return self._by_name.get(name_key(name), [])

    def named(self, name: str) -> list[Device]:
        """Return the devices with this name, registered ones first. Prefer an exact match over another case."""
        alike = self.alike(name)
        found = [device for device in alike if device.name == name] or alike
        return sorted(found, key=lambda device: not device.registered)

    def by_name(self, name: str, fix: str = DELETE_ONE) -> Device | None:
        """Return the device with this name, or None. Raise ItemRefused with their ids for a duplicate name."""
        found = self.named(name)
        if len(found) > 1:
            ids = ", ".join(f"{device.id} ({device.status})" for device in found)
            raise ItemRefused(
                f"duplicate name: SSE has {len(found)} devices with the name {name}: {ids}",
                fix=fix,
            )
        return found[0] if found else None


def name_key(name: str) -> str:
    """Return the name in the form in which host names are compared."""
    return name.strip().casefold()


def duplicates(devices: Iterable[Device]) -> list[dict[str, Any]]:
    """Return the duplicate names of these devices with the ids, in the order of the devices."""
    alike: dict[str, list[Device]] = {}
    for device in devices:
        alike.setdefault(name_key(device.name), []).append(device)
    return [{"name": same[0].name, "ids": [one.id for one in same]} for same in alike.values() if len(same) > 1]


def repeated_names(names: Iterable[str]) -> list[str]:
    """Return the repeated names, not case-sensitive."""
    seen: set[str] = set()
    twice: list[str] = []
    for name in names:
        if name_key(name) in seen and name not in twice:
            twice.append(name)
        seen.add(name_key(name))
    return twice
