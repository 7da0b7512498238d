# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host keys that a server offers, from whole, incomplete and invalid first packets."""

from __future__ import annotations

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.offer import host_key_algorithms


def name_list(text: bytes) -> bytes:
    return len(text).to_bytes(4, "big") + text


LISTS = name_list(b"curve25519-sha256") + name_list(b"ssh-ed25519,rsa-sha2-256") + name_list(b"aes128-ctr") * 2
PACKET = b"\0\0\1\0\x08\x14" + bytes(16) + LISTS
GREETING = b"SSH-2.0-box\r\n"


@pytest.mark.parametrize("before", [b"", b"Authorized users only\r\n", b"\0\xff\n"])
def test_the_host_keys_are_read(before: bytes) -> None:
    assert host_key_algorithms(before + GREETING + PACKET) == [b"ssh-ed25519", b"rsa-sha2-256"]


@pytest.mark.parametrize(
    "heard", [b"", b"SSH-", GREETING, GREETING + b"\x02" * 300, PACKET, b"220 mail\r\n", b"SSH-2.0-box" + PACKET[:25]]
)
def test_other_output_offers_nothing(heard: bytes) -> None:
    assert host_key_algorithms(heard) == []


def test_a_packet_that_is_cut_off_raises_nothing() -> None:
    whole = GREETING + PACKET
    for length in range(len(whole)):
        assert isinstance(host_key_algorithms(whole[:length]), list)
    assert isinstance(host_key_algorithms(GREETING + PACKET[:22] + b"\xff" * 100), list)
