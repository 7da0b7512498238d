# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What has changed between two readings of the devices of a region."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device

HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
NOT_A_HOST = ("all", "ungrouped", "localhost")
KEPT = ("id", "name", "status", "type", "version")
"""The fields of a device in an event, and in the state file."""


class Kind(Enum):
    """The kinds of changes."""

    NEW = "new"
    REGISTERED = "registered"
    DROPPED_OFF = "dropped_off"
    REMOVED = "removed"
    VERSION_CHANGED = "version_changed"


@dataclass(frozen=True)
class Change:
    """A change of one device, by its id. ``before`` is None for a new device, ``after`` for a removed one."""

    kind: Kind
    region: str
    before: Device | None
    after: Device | None

    def event(self) -> dict[str, Any]:
        """Return the change as plain data.

        ``host`` is the name of the device if it is safe as a pattern of hosts, else None: names come from the cloud.
        """
        device = self.after or self.before
        name = device.name if device else ""
        usable = HOST_NAME.fullmatch(name) and name.lower() not in NOT_A_HOST
        return {
            "type": self.kind.value,
            "region": self.region,
            "host": name if usable else None,
            "device": kept(self.after) if self.after else None,
            "previous": kept(self.before) if self.before else None,
        }


def kept(device: Device) -> dict[str, Any]:
    """Return the fields of a device that events and the state file have."""
    return {name: value for name, value in asdict(device).items() if name in KEPT}


def changes(region: str, before: Mapping[str, Device], after: Iterable[Device]) -> Iterator[Change]:
    """Yield the changes of a region. ``before`` are the devices of the last reading by id, ``after`` those of a whole reading."""
    now = {device.id: device for device in after}
    for key, device in now.items():
        old = before.get(key)
        if old is None:
            yield Change(Kind.NEW, region, None, device)
        if device.registered and not (old and old.registered):
            yield Change(Kind.REGISTERED, region, old, device)
        if old and old.registered and not device.registered:
            yield Change(Kind.DROPPED_OFF, region, old, device)
        if old and old.version and device.version and old.version != device.version:
            yield Change(Kind.VERSION_CHANGED, region, old, device)
    for key, old in before.items():
        if key not in now:
            yield Change(Kind.REMOVED, region, old, None)
