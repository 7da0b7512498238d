# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. List modules, orphaned modules, and devices with several modules."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import DeviceIndex

from .module_instances import Instance


def found_instances(instances: list[tuple[str, Instance]]) -> list[dict[str, Any]]:
    """Return the modules, given with their product, for the result."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "product": product,
            "device_id": one.device_id,
            "request_timeframe_days": one.days,
            "enabled": one.enabled,
        }
        for product, one in instances
    ]


def orphans(instances: list[tuple[str, Instance]], device_index: DeviceIndex) -> list[dict[str, Any]]:
    """Return the modules, given with their product, without a device in the region."""
    return [
        {"id": one.id, "name": one.name, "product": product, "device_id": one.device_id}
        for product, one in instances
        if device_index.by_id(one.device_id) is None
    ]


def shared_devices(instances: list[tuple[str, Instance]], device_index: DeviceIndex) -> list[dict[str, Any]]:
    """Return the devices with more than one module of a product. Modules that are not yet created have no id."""
    of_device: dict[tuple[str, str], list[Instance]] = {}
    for product, one in instances:
        if one.device_id:
            of_device.setdefault((product, one.device_id.lower()), []).append(one)
    shared = []
    for (product, device_id), several in of_device.items():
        if len(several) > 1:
            device = device_index.by_id(device_id)
            shared.append(
                {
                    "device_id": several[0].device_id,
                    "device_name": device.name if device else None,
                    "product": product,
                    "modules": [{"id": one.id or None, "name": one.name} for one in several],
                }
            )
    return shared
