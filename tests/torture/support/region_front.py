# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A port in front of the API of a region, which forwards, drips, or is down."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.torture.support.faulty_appliances import HOST, forward
from tests.torture.support.loop_thread import LoopThread

DRIP = 0.05


class RegionFront:
    """TLS is between the client and the API. While the region is ``down``, every connection is reset."""

    def __init__(self, api_url: str) -> None:
        parts = urlsplit(api_url)
        self.down = False
        self.drips = False
        self._far = parts.port
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = LoopThread()
        self._server = self._loop.do(asyncio.start_server(self._serve, HOST, 0))
        self.api_url = f"https://{parts.hostname}:{self._server.sockets[0].getsockname()[1]}"

    def go_down(self) -> None:
        """Reset all connections, and accept none until ``down`` is false."""
        self.down = True
        self._loop.do(self._reset())

    def stop(self) -> None:
        self._loop.do(self._close())
        self._loop.stop()

    async def _close(self) -> None:
        self._server.close()

    async def _reset(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(HOST, self._far)
        self._writers |= {writer, far_writer}
        try:
            asked = asyncio.ensure_future(forward(reader, far_writer))
            await (self._drip(far_reader, writer) if self.drips else forward(far_reader, writer))
            asked.cancel()
        finally:
            self._writers -= {writer, far_writer}
            far_writer.close()
            writer.close()

    async def _drip(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1):
                writer.write(data)
                await writer.drain()
                await asyncio.sleep(DRIP)


@contextlib.contextmanager
def region_front(api_url: str) -> Iterator[RegionFront]:
    front = RegionFront(api_url)
    try:
        yield front
    finally:
        front.stop()
