# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The devices of SSE: list, add, change, delete, give a new token; and how they are found
by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.errors import FieldMissing, ItemRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device, Token
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused, Refused

ACCEPTED = 202
DELETE_ONE = "Delete the one that is not wanted in the SSE portal, Devices."


def list_devices(client: IrohClient) -> list[Device]:
    """All devices of the region's tenant (GET /iroh/iroh-sse/device). Raises ApiError."""
    path = sse_fields.DEVICES_PATH
    records = client.get_all(path, page=sse_fields.LARGEST_PAGE, key=sse_fields.ID)
    return [sse_fields.device_from_api(record, f"GET {path}") for record in records]


def add_device(client: IrohClient, name: str, lifetime: int) -> tuple[Device, Token]:
    """Add a device and get its token, valid for ``lifetime`` seconds (POST /iroh/iroh-sse/device).

    Raises AnswerLost where nobody knows whether it was added: look before you repeat.
    """
    answer = client.post(sse_fields.DEVICES_PATH, sse_fields.new_device(name, lifetime), secret=True)
    record = answer.json(client.secrets, secret=True)
    token = sse_fields.token_from_api(record, answer.request)
    client.secrets.add(token.token)
    return sse_fields.device_from_api(record, answer.request), token


def add_record(client: IrohClient, name: str, description: str | None) -> Device:
    """Add a device for the sake of its record; the token that comes with it is dropped (POST /iroh/iroh-sse/device).

    Raises AnswerLost where nobody knows whether it was added: look before you repeat.
    """
    body = sse_fields.new_device(name, min(sse_fields.LIFETIMES.values()), description)
    answer = client.post(sse_fields.DEVICES_PATH, body, secret=True)
    record = answer.json(client.secrets, secret=True)
    client.secrets.add(sse_fields.token_of_new_device(record))
    return sse_fields.device_from_api(record, answer.request)


def describe_device(client: IrohClient, device_id: str, description: str) -> None:
    """Set the description of a device (PATCH /iroh/iroh-sse/device/{id}). Raises ApiError."""
    path = sse_fields.device_path(quote(device_id, safe=""))
    client.patch(path, sse_fields.new_description(description))


def delete_device(client: IrohClient, device_id: str) -> bool:
    """Delete a device (DELETE /iroh/iroh-sse/device/{id}): True if it is gone, False if it goes later (202, grade C).

    One that is gone already is fine. Raises ApiError.
    """
    try:
        answer = client.delete(sse_fields.device_path(quote(device_id, safe="")))
    except Refused as error:
        if error.http_status != 404:
            raise
        return True
    return answer.status != ACCEPTED


def known_devices(entries: list[dict[str, Any]], region: str) -> list[Device]:
    """The devices of the option C(known_devices). Raises OptionRefused for what sse_device_facts does not return."""
    devices = []
    for entry in entries:
        other = entry.get("region")
        if other and other != region:
            raise OptionRefused(
                f"known_devices holds {entry.get('name')} of the region {other}, and region is {region}",
                fix="Give each region the devices that sse_device_facts returned for it.",
            )
        try:
            devices.append(sse_fields.device_from_facts(entry))
        except FieldMissing as error:
            raise OptionRefused(
                f"known_devices is not as sse_device_facts returns it: {error.reason}",
                fix="Give it ansible_facts.sse_devices of a task without names, type and status.",
            ) from None
    return devices


def issue_token(client: IrohClient, device_id: str, lifetime: int) -> Token:
    """A new token for a device that is not registered (POST /iroh/iroh-sse/device/{id}/token).

    The token it had before stops working (inferred). Raises AnswerLost where the answer did not come.
    """
    answer = client.post(sse_fields.token_path(quote(device_id, safe="")), sse_fields.new_token(lifetime), secret=True)
    token = sse_fields.token_from_api(answer.json(client.secrets, secret=True), answer.request)
    client.secrets.add(token.token)
    return token


class DeviceIndex:
    """The devices of one reading, to be looked up by name."""

    def __init__(self, devices: Iterable[Device]) -> None:
        self.devices = list(devices)
        self._by_name: dict[str, list[Device]] = {}
        self._by_id: dict[str, Device] = {}
        for device in self.devices:
            self._by_name.setdefault(name_key(device.name), []).append(device)
            self._by_id[device.id.lower()] = device

    def by_id(self, device_id: str | None) -> Device | None:
        """The device with this id, or None."""
        return self._by_id.get((device_id or "").lower())

    def alike(self, name: str) -> list[Device]:
        """The devices of this name in any case of letters, in the order of the reading."""
        return self._by_name.get(name_key(name), [])

    def named(self, name: str) -> list[Device]:
        """The devices of this name, registered ones first. Host names know no upper and lower case; an exact match wins."""
        alike = self.alike(name)
        found = [device for device in alike if device.name == name] or alike
        return sorted(found, key=lambda device: not device.registered)

    def by_name(self, name: str, fix: str = DELETE_ONE) -> Device | None:
        """The one device of this name, or None. Raises ItemRefused where there are two, naming their ids."""
        found = self.named(name)
        if len(found) > 1:
            ids = ", ".join(f"{device.id} ({device.status})" for device in found)
            raise ItemRefused(
                f"SSE has {len(found)} devices of the name {name}: {ids}",
                fix=fix,
            )
        return found[0] if found else None


def name_key(name: str) -> str:
    """What two spellings of one host name have in common."""
    return name.strip().casefold()


def duplicates(devices: Iterable[Device]) -> list[dict[str, Any]]:
    """The names that more than one of these devices has, each with their ids, in the order of the devices."""
    alike: dict[str, list[Device]] = {}
    for device in devices:
        alike.setdefault(name_key(device.name), []).append(device)
    return [{"name": same[0].name, "ids": [one.id for one in same]} for same in alike.values() if len(same) > 1]


def repeated_names(names: Iterable[str]) -> list[str]:
    """Those names that stand in the list more than once, in any case of letters."""
    seen: set[str] = set()
    twice: list[str] = []
    for name in names:
        if name_key(name) in seen and name not in twice:
            twice.append(name)
        seen.add(name_key(name))
    return twice
