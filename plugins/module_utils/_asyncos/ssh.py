# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. From SSH options to a logged-in session, over asyncssh."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING, Any

from . import screens
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


@contextlib.asynccontextmanager
async def open_session(options: SshOptions) -> AsyncIterator[Session]:
    """Log in (through the jump host, if there is one), learn the prompt, make sure that it is AsyncOS.

    Everything is closed at the end. Raises the Unreachable family.
    """
    async with contextlib.AsyncExitStack() as stack:
        tunnel = None
        if options.jump is not None:
            tunnel = await stack.enter_async_context(_connection(options.jump, None))
        connection = await stack.enter_async_context(_connection(options, tunnel))
        session = await _start_session(connection, options)
        stack.push_async_callback(session.close)
        yield session


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
    known_hosts = _known_hosts(options)
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
            **(_legacy_algorithms() if options.legacy_algorithms else {}),
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
        arguments["client_keys"] = [os.path.expanduser(options.private_key_file)]
        arguments["passphrase"] = options.private_key_passphrase
    elif options.password is not None:
        arguments["client_keys"] = None
        arguments["agent_path"] = None
    return arguments


def _legacy_algorithms() -> dict[str, Any]:
    """Everything that asyncssh can speak, the safe ones first."""
    return dict.fromkeys(("kex_algs", "encryption_algs", "mac_algs", "server_host_key_algs"), "*")


def _known_hosts(options: SshOptions) -> Any:
    files = [os.path.expanduser(path) for path in options.known_hosts]
    return asyncssh.read_known_hosts([path for path in files if os.path.isfile(path)])
