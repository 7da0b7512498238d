# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Connect to a host without the threads of the event loop.

asyncio and asyncssh share a few threads for all hosts. Names that resolve slowly would keep them all busy, so that the
other appliances time out.
"""

from __future__ import annotations

import asyncio
import socket
from functools import partial

from ansible_collections.emailsec.ctr.plugins.module_utils._threads import in_thread


async def connected_socket(host: str, port: int) -> socket.socket:
    """Try all addresses of a host in turn. Raise OSError, and UnicodeError or ValueError for an invalid name."""
    if "\0" in host:
        raise ValueError("a null character in the name")  # the C library would resolve the part before it
    found = await in_thread(partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM))
    failure = OSError("the name has no address")
    for family, kind, protocol, _name, address in found:
        try:
            return await _connected(socket.socket(family, kind, protocol), address)
        except OSError as error:
            failure = error
    raise failure


async def _connected(connecting: socket.socket, address: object) -> socket.socket:
    try:
        connecting.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connecting, address)  # type: ignore[arg-type]
    except BaseException:
        connecting.close()
        raise
    return connecting
