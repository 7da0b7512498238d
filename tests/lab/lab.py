# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The complete lab: the appliances of a fleet, the clouds of three regions, a jump host, and the control interface."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.lab.appliance.api import ApiServer
from tests.lab.appliance.cluster import Cluster, cluster_of_one
from tests.lab.appliance.model import Appliance
from tests.lab.appliance.smtp import SmtpServer
from tests.lab.appliance.ssh_server import ApplianceServer
from tests.lab.certificates import Certificates
from tests.lab.client_keys import ClientKeys
from tests.lab.cloud.app import CloudServer
from tests.lab.cloud.faults import Faults
from tests.lab.cloud.store import CloudStore
from tests.lab.contracts.watch import Watch
from tests.lab.control import ControlServer
from tests.lab.exchanges import ReplayedApi
from tests.lab.fleet import Fleet
from tests.lab.jump import JumpServer
from tests.lab.recorder import Recorder
from tests.lab.regions import SERVERS
from tests.lab.switches import Switches


class Lab:
    """Start it, use it, stop it; everything listens on loopback only."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.recorder = Recorder()
        self.password = fleet.settings.password("ssh")
        self.client_keys = ClientKeys(fleet.settings.password("passphrase"))
        self.smtp_password = fleet.settings.password("smtp").encode("ascii", "ignore").decode()
        self.certificates = Certificates()
        self.stores = {region: CloudStore(region, fleet.settings, fleet.regions.get(region)) for region in SERVERS}
        self.faults = Faults()
        self.watch = Watch()
        self.clouds = {
            region: CloudServer(store, self.recorder, self.faults, self.watch, fleet.world)
            for region, store in self.stores.items()
        }
        for region, cloud in self.clouds.items() if fleet.exchanges is not None else ():
            cloud.replay = ReplayedApi(region, (fleet.exchanges or {}).get(region, ()), self.recorder)
        self.appliances = {
            spec.name: ApplianceServer(
                Appliance(spec, fleet.settings, self.stores, f"192.0.2.{index % 254 + 1}", fleet.world),
                self.recorder,
                self.password,
                self.client_keys.of_appliances,
            )
            for index, spec in enumerate(fleet.appliances)
        }
        boxes = self._boxes(self.appliances)
        for box in boxes:
            if box.spec.managed_by:
                box.managed_by = self.appliances[box.spec.managed_by].appliance
        for store in self.stores.values():
            store.appliances = boxes
        self.apis = {
            box.spec.name: ApiServer(box, self.recorder, self.password) for box in boxes if box.spec.services.rest_api
        }
        for name, api in self.apis.items() if fleet.exchanges is not None else ():
            api.replay = ReplayedApi(name, (fleet.exchanges or {}).get(name, ()), self.recorder)
        self.smtp = {
            box.spec.name: SmtpServer(box, self.recorder, self.smtp_password) for box in boxes if box.spec.services.smtp
        }
        self.clusters = {spec.name: Cluster(spec, self._boxes(spec.members)) for spec in fleet.clusters}
        for box in boxes:
            if box.cluster is None and box.spec.dialect.prompt != "standalone":
                cluster_of_one(box)
        self.jump = JumpServer(self.appliances, self.recorder, self.client_keys.jump)
        self.jump.password = fleet.settings.password("jump")
        switches = Switches({box.spec.name: box for box in boxes}, self.stores)
        self.control = ControlServer(self.state, self.reset, self.recorder, self.faults, self.watch, switches)
        self.reset()

    @property
    def ca_pem(self) -> bytes:
        """Return the certificate of the temporary CA that signed the servers' certificates."""
        return self.certificates.ca_pem

    async def __aenter__(self) -> Lab:
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start all servers; on failure stop all of them."""
        tls = self.certificates.context("ca")
        try:
            for cloud in self.clouds.values():
                await cloud.start(tls)
            for server in self.appliances.values():
                await server.start()
            for part in (*self.apis.values(), *self.smtp.values()):
                await part.start(self.certificates.context(part.appliance.spec.services.certificate))
            await self.jump.start()
            await self.control.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close every port and connection."""
        await self.control.stop()
        await self.jump.stop()
        await asyncio.gather(*(part.stop() for part in (*self.apis.values(), *self.smtp.values())))
        await asyncio.gather(*(server.stop() for server in self.appliances.values()))
        await asyncio.gather(*(cloud.stop() for cloud in self.clouds.values()))

    def _boxes(self, names: Iterable[str]) -> list[Appliance]:
        return [self.appliances[name].appliance for name in names]

    def state(self) -> dict[str, Any]:
        """Return the appliances and clusters by name, failed log-ins to the jump host, devices and modules of every
        region, and how many registration tokens were issued and used for each name."""
        return {
            "appliances": {
                name: {**server.appliance.as_json(), "port": server.port, "connections": len(server.connections)}
                for name, server in self.appliances.items()
            },
            "jump": {"failed_logins": self.jump.failed_logins},
            "clusters": {name: cluster.as_json() for name, cluster in self.clusters.items()},
            "regions": {
                region: {"devices": store.listed_devices(), "module_instances": list(store.instances.values())}
                for region, store in self.stores.items()
            },
            "tokens": {
                "issued": sum((store.tokens_issued for store in self.stores.values()), Counter()),
                "used": sum((store.tokens_used for store in self.stores.values()), Counter()),
            },
        }

    def reset(self) -> None:
        """Restore the initial state of the fleet file, end all sessions, and clear calls, faults and access tokens."""
        for store in self.stores.values():
            store.reset()
        self.jump.drop_connections()
        self.jump.failed_logins = 0
        for server in self.appliances.values():
            server.drop_connections()
            server.appliance.reset()
        for api in self.apis.values():
            api.reset()
        for listener in self.smtp.values():
            listener.drop_connections()
        self.recorder.clear()
        self.faults.clear()
        self.watch.clear()
