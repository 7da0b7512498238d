# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read which host keys an SSH server offers. asyncssh does not tell."""

from __future__ import annotations

import re

_FIRST_PACKET = re.compile(rb"^SSH-[^\n]*\n.{4}.\x14.{16}(?P<lists>.*)", re.M | re.S)
"""RFC 4253: version, length, length of the padding, SSH_MSG_KEXINIT, cookie, and lists of names."""


def host_key_algorithms(heard: bytes) -> list[bytes]:
    """Return the host key algorithms in the first packet of a server, or none if it cannot be read."""
    found = _FIRST_PACKET.search(heard)
    if not found:
        return []
    _key_exchange, rest = _name_list(found.group("lists"))
    names, _rest = _name_list(rest)
    return names


def _name_list(text: bytes) -> tuple[list[bytes], bytes]:
    end = 4 + int.from_bytes(text[:4], "big")
    return text[4:end].split(b","), text[end:]
