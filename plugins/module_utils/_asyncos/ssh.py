# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. From SSH options to a logged-in session, over asyncssh."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from typing import TYPE_CHECKING, Any

from . import screens, ssh_files
from .errors import NotAsyncOS, Unreachable
from .identity import read_identity
from .redact import Redactor
from .session import Channel, Session
from .ssh_errors import CONNECT_ERRORS, HAS_ASYNCSSH, check_key_file, explain
from .ssh_options import SshOptions
from .transcript import RecordingChannel

if HAS_ASYNCSSH:
    import asyncssh

    ClientBase: Any = asyncssh.SSHClient
else:
    ClientBase = object

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TERMINAL = ("vt100", 200, 5000)
"""Type, columns and rows of the terminal; a very tall one avoids the pager (grade C)."""

CHEAP_FIRST = "^aes*-gcm@openssh.com"
"""The ciphers that asyncssh allows by default, those in front that take it the least time: a fifth less for a dialogue
than with its own favourite, which it puts together in Python."""


@contextlib.asynccontextmanager
async def open_session(options: SshOptions, jump_hosts: JumpHosts | None = None) -> AsyncIterator[Session]:
    """Log in (through the jump host, if there is one), learn the prompt, make sure that it is AsyncOS.

    Everything is closed at the end, but ``jump_hosts``, which other sessions may share. Raises the Unreachable family,
    and UnexpectedScreen where the log-in ends in a question.
    """
    async with contextlib.AsyncExitStack() as stack:
        tunnel = None
        if options.jump is not None:
            jump_hosts = jump_hosts or await stack.enter_async_context(JumpHosts())
            tunnel = await jump_hosts.connection(options.jump)
        connection = await stack.enter_async_context(_connection(options, tunnel))
        session = await _start_session(connection, options)
        stack.push_async_callback(session.close)
        yield session


class JumpHosts:
    """Connections to jump hosts, one for all appliances behind each, closed at the end.

    A server of OpenSSH lets no more than a few log in at the same moment (MaxStartups).
    """

    def __init__(self) -> None:
        self._stack = contextlib.AsyncExitStack()
        self._connecting: dict[SshOptions, asyncio.Future[Any]] = {}
        self._ends: dict[SshOptions, asyncio.Future[None]] = {}

    async def __aenter__(self) -> JumpHosts:
        return self

    async def __aexit__(self, *_exc_info: object) -> None:
        for connecting in self._connecting.values():
            connecting.cancel()
        await asyncio.gather(*self._connecting.values(), return_exceptions=True)
        await self._stack.aclose()
        await asyncio.gather(*self._ends.values(), return_exceptions=True)

    async def connection(self, options: SshOptions) -> Any:
        """Log in at the first call, and again where the connection was lost. A log-in that failed is not repeated."""
        if options not in self._connecting or (options in self._ends and self._ends[options].done()):
            self._ends.pop(options, None)
            self._connecting[options] = asyncio.ensure_future(self._connect(options))
        # cancelling one of those that wait leaves the others their connection
        return await asyncio.shield(self._connecting[options])

    async def _connect(self, options: SshOptions) -> Any:
        connection = await self._stack.enter_async_context(_connection(options, None))
        self._ends[options] = asyncio.ensure_future(connection.wait_closed())
        return connection


@contextlib.asynccontextmanager
async def _connection(options: SshOptions, tunnel: Any) -> AsyncIterator[Any]:
    connection = await _connect(options, tunnel)
    try:
        yield connection
    finally:
        connection.abort()
        await connection.wait_closed()


async def _connect(options: SshOptions, tunnel: Any) -> Any:
    check_key_file(options)
    known_hosts = ssh_files.known_hosts(options.known_hosts)
    client = _Client(options.password)
    try:
        return await asyncssh.connect(
            options.host,
            options.port,
            username=options.user,
            tunnel=tunnel,
            client_factory=lambda: client,
            known_hosts=known_hosts if options.host_key_checking else None,
            config=None,
            connect_timeout=options.connect_timeout,
            login_timeout=options.connect_timeout,
            keepalive_interval=30,
            **_authentication(options),
            **(_legacy_algorithms() if options.legacy_algorithms else {"encryption_algs": CHEAP_FIRST}),
        )
    except CONNECT_ERRORS as error:
        raise explain(error, options, known_hosts, client.left_unanswered) from error


class _Client(ClientBase):  # type: ignore[misc]
    """Answers one request for the password by keyboard-interactive, and remembers what it cannot answer."""

    def __init__(self, password: str | None) -> None:
        self._password = password
        self.left_unanswered = ""

    def kbdint_auth_requested(self) -> str | None:
        return None if self._password is None else ""

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: list[tuple[str, bool]]
    ) -> list[str] | None:
        if not prompts:
            return []
        if len(prompts) == 1 and self._password is not None and re.search(r"pass(word|phrase)", prompts[0][0], re.I):
            password, self._password = self._password, None
            return [password]
        self.left_unanswered = " ".join(text.strip() for text, _echo in prompts)
        return None

    def password_change_requested(self, prompt: str, lang: str) -> Any:
        self.left_unanswered = prompt.strip() or "a new password"
        return NotImplemented


async def _start_session(connection: Any, options: SshOptions) -> Session:
    kind, columns, rows = TERMINAL
    try:
        process = await connection.create_process(
            term_type=kind, term_size=(columns, rows), encoding="utf-8", errors="replace"
        )
    except (asyncssh.Error, OSError) as error:
        raise NotAsyncOS(
            options.label, f"the SSH server gives no terminal ({error}).", "check ansible_host and ansible_port."
        ) from error
    redactor = Redactor(*options.secrets())
    channel: Channel = TerminalChannel(process)
    if options.transcript_dir:
        try:
            channel = RecordingChannel(channel, os.path.expanduser(options.transcript_dir), options.name, redactor)
        except OSError as error:
            raise Unreachable(
                options.label,
                f"the transcript cannot be written to {options.transcript_dir} ({error.strerror}).",
                "choose another folder with ansible_asyncos_transcript, or leave it out.",
            ) from error
    session = Session(channel, options.label, redactor, options.command_timeout, options.cluster_machine)
    try:
        await session.learn_prompt()
        if not screens.ASYNCOS_BANNER.shown_in(session.login_text):
            await read_identity(session)
    except BaseException:
        with contextlib.suppress(OSError):
            await channel.close()
        raise
    return session


class TerminalChannel:
    """A terminal over asyncssh, as a session needs it."""

    def __init__(self, process: Any) -> None:
        self._process = process

    def write(self, text: str) -> None:
        # a broken pipe is reported by the next read, as the end of the session
        with contextlib.suppress(OSError):
            self._process.stdin.write(text)

    async def read(self) -> str:
        try:
            return await self._process.stdout.read(65536)
        except (asyncssh.Error, OSError):
            return ""

    async def close(self) -> None:
        self._process.close()


def _authentication(options: SshOptions) -> dict[str, Any]:
    """A key where one is named, the password where one is given; otherwise the user's agent and default keys."""
    arguments: dict[str, Any] = {}
    if options.password is not None:
        arguments["password"] = options.password
    if options.private_key_file:
        arguments["client_keys"] = [ssh_files.private_key(options.private_key_file, options.private_key_passphrase)]
        arguments["passphrase"] = options.private_key_passphrase
    elif options.password is not None:
        arguments["client_keys"] = None
        arguments["agent_path"] = None
    return arguments


def _legacy_algorithms() -> dict[str, Any]:
    """Everything that asyncssh can speak, the safe ones first."""
    return dict.fromkeys(("kex_algs", "encryption_algs", "mac_algs", "server_host_key_algs"), "*")
