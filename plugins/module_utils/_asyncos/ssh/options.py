# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. SSH options of one appliance or of its jump host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class SshOptions:
    """Address, log-in and limits. Times are in seconds; ``name`` is the name in the inventory."""

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
    command_timeout: float = 60.0
    login_timeout: float = 90.0
    cluster_machine: str = ""
    transcript_dir: str | None = None
    record_dir: str | None = None
    jump: SshOptions | None = None
    variables: str = "ansible_"
    """Prefix of the inventory variables that set these options."""
    login_records: str | None = None
    """Folder of this run with the results of its log-ins."""

    def secrets(self) -> list[str]:
        """Return all secrets in these options, including those of the jump host."""
        own = [secret for secret in (self.password, self.private_key_passphrase) if secret]
        return own + (self.jump.secrets() if self.jump else [])

    @property
    def address(self) -> tuple[str, int, str]:
        """Return address, port and jump host, which identify the host."""
        return self.host, self.port, f"{self.jump.host}:{self.jump.port}" if self.jump else ""

    @property
    def label(self) -> str:
        """Return the name of the host for messages, with its address if that differs."""
        address = self.host if self.port == 22 else f"{self.host}:{self.port}"
        return self.name if address == self.name else f"{self.name} ({address})"


def ssh_options_of(get_option: Callable[[str], Any], login_records: str | None = None) -> SshOptions:
    """Return the options of the connection plugin as plain values.

    Option values are tagged strings since ansible-core 2.19.
    """

    def text(option: str) -> str | None:
        value = get_option(option)
        return None if value is None else str(value)

    host = text("host") or ""
    both: dict[str, Any] = {
        "host_key_checking": bool(get_option("host_key_checking")),
        "known_hosts": tuple(str(path) for path in get_option("known_hosts")),
        "connect_timeout": float(get_option("connect_timeout")),
        "login_records": login_records,
    }
    jump_host = text("jump_host")
    jump = jump_host and SshOptions(
        name=f"jump host {jump_host}",
        host=jump_host,
        port=int(get_option("jump_port")),
        user=text("jump_user") or text("remote_user") or "",
        password=text("jump_password"),
        private_key_file=text("jump_private_key_file"),
        private_key_passphrase=text("jump_private_key_passphrase"),
        variables="ansible_asyncos_jump_",
        **both,
    )
    return SshOptions(
        name=text("inventory_name") or host,
        host=host,
        port=int(get_option("port")),
        user=text("remote_user") or "",
        password=text("password"),
        private_key_file=text("private_key_file"),
        private_key_passphrase=text("private_key_passphrase"),
        legacy_algorithms=bool(get_option("legacy_algorithms")),
        command_timeout=float(get_option("command_timeout")),
        login_timeout=float(get_option("login_timeout")),
        cluster_machine=text("cluster_machine") or text("inventory_name") or "",
        transcript_dir=text("transcript"),
        record_dir=text("record") if isinstance(get_option("record"), str) else None,
        jump=jump or None,
        **both,
    )
