# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jump host: an SSH server that forwards TCP only to the appliances of the lab."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping

import asyncssh

from tests.lab.appliance.ssh_server import ApplianceServer
from tests.lab.client_keys import accepts
from tests.lab.listener import HOST, Connection, Listener
from tests.lab.recorder import Recorder

USER = "jump"


class JumpServer(Listener):
    """Listens on loopback, and records every requested connection."""

    def __init__(
        self, appliances: Mapping[str, ApplianceServer], recorder: Recorder, client_key: asyncssh.SSHKey
    ) -> None:
        super().__init__(asyncssh.generate_private_key("ssh-ed25519"))
        self.appliances = appliances
        self.recorder = recorder
        self.client_key = client_key
        self.password = secrets.token_urlsafe(24)
        self.failed_logins = 0

    async def start(self) -> None:
        """Listen on a free port, and set port."""
        await self.listen(lambda: _Login(self), server_host_keys=[self.host_key])

    def may_forward(self, host: str, port: int, user: str) -> bool:
        """Return whether there is an appliance at this address, and record the request."""
        server = next((server for server in self.appliances.values() if server.port == port), None)
        if host not in (HOST, "localhost"):
            server = None
        spec = server.appliance.spec if server else None
        who, region = (spec.name, spec.region) if spec else (USER, None)
        self.recorder.jump(who, region, user, f"{host}:{port}", allowed=spec is not None)
        return spec is not None


class _Login(Connection):
    """One connection: a log-in with password or public key, forwarding, and no sessions."""

    def __init__(self, server: JumpServer) -> None:
        super().__init__(server)
        self.server = server

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        good = hmac.compare_digest(password.encode(), self.server.password.encode())
        accepted = username == USER and good
        self.server.failed_logins += not accepted
        return accepted

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and accepts((self.server.client_key,), key)

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        if self.server.may_forward(dest_host, dest_port, USER):
            return True
        raise asyncssh.ChannelOpenError(
            asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, f"no appliance at {dest_host}:{dest_port}"
        )
