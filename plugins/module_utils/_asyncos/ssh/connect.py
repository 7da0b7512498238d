# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Log in with SSH options, and return a session over asyncssh."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import re
from typing import TYPE_CHECKING, Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import screens
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.identity import read_identity
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Channel, Session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.transcript import RecordingChannel
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import NotAsyncOS, Unreachable
from ansible_collections.emailsec.ctr.plugins.module_utils._records import DIALOGUE, stand_ins_of
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from . import files as ssh_files
from .algorithms import algorithms
from .errors import TIMEOUTS, check_numbers, explain, file_unusable, refused_before
from .library import HAS_ASYNCSSH
from .logins import ACCEPTED, MORE_ASKED, REFUSED, UNANSWERED, Attempt, Logins, Past, over_http, over_ssh
from .options import SshOptions
from .sockets import connected_socket

if HAS_ASYNCSSH:
    import asyncssh

    ClientBase: Any = asyncssh.SSHClient
else:
    ClientBase = object

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

TERMINAL = ("vt100", 200, 5000)
"""Type, columns and rows of the terminal; a very tall one avoids the pager (grade C)."""

MAX_BEFORE_SSH = 16 * 1024
"""Maximum bytes before the line in which an SSH server identifies itself."""

MAX_AT_LOGIN = 128 * 1024
"""Maximum bytes before the terminal is open; a log-in needs less than 10 KB. Many small packets would block the event loop."""

SSH_GREETING = re.compile(rb"^SSH-", re.M)
MAX_PROMPT = 200
"""Maximum characters of a log-in prompt in an error."""

PASSWORD = re.compile(r"pass(word|phrase)", re.I)
ANOTHER_PASSWORD = re.compile(
    r"\b(new|next|again|retype|re-enter|repeat|confirm|old|current|one.?time|otp|token)\b", re.I
)

AUTHENTICATION = ("publickey", "password", "keyboard-interactive")
"""The password is sent once, by the first of the last two methods that the server offers."""


@contextlib.asynccontextmanager
async def open_session(
    options: SshOptions, jump_hosts: JumpHosts | None = None, heard: Callable[[], None] = lambda: None
) -> AsyncIterator[Session]:
    """Log in (through the jump host, if any), learn the prompt, and check that the host is AsyncOS.

    Close everything at the end except ``jump_hosts``, which other sessions may share. ``heard`` is called whenever the host
    has sent something. Raise an Unreachable error, or UnexpectedScreen if the log-in ends in a question.
    """
    async with contextlib.AsyncExitStack() as stack:
        tunnel = None
        if options.jump is not None:
            if jump_hosts is None:
                jump_hosts = JumpHosts()
                await stack.enter_async_context(jump_hosts)
            tunnel = await jump_hosts.connection(options.jump)
        connection = await stack.enter_async_context(_connection(options, tunnel, heard))
        session = await _start_session(connection, options, heard)
        stack.push_async_callback(session.close)
        yield session


class JumpHosts:
    """Connections to jump hosts, each shared by all appliances behind it, and closed at the end.

    An OpenSSH server limits the number of simultaneous log-ins (MaxStartups).
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
        """Log in at the first call, and after a lost connection. Never repeat a failed log-in."""
        if options not in self._connecting or (options in self._ends and self._ends[options].done()):
            self._ends.pop(options, None)
            self._connecting[options] = asyncio.ensure_future(self._connect(options))
        # cancelling one waiting caller must not cancel the connection of the others
        return await asyncio.shield(self._connecting[options])

    async def _connect(self, options: SshOptions) -> Any:
        connection = await self._stack.enter_async_context(_connection(options, None, lambda: None))
        del connection.data_received  # the limit for the log-in
        self._ends[options] = asyncio.ensure_future(connection.wait_closed())
        return connection


@contextlib.asynccontextmanager
async def _connection(options: SshOptions, tunnel: Any, heard: Callable[[], None]) -> AsyncIterator[Any]:
    connection = await _connect(options, tunnel, heard)
    try:
        yield connection
    finally:
        connection.abort()
        await connection.wait_closed()


async def _connect(options: SshOptions, tunnel: Any, heard: Callable[[], None]) -> Any:
    """Log in. Raise only Unreachable errors, cancellations, and errors that end this process."""
    check_numbers(options)
    logins = Logins(options.login_records)
    options = _without_refused_password(options, logins)
    try:
        keys = _authentication(options)
        known_hosts = ssh_files.known_hosts(options.known_hosts) if options.host_key_checking else None
    except ssh_files.FileUnusable as error:
        raise file_unusable(options, error.path, error.why) from None
    client = _Client(options, logins.attempt(*_login_key(options, "password")), heard)
    end = Past(UNANSWERED)
    try:
        logging_in = _log_in(options, tunnel, client, known_hosts and known_hosts.match, keys)
        connection = await asyncio.wait_for(logging_in, options.connect_timeout)
        if not client.logged_in:  # asyncssh treats some closed connections as success
            raise asyncssh.ConnectionLost("closed")
        end = Past(ACCEPTED)
        return connection
    except asyncssh.PermissionDenied as error:
        end = client.attempt.past or Past(MORE_ASKED if client.left_unanswered else REFUSED, client.left_unanswered)
        if client.attempt.sent:
            logins.note(end, *over_ssh(options.name, options.host, options.user, options.password))
        elif client.attempt.past is None:
            logins.note(end, *_login_key(options, "key"))
        raise explain(error, options, known_hosts, client) from error
    except Exception as error:  # asyncssh raises undocumented errors for names, keys, agents and servers
        raise explain(error, options, known_hosts, client) from error
    finally:
        client.attempt.end(end)


async def _log_in(options: SshOptions, tunnel: Any, client: _Client, known_hosts: Any, keys: dict[str, Any]) -> Any:
    """Connect, through the tunnel if there is one. Close the socket if the log-in fails."""
    connected = None if tunnel else await connected_socket(options.host, options.port)
    try:
        return await asyncssh.connect(
            options.host,
            options.port,
            username=options.user,
            tunnel=tunnel,
            sock=connected,
            client_factory=lambda: client,
            known_hosts=known_hosts,
            x509_trusted_certs=None,
            config=None,
            gss_host=None,
            preferred_auth=AUTHENTICATION,
            login_timeout=options.connect_timeout,
            keepalive_interval=30,
            **keys,
            **algorithms(options.legacy_algorithms),
        )
    except BaseException:
        if connected:
            connected.close()
        raise


def _without_refused_password(options: SshOptions, logins: Logins) -> SshOptions:
    """Remove a password that was rejected earlier in this run. Raise LoginRefused if no other method is left."""
    if options.password is not None:
        over_api = over_http(options.name, options.host, options.user, options.password)
        past = logins.past(*_login_key(options, "password")) or logins.past(*over_api)
    else:
        past = None
    if past is not None and past.end != ACCEPTED:
        if not options.private_key_file:
            raise refused_before(options, past)
        options = dataclasses.replace(options, password=None)
    past = logins.past(*_login_key(options, "key"))
    if past is not None:
        raise refused_before(options, past)
    return options


def _login_key(options: SshOptions, kind: str) -> tuple[object, ...]:
    """Return the key under which a log-in is recorded: with its password only, or with all its credentials."""
    if kind == "password":
        return ("ssh", *options.address, options.user, options.password)
    return ("ssh", *options.address, options.user, options.private_key_file, options.password)


class _Client(ClientBase):  # type: ignore[misc]
    """Send the password once, and record unanswered prompts and any output before SSH."""

    def __init__(self, options: SshOptions, attempt: Attempt, heard: Callable[[], None]) -> None:
        self._options = options
        self._secrets = Secrets(*options.secrets())
        self._heard = heard
        self.attempt = attempt
        self.left_unanswered = ""
        self.connected = False
        self.logged_in = False
        self.heard = b""
        self.speaks_ssh = False
        self._received = 0
        self._kept_back: str | None = None

    def connection_made(self, conn: Any) -> None:
        """Record the first output of the server, which asyncssh does not keep, and stop a flood."""
        self.connected = True
        receive = conn.data_received

        def listen(data: bytes, *more: Any) -> None:
            self._heard()
            self._received += len(data)
            if len(self.heard) <= MAX_BEFORE_SSH:
                self.heard = (self.heard + data)[: MAX_BEFORE_SSH + 1]
                self.speaks_ssh = self.speaks_ssh or SSH_GREETING.search(self.heard) is not None
            limit = MAX_AT_LOGIN if self.speaks_ssh else MAX_BEFORE_SSH
            if self._received > limit:
                conn.connection_lost(ConnectionAbortedError(f"the server sent more than {limit // 1024} KB"))
                return
            receive(data, *more)

        conn.data_received = listen

    def auth_completed(self) -> None:
        self.logged_in = True

    async def password_auth_requested(self) -> str | None:
        return self._options.password if await self._may_send_password() else None

    async def kbdint_auth_requested(self) -> str | None:
        # an abandoned keyboard-interactive exchange may count as a failed log-in
        self._kept_back = self._options.password if await self._may_send_password() else None
        return None if self._kept_back is None else ""

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: list[tuple[str, bool]]
    ) -> list[str] | None:
        if not prompts:
            return []
        if len(prompts) == 1 and _asks_for_the_password(prompts[0][0]):
            password, self._kept_back = self._kept_back, None
            return None if password is None else [password]
        self.left_unanswered = self._shown(" ".join(text.strip() for text, _echo in prompts)) or "something"
        return None

    def password_change_requested(self, prompt: str, lang: str) -> Any:
        self.left_unanswered = self._shown(prompt.strip()) or "a new password"
        return NotImplemented

    def _shown(self, prompt: str) -> str:
        """Return the prompt, masked and shortened: it is also recorded for the later tasks of the run."""
        return self._secrets.beginning(prompt, MAX_PROMPT)

    async def _may_send_password(self) -> bool:
        return self._options.password is not None and await self.attempt.may_send(self._options.connect_timeout)


def _asks_for_the_password(prompt: str) -> bool:
    return PASSWORD.search(prompt) is not None and ANOTHER_PASSWORD.search(prompt) is None


def _recorded(channel: Channel, folder: str, options: SshOptions, secrets: Secrets) -> RecordingChannel:
    """Return the channel that records a session with stand-ins. Raise OSError and ValueError."""
    stand_ins = stand_ins_of(folder)
    stand_ins.know("host", options.name, options.host, options.cluster_machine)
    stand_ins.know("user", options.user)
    return RecordingChannel(channel, os.path.join(folder, DIALOGUE), options.name, secrets, stand_ins)


async def _open_terminal(connection: Any, options: SshOptions) -> Any:
    """Raise Unreachable if the server refuses a terminal, or does not answer before the time-out of the log-in."""
    kind, columns, rows = TERMINAL
    opening = connection.create_process(term_type=kind, term_size=(columns, rows), encoding="utf-8", errors="replace")
    try:
        process = await asyncio.wait_for(opening, options.login_timeout)
        del connection.data_received  # the limit for the log-in
        return process
    except TIMEOUTS:
        raise Unreachable(
            options.label,
            f"no answer within {options.login_timeout:g} s after the log-in.",
            "check the network to the appliance; if the appliance is slow, raise ansible_asyncos_login_timeout.",
        ).after_time_out() from None
    except (asyncssh.Error, OSError) as error:
        raise NotAsyncOS(
            options.label, f"the SSH server refused a terminal ({error}).", "check ansible_host and ansible_port."
        ) from error


async def _start_session(connection: Any, options: SshOptions, heard: Callable[[], None]) -> Session:
    began = asyncio.get_running_loop().time()
    process = await _open_terminal(connection, options)
    secrets = Secrets(*options.secrets())
    channel: Channel = TerminalChannel(process, heard)
    try:
        if options.transcript_dir:
            channel = RecordingChannel(channel, os.path.expanduser(options.transcript_dir), options.name, secrets)
        if options.record_dir:
            channel = _recorded(channel, os.path.expanduser(options.record_dir), options, secrets)
    except (OSError, ValueError) as error:
        folder, variable = options.transcript_dir, "ansible_asyncos_transcript"
        if options.record_dir:
            folder, variable = options.record_dir, "esa_ctr_record"
        raise Unreachable(
            options.label,
            f"the transcript cannot be written to {folder} ({getattr(error, 'strerror', error)}).",
            f"set {variable} to another folder, or remove it.",
        ) from error
    session = Session(
        channel, options.label, secrets, options.command_timeout, options.cluster_machine, options.login_timeout
    )
    try:
        await session.learn_prompt(began)
        if not screens.ASYNCOS_BANNER.shown_in(session.login_text):
            await read_identity(session)
    except BaseException:
        with contextlib.suppress(OSError):
            await channel.close()
        raise
    return session


class TerminalChannel:
    """Channel of a session over an asyncssh terminal."""

    def __init__(self, process: Any, heard: Callable[[], None]) -> None:
        self._process = process
        self._heard = heard

    def write(self, text: str) -> None:
        # the next read reports a broken pipe as the end of the session
        with contextlib.suppress(OSError):
            self._process.stdin.write(text)

    async def read(self) -> str:
        try:
            text = str(await self._process.stdout.read(65536))
        except (asyncssh.Error, OSError):
            return ""
        self._heard()
        return text

    async def close(self) -> None:
        self._process.close()


def _authentication(options: SshOptions) -> dict[str, Any]:
    """Return the private key or the password, if set; otherwise let asyncssh use the agent and the default keys.

    Raise FileUnusable.
    """
    if options.private_key_file:
        return {"client_keys": [ssh_files.private_key(options.private_key_file, options.private_key_passphrase)]}
    if options.password is not None:
        return {"client_keys": None, "agent_path": None}
    return {}
