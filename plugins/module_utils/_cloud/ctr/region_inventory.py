# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read module types, modules and devices of a region before any change."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import (
    DeviceIndex,
    known_devices,
    list_devices,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import AccessRefused, ApiError

from .module_instances import Instance, list_instances
from .module_types import TITLES, ModuleType, NoSuchType, find_module_type, list_module_types
from .wanted_modules import WantedModule

FORBIDDEN = 403
# The form of device ids in the vendor's screenshots (grade S).
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class RegionInventory:
    """Module types, modules of each product, and devices of a region.

    ``devices_readable`` is False if the API client cannot read devices; ``device_index`` is then empty.
    """

    def __init__(self, client: IrohClient, options: dict[str, Any], warn: Callable[[str], None]) -> None:
        self.types: dict[str, ModuleType] = {}
        self.instances: list[tuple[str, Instance]] = []
        self.device_index = DeviceIndex([])
        self.devices_readable = True
        self._client = client
        self._options = options
        self._warn = warn
        self._by_name: dict[tuple[str, str], list[Instance]] = {}
        self._by_device: dict[tuple[str, str], list[Instance]] = {}
        self._by_id: dict[str, tuple[str, Instance]] = {}
        self._device_ids: set[str] = set()
        self._known: DeviceIndex | None = None
        if options["known_devices"] is not None:
            self._known = DeviceIndex(known_devices(options["known_devices"], client.region.name))

    def read(self, wanted: list[WantedModule]) -> None:
        """Read the data for these modules. With C(list_orphans), read all modules of both products. Raise ApiError."""
        self._find_types({one.product for one in wanted})
        for product, of_type in sorted(self.types.items()):
            for instance in list_instances(self._client, of_type):
                self.instances.append((product, instance))
                self._by_id[instance.id.lower()] = (product, instance)
                self._by_name.setdefault((product, instance.name), []).append(instance)
                device_id = (instance.device_id or "").lower()
                self._by_device.setdefault((product, device_id), []).append(instance)
                self._device_ids.add(device_id)
        if self._options["list_orphans"] or any(self._needs_devices(one) for one in wanted):
            self._read_devices()

    def with_id(self, module_id: str) -> tuple[str, Instance] | None:
        """Return the product and the module with this id, or None if no product that was read has it."""
        return self._by_id.get(module_id.lower())

    def named(self, product: str, name: str | None) -> list[Instance]:
        """Return the modules with this name."""
        return self._by_name.get((product, name or ""), [])

    def of_device(self, product: str, device_id: str) -> list[Instance]:
        """Return the modules of the device with this id."""
        return self._by_device.get((product, device_id.lower()), [])

    def is_id(self, device: str) -> bool:
        """Return whether this is the id of a device, not a name."""
        known = self.device_index.by_id(device) is not None or device.lower() in self._device_ids
        return known or _UUID.fullmatch(device) is not None

    def _needs_devices(self, one: WantedModule) -> bool:
        """Return whether the device list is needed, for the id of the device or its status."""
        present = self._options["state"] == "present"
        return one.device is not None and (present or _UUID.fullmatch(one.device) is None)

    def _find_types(self, asked: set[str]) -> None:
        given = {
            product: how for product, how in (self._options["module_types"] or {}).items() if any((how or {}).values())
        }
        if self._options["list_orphans"]:
            asked = asked | set(given)
        types = list_module_types(self._client)
        for product in sorted(asked):
            how = given.get(product, {})
            self.types[product] = find_module_type(
                types, product, self._client.region, type_id=how.get("id"), title=how.get("title")
            )
        if self._options["list_orphans"]:
            self._find_other_types(types, sorted(set(TITLES) - asked))

    def _find_other_types(self, types: list[dict[str, Any]], products: list[str]) -> None:
        """Find the types of products that were not requested. The tenant may not have them."""
        taken = {one.id for one in self.types.values()}
        for product in products:
            try:
                found = find_module_type(types, product, self._client.region)
            except NoSuchType:
                continue
            except ApiError as error:
                self._warn(f"{self._client.region.label}: modules of the product {product} were not read: {error}")
                continue
            if found.id not in taken:
                self.types[product] = found

    def _read_devices(self) -> None:
        if self._known is not None:
            self.device_index = self._known
            return
        try:
            self.device_index = DeviceIndex(list_devices(self._client))
        except AccessRefused as error:
            # Without an error name of the API, the 403 may come from a proxy.
            if error.http_status != FORBIDDEN or error.error is None:
                raise
            self.devices_readable = False
            self._warn(f"{self._client.region.label}: the SSE devices could not be read: {error}")
