# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. From SSH options to a logged-in session, over asyncssh."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import screens
from .errors import (
    ConnectionRefused,
    HostKeyChanged,
    HostKeyUnknown,
    LoginRefused,
    NoCommonAlgorithm,
    NotAsyncOS,
    Unreachable,
)
from .identity import read_identity
from .redact import Redactor
from .session import Session

try:
    import asyncssh
except ImportError:
    HAS_ASYNCSSH = False
else:
    HAS_ASYNCSSH = True

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TERMINAL = ("vt100", 200, 5000)
"""Type, columns and rows of the terminal; a very tall one avoids the pager (facts/asyncos.md, grade C)."""


@dataclass(frozen=True)
class SshOptions:
    """How to reach one appliance. Times are in seconds; ``name`` is how the user knows the host."""

    name: str
    host: str
    port: int = 22
    user: str = ""
    password: str | None = field(default=None, repr=False)
    private_key_file: str | None = None
    private_key_passphrase: str | None = field(default=None, repr=False)
    host_key_checking: bool = True
    known_hosts: tuple[str, ...] = ()
    legacy_algorithms: bool = False
    connect_timeout: float = 10.0
    command_timeout: float = 30.0

    @property
    def label(self) -> str:
        """The host in messages, with its address where that says more."""
        address = self.host if self.port == 22 else f"{self.host}:{self.port}"
        return self.name if address == self.name else f"{self.name} ({address})"


@contextlib.asynccontextmanager
async def open_session(options: SshOptions) -> AsyncIterator[Session]:
    """Log in, learn the prompt, make sure that it is AsyncOS; close everything at the end.

    Raises the Unreachable family.
    """
    connection = await _connect(options)
    try:
        session = await _login(connection, options)
        try:
            yield session
        finally:
            await session.close()
    finally:
        connection.abort()
        await connection.wait_closed()


async def _login(connection: Any, options: SshOptions) -> Session:
    kind, columns, rows = TERMINAL
    try:
        process = await connection.create_process(
            term_type=kind, term_size=(columns, rows), encoding="utf-8", errors="replace"
        )
    except (asyncssh.Error, OSError) as error:
        raise NotAsyncOS(
            options.label,
            f"the SSH server gives no terminal ({error}).",
            "check ansible_host and ansible_port.",
        ) from error
    redactor = Redactor(options.password, options.private_key_passphrase)
    session = Session(_Channel(process), options.label, redactor, options.command_timeout)
    await session.learn_prompt()
    if not screens.ASYNCOS_BANNER.shown_in(session.login_text):
        await read_identity(session)
    return session


class _Channel:
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


async def _connect(options: SshOptions) -> Any:
    known_hosts = _known_hosts(options)
    _check_key_file(options)
    try:
        return await asyncssh.connect(
            options.host,
            options.port,
            username=options.user,
            known_hosts=known_hosts if options.host_key_checking else None,
            config=None,
            connect_timeout=options.connect_timeout,
            login_timeout=options.connect_timeout,
            keepalive_interval=30,
            **_authentication(options),
            **(_legacy_algorithms() if options.legacy_algorithms else {}),
        )
    except asyncssh.HostKeyNotVerifiable as error:
        raise _host_key_error(options, known_hosts) from error
    except asyncssh.PermissionDenied as error:
        raise LoginRefused(
            options.label,
            f"the appliance does not let the user {options.user!r} log in with the given password or key.",
            "check ansible_user and ansible_password (or ansible_private_key_file).",
        ) from error
    except asyncssh.KeyExchangeFailed as error:
        raise NoCommonAlgorithm(
            options.label,
            f"no SSH algorithm in common ({error}).",
            "old releases offer only legacy algorithms: set ansible_asyncos_legacy_algorithms: true for this host.",
        ) from error
    except asyncssh.KeyImportError as error:
        raise _key_unusable(options, str(error)) from error
    except (TimeoutError, asyncio.TimeoutError) as error:  # noqa: UP041 (two classes in Python 3.10)
        raise ConnectionRefused(
            options.label,
            f"no answer within {options.connect_timeout:g} s.",
            "check ansible_host, ansible_port and the firewall between; raise ansible_connect_timeout if it is slow.",
        ) from error
    except asyncssh.Error as error:
        raise Unreachable(
            options.label, f"SSH failed: {error.reason}.", "check that ansible_host and ansible_port lead to SSH."
        ) from error
    except OSError as error:
        raise ConnectionRefused(
            options.label,
            _why_not_connected(error, options),
            "check ansible_host and ansible_port, and that SSH is enabled on that interface of the appliance.",
        ) from error


def _check_key_file(options: SshOptions) -> None:
    if options.private_key_file and not os.access(os.path.expanduser(options.private_key_file), os.R_OK):
        raise _key_unusable(options, "there is no such file, or it may not be read")


def _key_unusable(options: SshOptions, why: str) -> Unreachable:
    return Unreachable(
        options.label,
        f"the private key {options.private_key_file} cannot be used ({why}).",
        "check ansible_private_key_file and ansible_private_key_passphrase.",
    )


def _why_not_connected(error: OSError, options: SshOptions) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"the connection is refused: nothing listens on port {options.port} of {options.host}."
    if isinstance(error, socket.gaierror):
        return f"the name {options.host} cannot be resolved ({error.strerror})."
    return f"the connection cannot be made ({error.strerror or error})."


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


def _host_key_error(options: SshOptions, known_hosts: Any) -> Unreachable:
    files = ", ".join(options.known_hosts)
    keys = known_hosts.match(options.host, options.host, options.port)[0]
    if keys:
        return HostKeyChanged(
            options.label,
            f"the SSH host key is not the one in {files}: the appliance was replaced, or someone is in between.",
            "ask who changed it; only then take the old line out of the file and add the new key.",
        )
    return HostKeyUnknown(
        options.label,
        f"the SSH host key is not known in {files}.",
        f"compare its fingerprint with the appliance's console, then add it: ssh-keyscan -p {options.port} "
        f"{options.host} >> {options.known_hosts[0] if options.known_hosts else '~/.ssh/known_hosts'}",
    )
