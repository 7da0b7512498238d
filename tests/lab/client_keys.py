# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key pairs for log-ins of clients, which are generated for every lab."""

from __future__ import annotations

import asyncssh


class ClientKeys:
    """Two key pairs for the appliances, one of them with a passphrase, and one for the jump host."""

    def __init__(self, passphrase: str) -> None:
        self.plain = asyncssh.generate_private_key("ssh-ed25519", comment="lab")
        # Not ed25519: a file for asyncssh and OpenSSH would need another library.
        self.encrypted = asyncssh.generate_private_key("ecdsa-sha2-nistp256", comment="lab, encrypted")
        self.jump = asyncssh.generate_private_key("ssh-ed25519", comment="lab, jump host")
        self.passphrase = passphrase

    @property
    def of_appliances(self) -> tuple[asyncssh.SSHKey, ...]:
        """Return the keys that appliances with `publickey` accept."""
        return self.plain, self.encrypted

    def files(self) -> dict[str, tuple[str, str]]:
        """Return the private and public keys by file name."""
        return {
            "id_ed25519": (_text(self.plain.export_private_key()), _public(self.plain)),
            "id_encrypted": (
                _text(self.encrypted.export_private_key("pkcs8-pem", self.passphrase)),
                _public(self.encrypted),
            ),
            "id_jump": (_text(self.jump.export_private_key()), _public(self.jump)),
        }


def accepts(keys: tuple[asyncssh.SSHKey, ...], offered: asyncssh.SSHKey) -> bool:
    """Return whether the public key of a client belongs to one of these keys."""
    return any(offered.public_data == key.public_data for key in keys)


def _public(key: asyncssh.SSHKey) -> str:
    return _text(key.export_public_key())


def _text(data: bytes) -> str:
    return data.decode().rstrip("\n") + "\n"
