# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers on loopback that are no appliance: SSH with algorithms of our choice, and ports that speak something else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import asyncssh

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def speaking(talk: Talk) -> AsyncIterator[int]:
    """A port where this is said."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def says(text: bytes, leaves: bool = False) -> Talk:
    """Says this, and then waits or leaves."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        while not leaves and await reader.read(65536):
            pass

    return talk


SSH_IGNORE = b"\0\0\0\x0c\x05\x02\0\0\0\x01x" + bytes(5)
"""The smallest packet of SSH without encryption, which a client must ignore."""


def floods(piece: bytes, greeting: bytes = b"") -> Talk:
    """Says this for ever, after the greeting."""

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()

    return talk


class _Nobody(asyncssh.SSHServer):
    """Server that refuses and records every log-in."""

    def __init__(self, log_ins: list[str]) -> None:
        self.log_ins = log_ins

    def begin_auth(self, username: str) -> bool:
        self.log_ins.append(username)
        return True


@contextlib.asynccontextmanager
async def ssh_server(
    log_ins: list[str],
    key: str = "ssh-ed25519",
    signatures: Sequence[bytes] = (),
    server_class: type[asyncssh.SSHServer] | None = None,
    **options: Any,
) -> AsyncIterator[int]:
    """An SSH server with these algorithms; ``signatures`` are all that it offers for its host key."""
    size = {"key_size": 2048} if key == "ssh-rsa" else {}
    keypairs = list(asyncssh.load_keypairs([asyncssh.generate_private_key(key, **size)]))
    for keypair in keypairs if signatures else []:
        keypair.host_key_algorithms = list(signatures)
    acceptor = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=server_class or (lambda: _Nobody(log_ins)),
        server_host_keys=keypairs,
        gss_host=None,
        **options,
    )
    try:
        yield acceptor.get_port()
    finally:
        acceptor.close()


class _Silent(asyncssh.SSHServer):
    """Everybody may log in, and no terminal is ever opened; the connection itself stays alive."""

    def begin_auth(self, username: str) -> bool:
        return False

    async def session_requested(self) -> Any:
        await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def server_without_terminal() -> AsyncIterator[int]:
    """An SSH server that does not answer the request for a terminal."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    acceptor = await asyncssh.listen("127.0.0.1", 0, server_factory=_Silent, server_host_keys=[key], gss_host=None)
    try:
        yield acceptor.get_port()
    finally:
        acceptor.close()


class _Gate(asyncssh.SSHServer):
    """Everybody may log in, and go on from here."""

    def begin_auth(self, username: str) -> bool:
        return False

    def connection_requested(self, *_addresses: object) -> bool:
        return True


@contextlib.asynccontextmanager
async def jump_server() -> AsyncIterator[int]:
    """A jump host that asks for nothing."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    acceptor = await asyncssh.listen("127.0.0.1", 0, server_factory=_Gate, server_host_keys=[key], gss_host=None)
    try:
        yield acceptor.get_port()
    finally:
        acceptor.close()
