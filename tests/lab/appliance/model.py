# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One appliance: its committed settings, and its registration in the cloud."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from typing import Any

from tests.lab.appliance.cluster import Cluster
from tests.lab.appliance.mode import Mode
from tests.lab.appliance.tracking import MessageCounter, TrackedMessage, Tracking
from tests.lab.cloud.store import CloudStore
from tests.lab.fleet import ApplianceSpec
from tests.lab.fleet_records import add_records
from tests.lab.regions import SERVERS, region_of_server
from tests.lab.settings import Settings
from tests.lab.transcript import Transcript
from tests.lab.world import World

Configuration = dict[str, Any]
"""`enabled` (bool), `server` (FQDN or None), and the unrelated switches of generations 2 and 4."""


class Appliance:
    """The state of an appliance that all its CLI sessions share."""

    def __init__(
        self,
        spec: ApplianceSpec,
        settings: Settings,
        clouds: Mapping[str, CloudStore],
        ip_address: str,
        world: World | None = None,
    ) -> None:
        self.spec = self._first_spec = spec
        self.settings = settings
        self.clouds = clouds
        self.ip_address = ip_address
        self.world = world or World()
        self.serial = spec.serial or f"{uuid.uuid4().hex[:12].upper()}-{uuid.uuid4().hex[:12].upper()}"
        self.resets = 0
        self.cluster: Cluster | None = None
        """Set by the cluster."""
        self.managed_by: Appliance | None = None
        """The SMA to which this ESA sends its tracking data; set by the lab."""
        self.sessions: list[Configuration] = []
        """The uncommitted changes of each session."""
        self._registering: asyncio.TimerHandle | None = None
        self._start_over()

    def next_transcript(self) -> Transcript:
        """Return the transcript of the next session: after the last one, the last one again."""
        transcripts = [one for one in (self.spec.transcript, *self.spec.later) if one]
        self._sessions += 1
        return transcripts[min(self._sessions, len(transcripts)) - 1]

    def _start_over(self) -> None:
        self._sessions = 0
        self.spec = self._first_spec
        initial = self.spec.initial
        self.committed: Configuration = {
            "enabled": initial.enabled,
            "server": SERVERS[initial.region] if initial.region else None,
            "csn": False,
            "securex": False,
            "fqdn": None,
        }
        self.registered = initial.registered
        self.device_id: str | None = None
        self.logins = 0
        self.failed_logins = 0
        """Failed log-ins over SSH and HTTP together, which the appliance counts before it locks an account (A)."""
        self.refusals = 0
        self.foreign_pending = initial.pending
        self.foreign_committed = False
        self.foreign_dropped = False
        self._busy_until = 0.0
        self.stuck_busy = False
        """Whether the cloud service is busy for ever."""
        self.registration_failed = initial.registration_failed
        """Whether the status is that of a failed registration (the text is B; that it persists is I)."""
        self.asks_for_token = initial.asks_for_token
        """Whether REGISTER is offered if it applies (A for the web UI: not while there are uncommitted changes)."""
        self.services = self.spec.services
        self.tracking = Tracking()
        self.counter = MessageCounter()

    def reset(self) -> None:
        """Restore the initial state of the fleet file, also in the cloud, which has just been reset."""
        if self._registering:
            self._registering.cancel()
            self._registering = None
        self.resets += 1
        self._start_over()
        initial = self.spec.initial
        if self.registered and self.cloud:
            self._start_registered(self.cloud)
        add_records(self.clouds, initial.records, initial.modules, self.spec.product, self.device_id)

    def _start_registered(self, cloud: CloudStore) -> None:
        initial = self.spec.initial
        self.device_id = cloud.add_device(self.spec.hostname)["id"]
        self._show_in(cloud)
        if initial.module:
            instance = cloud.add_appliance_instance(initial.module, self.spec.product, self.device_id)
            instance["enabled"] = initial.module_enabled
            if initial.module_health:
                cloud.module_health[instance["id"]] = initial.module_health
        if initial.device:
            self.place_device(initial.device)

    def login_mode(self) -> Mode:
        """Return the mode in which a session begins."""
        return self.cluster.login_mode(self) if self.cluster else Mode("standalone", self.spec.hostname)

    @property
    def cloud(self) -> CloudStore | None:
        """Return the cloud of the committed server."""
        region = region_of_server(self.committed["server"])
        return self.clouds[region] if region else None

    @property
    def registering(self) -> bool:
        """Return whether a registration is in progress."""
        return self._registering is not None

    @property
    def busy(self) -> bool:
        """Return whether the cloud service is busy with a change or a registration."""
        return self.stuck_busy or self.registering or time.monotonic() < self._busy_until

    # Refusals

    def refusing(self, kind: str) -> bool:
        """Return whether this refusal applies at present."""
        dialect = self.spec.dialect
        return dialect.refusal == kind and (not dialect.refusal_times or self.refusals < dialect.refusal_times)

    def refuse(self, kind: str) -> bool:
        """Return whether this refusal applies, and count it."""
        refusing = self.refusing(kind)
        self.refusals += refusing
        return refusing

    # Changes

    def changes_of_others(self, own: Configuration) -> list[tuple[Appliance, Configuration]]:
        """Return the uncommitted changes of other sessions that a session with these changes finds, with their appliances."""
        if not self.settings.changes_are_shared:
            return []
        boxes = self.cluster.appliances if self.cluster else [self]
        return [(box, found) for box in boxes for found in box.sessions if found and found is not own]

    def commit_foreign(self, own: Configuration) -> None:
        """Commit the changes of another administrator, and of other sessions."""
        self.foreign_committed |= self.foreign_pending
        self.foreign_pending = False
        for box, changes in self.changes_of_others(own):
            box.foreign_committed = True
            box.commit(dict(changes))
            changes.clear()

    def drop_foreign(self, own: Configuration) -> None:
        """Drop the uncommitted changes of another administrator, and of other sessions."""
        self.foreign_dropped |= self.foreign_pending
        self.foreign_pending = False
        for box, changes in self.changes_of_others(own):
            box.foreign_dropped = True
            changes.clear()

    def commit(self, changes: Configuration) -> None:
        """Commit these settings; the cloud service is busy afterwards if they concern it."""
        self.committed.update(changes)
        if {"enabled", "server"} & changes.keys():
            self._be_busy()

    def register(self, token: str) -> bool:
        """Send a token to the cloud of the committed server; return whether the registration has begun."""
        cloud = self.cloud
        device_id = cloud.redeem(token) if cloud else None
        if cloud is None or device_id is None:
            return False
        self.registration_failed = False
        self._registering = asyncio.get_running_loop().call_later(
            self.settings.registration_seconds, self._finish_registration, cloud, device_id
        )
        return True

    def deregister(self) -> None:
        """Deregister from the cloud of the committed server."""
        if self.cloud and self.device_id:
            self.cloud.deregister(self.device_id)
        self.registered = False
        self.device_id = None
        self._be_busy()

    def place_device(self, where: str) -> None:
        """Change the SSE record of this registered appliance, without the appliance's knowledge.

        ``where`` is `absent`, `unregistered`, `registered` (in the right region), or the region that has the device.
        """
        for cloud in self.clouds.values():
            cloud.devices.pop(str(self.device_id), None)
        cloud = self.clouds.get(where) or self.cloud
        if where == "absent" or cloud is None or self.device_id is None:
            return
        cloud.add_device(self.spec.hostname, device_id=self.device_id)
        self._show_in(cloud)
        if where == "unregistered":
            cloud.deregister(self.device_id)

    def as_json(self) -> dict[str, Any]:
        """Return the appliance for the control interface."""
        return {
            "name": self.spec.name,
            "hostname": self.spec.hostname,
            "product": self.spec.product,
            "model": self.spec.model,
            "version": self.spec.version,
            "serial": self.serial,
            "generation": self.spec.generation,
            "wanted_region": self.spec.region,
            "enabled": self.committed["enabled"],
            "server": self.committed["server"],
            "region": region_of_server(self.committed["server"]),
            "registered": self.registered,
            "registering": self.registering,
            "busy": self.busy,
            "device_id": self.device_id,
            "cluster": self.cluster.spec.name if self.cluster else None,
            "cluster_status": self.cluster.status(self) if self.cluster else None,
            "logins": self.logins,
            "failed_logins": self.failed_logins,
            "refusals": self.refusals,
            "pending": self.foreign_pending,
            "uncommitted": sorted({key for changes in self.sessions for key in changes}),
            "foreign_committed": self.foreign_committed,
            "foreign_dropped": self.foreign_dropped,
            "registration_failed": self.registration_failed,
            "managed_by": self.spec.managed_by,
            "message_tracking": self.services.message_tracking,
            "messages": len(self.tracking.messages),
        }

    # Messages

    def accept_message(self, *, age: float = 0.0, **fields: Any) -> int:
        """Accept a message and track it, or let the SMA track it, unless tracking is off; return its MID.

        ``age`` is in seconds. The tracking switch of the appliance that accepted the message decides.
        """
        mid = self.counter.next_mid()
        if self.services.message_tracking:
            now = time.time()
            message = TrackedMessage(
                mid=mid,
                at=now - age + self.services.clock_difference,
                host=self.spec.hostname,
                serial=self.serial,
                found_from=now + self.services.tracking_seconds,
                **fields,
            )
            (self.managed_by or self).tracking.messages.append(message)
        return mid

    def found_messages(self, begin: float, end: float) -> list[TrackedMessage]:
        """Return the messages of this window (seconds since the epoch), newest first; none while tracking is off."""
        return self.tracking.found(begin, end) if self.services.message_tracking else []

    def _finish_registration(self, cloud: CloudStore, device_id: str) -> None:
        self._registering = None
        self.device_id = device_id
        self.registered = self._show_in(cloud)
        if not self.registered:
            self.device_id = None

    def _show_in(self, cloud: CloudStore) -> bool:
        spec = self.spec
        return cloud.register(str(self.device_id), spec.hostname, spec.product, spec.release, self.ip_address)

    def _be_busy(self) -> None:
        self._busy_until = time.monotonic() + self.settings.busy_seconds
