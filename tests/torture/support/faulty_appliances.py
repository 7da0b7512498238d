# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Appliances with faults, as servers in front of or in place of the appliances of the lab.

Each kind of fault occurs at several places of a session. A fault names the texts of which one must be in its reason.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import asyncssh

from tests.integration.support.ports import closed_port
from tests.torture.support.loop_thread import LoopThread
from tests.unit.plugins.module_utils.asyncos.other_servers import SSH_IGNORE, Talk, floods, says

HOST = "127.0.0.1"
DRIP = 0.2
"""Seconds between two bytes."""
BANNER = "Welcome to the Cisco C100V Email Security Virtual Appliance\r\n"
PROMPT = "esa.example.com> "

NO_ANSWER = "no answer within"
NO_PROMPT = ("no known prompt within", "no prompt appeared within", "after the log-in")
NOT_SSH = "is not SSH (it answered"
NOT_ASYNCOS = "is not the command line of an AsyncOS appliance"
ENDED = (
    "the connection ended before the log-in",
    "the connection ended during the log-in",
    "the appliance ended the session",
    "the SSH server refused a terminal",
)

Say = Callable[[asyncssh.SSHServerProcess[str]], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """``kind`` and place of a fault; ``reasons`` are texts, one of which must be in the reported reason."""

    kind: str
    place: str
    reasons: tuple[str, ...]
    talk: Talk | None = None
    """What is said instead of SSH."""
    say: Say | None = None
    """What is said after a log-in that always succeeds."""
    through: str = ""
    """What happens after some bytes of the real appliance: stalls, dies or drips."""

    @property
    def name(self) -> str:
        return f"{self.kind}: {self.place}"


async def _wait(process: asyncssh.SSHServerProcess[str]) -> None:
    await process.wait_closed()


def _show(text: str) -> Say:
    async def say(process: asyncssh.SSHServerProcess[str]) -> None:
        process.stdout.write(text)
        await _wait(process)

    return say


def _flood(piece: str) -> Say:
    async def say(process: asyncssh.SSHServerProcess[str]) -> None:
        while not process.is_closing():
            process.stdout.write(piece)
            await process.stdout.drain()

    return say


def _drip(text: str) -> Say:
    async def say(process: asyncssh.SSHServerProcess[str]) -> None:
        while not process.is_closing():
            for character in text:
                process.stdout.write(character)
                await asyncio.sleep(DRIP)

    return say


async def _die(process: asyncssh.SSHServerProcess[str]) -> None:
    process.stdout.write("AsyncOS 14.0.0 for Cisco C100V build 698\r\n\r\nWelc")
    await process.stdout.drain()
    process.channel.get_connection().abort()


def _at_command(say: Say) -> Say:
    """Log in as an appliance does, and do this at the first command."""

    async def talk(process: asyncssh.SSHServerProcess[str]) -> None:
        process.stdout.write(BANNER + PROMPT)
        async for line in process.stdin:
            if line.strip():
                await say(process)
                return
            process.stdout.write("\r\n" + PROMPT)

    return talk


def _drips(text: bytes) -> Talk:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            for byte in text:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(DRIP)

    return talk


NOISE = "\x00\x1b[2J\x7f#~ 0xDEAD \x07\r\n"
FAULTS = (
    Fault("refuse", "the connection", ("connection refused",)),
    Fault("silent", "after the connection", (NO_ANSWER,), talk=says(b"")),
    Fault("silent", "after the SSH version", (NO_ANSWER,), talk=says(b"SSH-2.0-box\r\n")),
    Fault("silent", "in the middle", (NO_ANSWER, *NO_PROMPT), through="stalls"),
    Fault("silent", "after the log-in", (NOT_ASYNCOS, *NO_PROMPT), say=_wait),
    Fault("silent", "at a command", NO_PROMPT, say=_at_command(_wait)),
    Fault("wrong key", "of the host", ("the SSH host key differs from the one in",)),
    Fault("wrong password", "at the log-in", ("may not log in",)),
    Fault("garbage", "instead of SSH", (NOT_SSH,), talk=says(b"\xff\xfb\x01\x00\x1b[2J" * 9)),
    Fault(
        "garbage",
        "after the SSH version",
        ("SSH failed", ENDED[0], NO_ANSWER),
        talk=says(b"SSH-2.0-box\r\n" + bytes(range(256)) * 40),
    ),
    Fault("garbage", "after the log-in", (NOT_ASYNCOS,), say=_show(NOISE * 9)),
    Fault("garbage", "at a command", NO_PROMPT, say=_at_command(_show(NOISE * 9))),
    Fault("endless", "instead of SSH", (NOT_SSH,), talk=floods(b"x" * 4096)),
    Fault(
        "endless",
        "before the key exchange",
        ("the server sent more than",),
        talk=floods(SSH_IGNORE * 4000, greeting=b"SSH-2.0-box\r\n"),
    ),
    Fault("endless", "after the log-in", ("the output exceeds", NOT_ASYNCOS), say=_flood("line of a log\r\n" * 500)),
    Fault("endless", "at a command", ("the output exceeds", *NO_PROMPT), say=_at_command(_flood("x" * 8192))),
    Fault("drip", "instead of SSH", (NOT_SSH, NO_ANSWER), talk=_drips(b"220 mail\r\n")),
    Fault("drip", "in the middle", (NO_ANSWER, *NO_PROMPT), through="drips"),
    Fault("drip", "after the log-in", (NOT_ASYNCOS, *NO_PROMPT), say=_drip("log line\r\n")),
    Fault("drip", "at a command", NO_PROMPT, say=_at_command(_drip("log line\r\n"))),
    Fault("dies", "after the connection", ENDED, talk=says(b"", leaves=True)),
    Fault("dies", "in the middle", ENDED, through="dies"),
    Fault("dies", "in the log-in text", ENDED, say=_die),
    Fault("dies", "at a command", ENDED, say=_at_command(_die)),
)
KINDS = tuple(dict.fromkeys(fault.kind for fault in FAULTS))
FIRST_BYTES, LAST_BYTES = 40, 7000
"""How much of a real session comes before a fault in the middle: after the SSH version, before the end of a drift report."""


@dataclass
class Visit:
    """One connection to a faulty appliance."""

    fault: Fault
    began: float = field(default_factory=time.time)
    ended: float = 0.0

    def end(self) -> None:
        self.ended = time.time()


class _Open(asyncssh.SSHServer):
    """Accept every log-in, and count the connections."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def connection_lost(self, _error: Exception | None) -> None:
        self._visit.end()

    def begin_auth(self, username: str) -> bool:
        return False


class FaultyServers:
    """Servers with faults, and the ``visits`` to them."""

    def __init__(self, rng: Random, lab_folder: Path, folder: Path) -> None:
        self.visits: list[Visit] = []
        self._rng = rng
        self._known_hosts = folder / "known_hosts"
        self._changed = folder / "changed_known_hosts"
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._lines = dict(
            line.split(" ", 1) for line in (lab_folder / "known_hosts").read_text().splitlines() if " " in line
        )
        self._stack = contextlib.ExitStack()
        self._loop = LoopThread()
        self._servers: list[Any] = []

    @property
    def open(self) -> int:
        """Return the number of open connections."""
        return sum(not visit.ended for visit in self.visits)

    @property
    def ended(self) -> float:
        """Return the time at which the last connection ended."""
        return max(visit.ended for visit in self.visits)

    def visit(self, fault: Fault) -> Visit:
        self.visits.append(Visit(fault))
        return self.visits[-1]

    def variables(self, fault: Fault, port: int) -> dict[str, Any]:
        """Start what this fault needs, for the appliance on this port, and return the variables of the host."""
        if fault.kind == "wrong password":
            return {"ansible_password": "Wr0ng-passw0rd-of-a-storm"}
        if fault.kind == "wrong key":
            self._know(self._changed, port, self._public(self._key))
            return {"ansible_asyncos_known_hosts": str(self._changed)}
        if fault.kind == "refuse":
            return {"ansible_port": self._stack.enter_context(closed_port())}
        if fault.say:
            own = self._loop.do(self._listen_ssh(fault, fault.say))
        else:
            own = self._loop.do(self._listen(fault, fault.talk or self._front(fault.through, port)))
        key = self._lines[f"[{HOST}]:{port}"] if fault.through else self._public(self._key)
        self._know(self._known_hosts, own, key)
        return {"ansible_port": own, "ansible_asyncos_known_hosts": str(self._known_hosts)}

    def stop(self) -> None:
        """Stop the servers, and close their connections."""
        self._loop.do(self._close())
        self._loop.stop()
        self._stack.close()

    @staticmethod
    def _public(key: asyncssh.SSHKey) -> str:
        return key.export_public_key().decode().strip()

    @staticmethod
    def _know(file: Path, port: int, key: str) -> None:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(f"[{HOST}]:{port} {key}\n")

    async def _close(self) -> None:
        for server in self._servers:
            server.close()

    async def _listen_ssh(self, fault: Fault, say: Say) -> int:
        async def talk(process: asyncssh.SSHServerProcess[str]) -> None:
            with contextlib.suppress(OSError, asyncssh.Error):
                await say(process)

        server = await asyncssh.listen(
            HOST,
            0,
            server_factory=lambda: _Open(self.visit(fault)),
            process_factory=talk,
            server_host_keys=[self._key],
            gss_host=None,
        )
        self._servers.append(server)
        return int(server.get_port())

    async def _listen(self, fault: Fault, talk: Talk) -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            visit = self.visit(fault)
            try:
                with contextlib.suppress(OSError):
                    await talk(reader, writer)
            finally:
                visit.end()
                writer.close()

        server = await asyncio.start_server(serve, HOST, 0)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def _front(self, through: str, port: int) -> Talk:
        """Forward to the appliance on this port, and after some bytes of its output stall, die or drip."""
        left = int(self._rng.uniform(FIRST_BYTES, LAST_BYTES))

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            far_reader, far_writer = await asyncio.open_connection(HOST, port)
            typing = asyncio.ensure_future(forward(reader, far_writer))
            try:
                await self._output(through, left, far_reader, writer, typing)
            finally:
                typing.cancel()
                far_writer.close()

        return talk

    async def _output(
        self,
        through: str,
        left: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        typing: asyncio.Future[None],
    ) -> None:
        while left and (data := await reader.read(left)):
            writer.write(data)
            left -= len(data)
        await writer.drain()
        if through == "stalls":
            await typing
        while through == "drips" and not typing.done() and (data := await reader.read(1)):
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(DRIP)


async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the end of the connection."""
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@contextlib.contextmanager
def faulty_servers(rng: Random, lab_folder: Path, folder: Path) -> Iterator[FaultyServers]:
    """Yield servers with faults. ``lab_folder`` has the known_hosts of the lab; ``folder`` gets those of the servers."""
    servers = FaultyServers(rng, lab_folder, folder)
    try:
        yield servers
    finally:
        servers.stop()
