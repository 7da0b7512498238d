# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SSH server of one appliance, with a port and a host key of its own."""

from __future__ import annotations

import asyncssh

from tests.lab.appliance.login import USER, Login
from tests.lab.appliance.model import Appliance
from tests.lab.appliance.ssh_algorithms import algorithms, generate_host_key
from tests.lab.recorder import Recorder

__all__ = ["USER", "ApplianceServer"]


class ApplianceServer:
    """Listens on loopback for one appliance."""

    def __init__(
        self, appliance: Appliance, recorder: Recorder, password: str, keys: tuple[asyncssh.SSHKey, ...]
    ) -> None:
        self.appliance = appliance
        self.recorder = recorder
        self.password = password
        self.client_keys = keys
        self.host_key = generate_host_key(appliance.spec.dialect.legacy_ssh)
        self.port = 0
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None

    async def start(self) -> None:
        """Listen on a free port; port is known afterwards."""
        self._acceptor = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: Login(self),
            line_editor=False,
            encoding="utf-8",
            errors="replace",
            gss_host=None,
            **algorithms(self.host_key, self.appliance.spec.dialect.legacy_ssh),
        )
        self.port = self._acceptor.get_port()

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._acceptor:
            self._acceptor.close()
        connections = list(self.connections)
        self.drop_connections()
        for connection in connections:
            await connection.wait_closed()

    def drop_connections(self) -> None:
        """Cut off everybody who is logged in."""
        for connection in list(self.connections):
            connection.abort()

    def known_hosts_line(self) -> str:
        """The line of a known_hosts file for this appliance."""
        return f"[127.0.0.1]:{self.port} {self.host_key.export_public_key().decode().strip()}"
