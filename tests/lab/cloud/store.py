# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of the cloud of a region: credentials, devices, registration tokens, module types and instances."""

from __future__ import annotations

import asyncio
import secrets
import time
import uuid
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.lab.cloud.clock import utc_text
from tests.lab.cloud.module_types import module_types
from tests.lab.region_switches import RegionSwitches
from tests.lab.settings import Settings

if TYPE_CHECKING:
    from tests.lab.appliance.model import Appliance

CONNECTOR_VERSION = "1.3.34"
"""As shown in the vendor's screenshot of the SSE portal (S in the contract)."""

EXAMPLE_WAIT = 3172
"""Seconds to wait in the documentation's example (A)."""

Record = dict[str, Any]


@dataclass
class RegistrationToken:
    """A registration token of a device. It works once, before it expires (seconds since the epoch)."""

    device_id: str
    expires: float


class CloudStore:
    """The state of a region. Names, descriptions and statuses are those of the iroh-sse contract."""

    def __init__(self, region: str, settings: Settings, switches: RegionSwitches | None = None) -> None:
        self.region = region
        self.settings = self._first_settings = settings
        self._first_switches = switches or RegionSwitches()
        self.appliances: Sequence[Appliance] = ()
        """Every appliance of the lab, in any region; set by the lab."""
        self.client_id = f"client-{uuid.uuid4()}"
        self.client_password = settings.password(f"client-{region}", 40)
        self.org_id = str(uuid.uuid4())
        self.user_id = str(uuid.uuid4())
        self.module_types = module_types(region, self.org_id, self.user_id, self.client_id)
        self.reset()

    def reset(self) -> None:
        """Clear everything except the credentials and the module types, which clients already know."""
        self.devices: dict[str, Record] = {}
        self.instances: dict[str, Record] = {}
        self.registration_tokens: dict[str, RegistrationToken] = {}
        self.tokens_issued: Counter[str] = Counter()
        self.tokens_used: Counter[str] = Counter()
        """Registration tokens by the name of the device."""
        self.access_tokens: dict[str, float] = {}
        self.deleting: set[str] = set()
        self.request_times: deque[float] = deque()
        self.module_health: dict[str, str] = {}
        """Health of module instances by id, if it is overridden."""
        self.set_switches(self._first_switches)

    def set_switches(self, switches: RegionSwitches) -> None:
        """Set the switches of the region."""
        self.switches = switches
        given = {
            name: getattr(switches, name)
            for name in ("scopes", "rate_limit", "token_seconds", "access_token_seconds")
            if getattr(switches, name) is not None
        }
        self.settings = replace(self._first_settings, **given)

    @property
    def now(self) -> float:
        """Return the time by the clock of the region."""
        return time.time() + self.switches.clock_ahead - self.switches.clock_behind

    def appliance_of(self, device_id: str) -> Appliance | None:
        """Return the appliance that is registered here with this device, if SSE shows it as Registered, or None."""
        if self.devices.get(device_id, {}).get("status") != "Registered":
            return None
        registered = (box for box in self.appliances if box.registered and box.device_id == device_id)
        return next((box for box in registered if box.cloud is self), None)

    # Access tokens and the rate limit

    def issue_access_token(self) -> str:
        """Issue an OAuth2 access token."""
        token = secrets.token_urlsafe(48)
        self.access_tokens[token] = self.now + self.settings.access_token_seconds
        return token

    def access_token_valid(self, token: str) -> bool:
        """Return whether this access token was issued here and has not expired."""
        return self.access_tokens.get(token, 0.0) > self.now

    def count_request(self) -> tuple[int, int]:
        """Count a request; return the requests left in the rolling hour (-1: too many), and seconds until the next is free."""
        if self.switches.quota_used_up:
            return -1, EXAMPLE_WAIT
        now = time.time()
        while self.request_times and self.request_times[0] <= now - 3600:
            self.request_times.popleft()
        if len(self.request_times) >= self.settings.rate_limit:
            return -1, int(self.request_times[0] + 3600 - now) + 1
        self.request_times.append(now)
        return self.settings.rate_limit - len(self.request_times), 0

    def leave_requests(self, remaining: int) -> None:
        """Use up the quota, so that this many requests remain after the next one."""
        used = max(self.settings.rate_limit - remaining - 1, 0)
        self.request_times = deque([time.time()] * used)

    # Devices and registration tokens

    def device_named(self, name: str) -> Record | None:
        """Return a device with this name, or None."""
        return next((device for device in self.devices.values() if device["name"] == name), None)

    def listed_devices(self) -> list[Record]:
        """Return all devices, ordered by created, then by id."""
        return sorted(self.devices.values(), key=lambda device: (device["created"], device["id"]))

    def add_device(self, name: str, description: str = "", device_id: str | None = None) -> Record:
        """Add a device with a pending registration."""
        device = {
            "id": device_id or str(uuid.uuid4()),
            "name": name,
            "status": "Pending",
            "description": description,
            "created": utc_text(self.now),
        }
        self.devices[device["id"]] = device
        return device

    def issue_registration_token(self, device_id: str, lifetime: float) -> Record:
        """Issue a new token for this device, which invalidates the previous one. The lifetime is in seconds."""
        for token, held in list(self.registration_tokens.items()):
            if held.device_id == device_id:
                del self.registration_tokens[token]
        if self.settings.token_seconds is not None:
            lifetime = self.settings.token_seconds
        token = secrets.token_hex(16)
        expires = self.now + lifetime
        self.registration_tokens[token] = RegistrationToken(device_id, expires)
        self.tokens_issued[self.devices[device_id]["name"]] += 1
        return {"token": token, "expiresAt": utc_text(expires)}

    def redeem(self, token: str) -> str | None:
        """Return the device of this token, or None if it is unknown, used or expired. A token works once."""
        held = self.registration_tokens.pop(token, None)
        if held is None or held.expires <= self.now or held.device_id not in self.devices:
            return None
        self.tokens_used[self.devices[held.device_id]["name"]] += 1
        return held.device_id

    def register(self, device_id: str, hostname: str, product: str, release: str, ip_address: str) -> bool:
        """Show the device as Registered with the appliance's host name; return False if it was deleted meanwhile."""
        device = self.devices.get(device_id)
        if device is None:
            return False
        device.update(
            name=hostname,
            type=product,
            version=release,
            status="Registered",
            ipAddress=ip_address,
            connectorVersion=CONNECTOR_VERSION,
        )
        return True

    def deregister(self, device_id: str) -> None:
        """Show the device as Unregistered, if it still exists."""
        if device_id in self.devices:
            self.devices[device_id]["status"] = "Unregistered"

    def delete_device(self, device_id: str) -> bool:
        """Remove the device; return False if that finishes later."""
        if self.settings.device_delete_seconds <= 0:
            self._forget_device(device_id)
            return True
        if device_id not in self.deleting:
            self.deleting.add(device_id)
            asyncio.get_running_loop().call_later(self.settings.device_delete_seconds, self._forget_device, device_id)
        return False

    def _forget_device(self, device_id: str) -> None:
        self.devices.pop(device_id, None)
        self.deleting.discard(device_id)

    # Module instances

    def module_type_for(self, product: str) -> Record:
        """Return the module type for appliances of this product (ESA or SMA)."""
        return next(entry.record for entry in self.module_types.values() if entry.product == product)

    def add_instance(self, fields: Record) -> Record:
        """Add a module instance with these checked fields."""
        now = utc_text(self.now)
        instance = {
            "settings": {},
            "enabled": True,
            **fields,
            "id": str(uuid.uuid4()),
            "org_id": self.org_id,
            "user_id": self.user_id,
            "client_id": self.client_id,
            "created_at": now,
            "updated_at": now,
        }
        self.instances[instance["id"]] = instance
        return instance

    def add_appliance_instance(self, name: str, product: str, device_id: str, days: int = 30) -> Record:
        """Add the module instance of a device, with the default of 30 days (A)."""
        module_type = self.module_type_for(product)
        keys = {field["type"]: field["key"] for field in module_type["configuration_spec"]}
        return self.add_instance(
            {
                "name": name,
                "module_type_id": module_type["id"],
                "visibility": "org",
                "settings": {keys["device"]: device_id, keys["integer"]: days},
            }
        )
