# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Choose the SSH algorithms: safe ones, and legacy ones if they are allowed.

The defaults of asyncssh include SHA-1 in key exchange, MAC and signatures.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from .library import HAS_ASYNCSSH

if HAS_ASYNCSSH:
    from asyncssh.encryption import get_encryption_algs
    from asyncssh.kex import get_kex_algs
    from asyncssh.mac import get_mac_algs
    from asyncssh.public_key import get_certificate_algs, get_public_key_algs

SAFE_KEX = re.compile(
    r"(mlkem|sntrup|curve25519-|curve448-|ecdh-sha2-).*"
    r"|diffie-hellman-group(-exchange|1[4-8])-sha(256|384|512)(@ssh\.com)?"
)
SAFE_CIPHERS = re.compile(r"(aes(128|256)-gcm|chacha20-poly1305)@openssh\.com|aes(128|192|256)-ctr")
SAFE_MACS = re.compile(r"(hmac-sha2-(256|512)|umac-128)(-etm@openssh\.com|@openssh\.com)?")
SAFE_SIGNATURES = re.compile(r"(rsa-sha2-|ecdsa-sha2-|ssh-ed25519|ssh-ed448|(webauthn-)?sk-).*")

CHEAP_CIPHERS = re.compile(r"aes(128|256)-gcm@openssh\.com")
"""Preferred because they are the fastest in asyncssh: a session takes a fifth less time than with its own first choice."""


@functools.cache
def algorithms(legacy: bool) -> dict[str, Any]:
    """Return arguments for asyncssh.connect; with ``legacy`` all algorithms of asyncssh, the safe ones first."""
    signatures = _names(get_public_key_algs())
    host_keys = signatures + _names(get_certificate_algs())
    # With + or - in front of the list, asyncssh still prefers the key types that known_hosts has for the host.
    if legacy:
        host_key_choice = f"+{','.join(host_keys)}"
    else:
        host_key_choice = f"-{','.join(name for name in host_keys if not SAFE_SIGNATURES.fullmatch(name))}"
    kex = [name for name in _names(get_kex_algs()) if not name.startswith("gss-")]
    ciphers = _chosen(_names(get_encryption_algs()), SAFE_CIPHERS, legacy)
    return {
        "kex_algs": _chosen(kex, SAFE_KEX, legacy),
        "encryption_algs": sorted(ciphers, key=lambda name: not CHEAP_CIPHERS.fullmatch(name)),
        "mac_algs": _chosen(_names(get_mac_algs()), SAFE_MACS, legacy),
        "server_host_key_algs": host_key_choice,
        "signature_algs": _chosen(signatures, SAFE_SIGNATURES, legacy),
    }


def _chosen(names: list[str], safe: re.Pattern[str], legacy: bool) -> list[str]:
    first = [name for name in names if safe.fullmatch(name)]
    return first + ([name for name in names if not safe.fullmatch(name)] if legacy else [])


def _names(registered: list[bytes]) -> list[str]:
    return [name.decode("ascii") for name in registered]
