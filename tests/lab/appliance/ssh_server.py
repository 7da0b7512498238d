# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SSH server of one appliance, with a port and a host key of its own."""

from __future__ import annotations

import asyncssh

from tests.lab.appliance.login import USER, Login
from tests.lab.appliance.model import Appliance
from tests.lab.appliance.ssh_algorithms import algorithms, generate_host_key
from tests.lab.listener import Listener
from tests.lab.recorder import Recorder

__all__ = ["USER", "ApplianceServer"]


class ApplianceServer(Listener):
    """Listens on loopback for one appliance."""

    def __init__(
        self, appliance: Appliance, recorder: Recorder, password: str, keys: tuple[asyncssh.SSHKey, ...]
    ) -> None:
        super().__init__(generate_host_key(appliance.spec.dialect.legacy_ssh))
        self.appliance = appliance
        self.recorder = recorder
        self.password = password
        self.client_keys = keys

    async def start(self) -> None:
        """Listen on a free port, and set port."""
        await self.listen(
            lambda: Login(self),
            line_editor=False,
            encoding="utf-8",
            errors="replace",
            **algorithms(self.host_key, self.appliance.spec.dialect.legacy_ssh),
        )
