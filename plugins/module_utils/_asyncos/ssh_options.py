# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. How to reach one appliance, or the jump host before it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SshOptions:
    """Address, log-in and limits. Times are in seconds; ``name`` is how the user knows the host."""

    name: str
    host: str
    port: int = 22
    user: str = ""
    password: str | None = field(default=None, repr=False)
    private_key_file: str | None = None
    private_key_passphrase: str | None = field(default=None, repr=False)
    host_key_checking: bool = True
    known_hosts: tuple[str, ...] = ()
    legacy_algorithms: bool = False
    connect_timeout: float = 10.0
    command_timeout: float = 30.0
    cluster_machine: str = ""
    transcript_dir: str | None = None
    jump: SshOptions | None = None
    variables: str = "ansible_"
    """How the names of the inventory variables begin that set these options."""

    def secrets(self) -> list[str]:
        """Everything in these options that must never be shown, the jump host's included."""
        own = [secret for secret in (self.password, self.private_key_passphrase) if secret]
        return own + (self.jump.secrets() if self.jump else [])

    @property
    def label(self) -> str:
        """The host in messages, with its address where that says more."""
        address = self.host if self.port == 22 else f"{self.host}:{self.port}"
        return self.name if address == self.name else f"{self.name} ({address})"
