# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH servers that are not email appliances: a prompt, and the same answer to every line."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import asyncssh


@dataclass
class NonAsyncosServer:
    """A server that listens in place of an appliance. ``typed`` holds the lines that it received."""

    greeting: str
    prompt: str
    answer: str
    port: int = 0
    typed: list[str] = field(default_factory=list)


class _Open(asyncssh.SSHServer):
    """Accept every log-in."""

    def begin_auth(self, username: str) -> bool:
        return False


@contextlib.contextmanager
def listening(*boxes: NonAsyncosServer) -> Iterator[None]:
    """Serve them on loopback; their ports are set inside the context."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def do(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(15)

    acceptors = [do(_listen(box)) for box in boxes]
    try:
        yield
    finally:
        for acceptor in acceptors:
            do(_stop(acceptor))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(15)
        loop.close()


async def _stop(acceptor: asyncssh.SSHAcceptor) -> None:
    acceptor.close()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(0)


async def _listen(box: NonAsyncosServer) -> asyncssh.SSHAcceptor:
    async def talk(process: asyncssh.SSHServerProcess[str]) -> None:
        process.stdout.write(box.greeting + box.prompt)
        async for line in process.stdin:
            box.typed.append(line.strip())
            if line.strip() == "exit":
                break
            process.stdout.write((box.answer if line.strip() else "") + box.prompt)
        process.exit(0)

    acceptor = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=_Open,
        process_factory=talk,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
    )
    box.port = acceptor.get_port()
    return acceptor
