# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The algorithms of the lab's SSH servers: the usual ones, or only those of very old releases (C; the list is I)."""

from __future__ import annotations

from typing import Any

import asyncssh

LEGACY = {
    "kex_algs": ["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"],
    "encryption_algs": ["aes128-cbc", "3des-cbc"],
    "mac_algs": ["hmac-sha1"],
}


def generate_host_key(legacy: bool) -> asyncssh.SSHKey:
    """Return a host key for these algorithms."""
    if legacy:
        return asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    return asyncssh.generate_private_key("ssh-ed25519")


def algorithms(host_key: asyncssh.SSHKey, legacy: bool) -> dict[str, Any]:
    """Return arguments for asyncssh.listen, including the host key."""
    keypairs = list(asyncssh.load_keypairs([host_key]))
    if not legacy:
        return {"server_host_keys": keypairs}
    for keypair in keypairs:
        # Otherwise an RSA key would be offered with newer hashes, too.
        keypair.host_key_algorithms = [b"ssh-rsa"]
    return {"server_host_keys": keypairs, **LEGACY}
