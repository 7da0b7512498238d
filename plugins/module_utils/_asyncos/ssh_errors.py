# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What asyncssh and the operating system say, as errors with host, thing and remedy."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

from .errors import (
    ConnectionRefused,
    HostKeyChanged,
    HostKeyUnknown,
    LoginRefused,
    NoCommonAlgorithm,
    Unreachable,
)
from .ssh_options import SshOptions

try:
    import asyncssh
except ImportError:
    HAS_ASYNCSSH = False
    CONNECT_ERRORS: tuple[type[Exception], ...] = ()
else:
    HAS_ASYNCSSH = True
    KEY_ERRORS = (asyncssh.KeyImportError, asyncssh.KeyEncryptionError)
    TIMEOUTS = (TimeoutError, asyncio.TimeoutError)  # two classes in Python 3.10
    CONNECT_ERRORS = (asyncssh.Error, OSError, *KEY_ERRORS, *TIMEOUTS)

ASYNCSSH_MISSING = (
    "The Python library asyncssh is missing on the controller. Remedy: install it into the Python that runs Ansible: "
    "python -m pip install -r requirements.txt of this collection."
)


def explain(error: Exception, options: SshOptions, known_hosts: Any, asked: str) -> Unreachable:
    """The error of the family Unreachable for a connection that failed; ``asked`` is a log-in prompt left unanswered."""
    label, ours = options.label, options.variables
    seen_from = " as seen from the jump host" if options.jump else ""
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return _host_key(options, known_hosts)
    if isinstance(error, asyncssh.PermissionDenied):
        return _log_in(options, asked)
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return NoCommonAlgorithm(
            label,
            f"no SSH algorithm in common ({error}).",
            "old releases offer only legacy algorithms: set ansible_asyncos_legacy_algorithms: true for this host.",
        )
    if isinstance(error, KEY_ERRORS):
        return key_unusable(options, str(error))
    if isinstance(error, TIMEOUTS):
        return ConnectionRefused(
            label,
            f"no answer within {options.connect_timeout:g} s.",
            f"check {ours}host, {ours}port and the firewall between{seen_from}; raise ansible_connect_timeout if it is slow.",
        )
    if isinstance(error, asyncssh.ConnectionLost):
        return Unreachable(
            label,
            f"the connection ended before the log-in ({error.reason}).",
            f"check that {ours}host and {ours}port lead to SSH{seen_from}; an old release that offers only legacy algorithms "
            "may leave like this: set ansible_asyncos_legacy_algorithms: true for this host.",
        )
    if isinstance(error, asyncssh.Error):
        return Unreachable(
            label, f"SSH failed: {error.reason}.", f"check that {ours}host and {ours}port lead to SSH{seen_from}."
        )
    return ConnectionRefused(
        label,
        _not_connected(error, options),
        f"check {ours}host and {ours}port{seen_from}, and that SSH is enabled on that interface.",
    )


def check_key_file(options: SshOptions) -> None:
    """Raises Unreachable where the private key that is named cannot be read."""
    if options.private_key_file and not os.access(os.path.expanduser(options.private_key_file), os.R_OK):
        raise key_unusable(options, "there is no such file, or it may not be read")


def key_unusable(options: SshOptions, why: str) -> Unreachable:
    return Unreachable(
        options.label,
        f"the private key {options.private_key_file} cannot be used ({why}).",
        f"check {options.variables}private_key_file and {options.variables}private_key_passphrase.",
    )


def _log_in(options: SshOptions, asked: str) -> LoginRefused:
    if asked:
        return LoginRefused(
            options.label,
            f"the log-in of the user {options.user!r} asks for more than a password: {asked!r}.",
            "use a user without a second factor and with a valid password; a run without a person cannot answer.",
        )
    return LoginRefused(
        options.label,
        f"the user {options.user!r} may not log in with the given password or key.",
        f"check {options.variables}user and {options.variables}password (or {options.variables}private_key_file).",
    )


def _not_connected(error: Exception, options: SshOptions) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"the connection is refused: nothing listens on port {options.port} of {options.host}."
    if isinstance(error, socket.gaierror):
        return f"the name {options.host} cannot be resolved ({error.strerror})."
    return f"the connection cannot be made ({getattr(error, 'strerror', None) or error})."


def _host_key(options: SshOptions, known_hosts: Any) -> Unreachable:
    files = ", ".join(options.known_hosts)
    if known_hosts.match(options.host, options.host, options.port)[0]:
        return HostKeyChanged(
            options.label,
            f"the SSH host key is not the one in {files}: the appliance was replaced, or someone is in between.",
            "ask who changed it; only then take the old line out of the file and add the new key.",
        )
    file = options.known_hosts[0] if options.known_hosts else "~/.ssh/known_hosts"
    return HostKeyUnknown(
        options.label,
        f"the SSH host key is not known in {files}.",
        f"compare its fingerprint with the appliance's console, then add it: ssh-keyscan -p {options.port} "
        f"{options.host} >> {file}",
    )
