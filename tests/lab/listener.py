# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Base of the lab's SSH servers: a port on loopback, a host key, and the open connections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import asyncssh

HOST = "127.0.0.1"


class Listener:
    """An SSH server on loopback, whose port is set when it listens."""

    def __init__(self, host_key: asyncssh.SSHKey) -> None:
        self.host_key = host_key
        self.port = 0
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None

    async def listen(self, login: Callable[[], Connection], **options: Any) -> None:
        """Listen on a free port; ``login`` creates the handler of each connection."""
        self._acceptor = await asyncssh.listen(HOST, 0, server_factory=login, gss_host=None, **options)
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
        """Close all connections and forwarded connections."""
        for connection in list(self.connections):
            connection.abort()

    def known_hosts_line(self) -> str:
        """Return the line of a known_hosts file for this server."""
        return f"[{HOST}]:{self.port} {self.host_key.export_public_key().decode().strip()}"


class Connection(asyncssh.SSHServer):
    """One connection, which its listener keeps while it is open."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn
        self._listener.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.connection:
            self._listener.connections.discard(self.connection)
