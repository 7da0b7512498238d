# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""A TCP proxy on loopback that loses the network once, at a chosen piece of the traffic."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable

WAYS = ("reset", "silence", "half_closed")
LINGER_0 = struct.pack("ii", 1, 0)


class CutProxy:
    """Forwards connections to ``port``, until the piece number ``at`` (in both directions together; 0: never).

    ``reset``: both sides get a RST. ``silence``: nothing arrives any more, and no side hears of it. ``half_closed``: the client
    reads the end, but what it sends still arrives. Later connections are forwarded: the loss is over.
    """

    def __init__(self, port: int, at: int, way: str, delivers: bool, on_cut: Callable[[], None] = lambda: None) -> None:
        self.pieces = 0
        self.cut = False
        self._target = port
        self._at = at
        self._way = way
        self._delivers = delivers
        """Whether the piece still arrives."""
        self._on_cut = on_cut
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Yield the port of the proxy."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for writer in self._writers:
                writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers += [writer, upstream]
        pair = Pair(writer, upstream)
        for source, sink, to_client in ((reader, upstream, False), (upstream_reader, writer, True)):
            task = asyncio.ensure_future(self._forward(source, sink, to_client, pair))
            self._tasks.add(task)

    async def _forward(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, to_client: bool, pair: Pair
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(65536):
                self.pieces += 1
                due = self.pieces == self._at
                if not pair.lost_for(to_client) and (not due or self._delivers):
                    sink.write(piece)
                if due:
                    await asyncio.sleep(0)
                    self.cut = True
                    self._on_cut()
                    pair.lose(self._way)
            if not pair.silent:
                sink.close()


class Pair:
    """The two connections of a forwarded one, and how it was lost."""

    def __init__(self, client: asyncio.StreamWriter, upstream: asyncio.StreamWriter) -> None:
        self._client = client
        self._upstream = upstream
        self.silent = False
        self._ended = False

    def lost_for(self, to_client: bool) -> bool:
        return self.silent or (self._ended and to_client)

    def lose(self, way: str) -> None:
        if way == "silence":
            self.silent = True
        elif way == "half_closed":
            self._ended = True
            with contextlib.suppress(OSError):
                self._client.write_eof()
        else:
            for writer in (self._client, self._upstream):
                connected: socket.socket = writer.get_extra_info("socket")
                connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
                writer.transport.abort()
