# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Translate errors of asyncssh and the operating system into errors with host, problem and fix."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Protocol

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import (
    ConnectionRefused,
    HostKeyChanged,
    HostKeyRevoked,
    HostKeyUnknown,
    LoginRefused,
    NoCommonAlgorithm,
    NotSSH,
    Unreachable,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from .known_hosts import KnownHosts
from .library import HAS_ASYNCSSH, KEY_ERRORS
from .logins import MORE_ASKED, UNANSWERED, Attempt, Past
from .offer import host_key_algorithms
from .options import SshOptions

if HAS_ASYNCSSH:
    import asyncssh

TIMEOUTS = (TimeoutError, asyncio.TimeoutError)  # two classes in Python 3.10
NOT_SENT_AGAIN = "The password is not sent again in this run, because accounts lock after a few failed log-ins."
MAX_TIMEOUT = 86400
EXCERPT = 300
SHOWN = 80
"""Maximum characters shown of the output of a service that is not SSH."""


class Connecting(Protocol):
    """State of the client while a connection is being made."""

    heard: bytes
    speaks_ssh: bool
    connected: bool
    left_unanswered: str
    attempt: Attempt


def explain(error: Exception, options: SshOptions, known_hosts: KnownHosts | None, client: Connecting) -> Unreachable:
    """Return the Unreachable error for a connection that failed. A server may repeat secrets: they are masked."""
    found = _explained(error, options, known_hosts, client)
    explained = type(found)(found.host, Secrets(*options.secrets()).mask(found.problem), found.fix)
    return explained.after_time_out() if isinstance(error, TIMEOUTS) else explained


def _explained(
    error: Exception, options: SshOptions, known_hosts: KnownHosts | None, client: Connecting
) -> Unreachable:
    label, ours = options.label, options.variables
    seen_from = " as seen from the jump host" if options.jump else ""
    if client.heard and not client.speaks_ssh:
        return _not_ssh(options, client.heard, seen_from)
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return _host_key(options, known_hosts, str(error.reason))
    if isinstance(error, asyncssh.PermissionDenied):
        return _login_refused(options, client)
    if isinstance(error, asyncssh.KeyExchangeFailed):
        if _other_key_type(options, known_hosts, client.heard):
            return _host_key_changed(options)
        return NoCommonAlgorithm(label, f"no SSH algorithm in common ({error}).", _legacy_fix(options))
    if isinstance(error, KEY_ERRORS):
        return Unreachable(
            label,
            f"a private key in ~/.ssh cannot be used ({error}).",
            f"set {ours}private_key_file or {ours}password, so that the default keys are not used.",
        )
    not_again = f" {NOT_SENT_AGAIN}" if client.attempt.sent else ""
    if isinstance(error, TIMEOUTS):
        to_what = " to the log-in" if client.attempt.sent else ""
        return ConnectionRefused(
            label,
            f"no answer{to_what} within {options.connect_timeout:g} s.{not_again}",
            f"check {ours}host, {ours}port and the firewall{seen_from}; if the host is slow, raise ansible_connect_timeout.",
        )
    ended = isinstance(error, asyncssh.ConnectionLost) or (client.connected and isinstance(error, OSError))
    how = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    if ended and client.attempt.sent:
        return Unreachable(
            label,
            f"the connection ended during the log-in, after the password was sent ({how}).{not_again}",
            f"check {ours}user and {ours}password.",
        )
    if ended:
        return Unreachable(
            label,
            f"the connection ended before the log-in ({how}).",
            f"check that {ours}host and {ours}port lead to SSH{seen_from}. If the server has only legacy algorithms, "
            f"{_legacy_fix(options)}",
        )
    if isinstance(error, asyncssh.Error):
        return Unreachable(
            label,
            f"SSH failed: {error.reason}.{not_again}",
            f"check that {ours}host and {ours}port lead to SSH{seen_from}.",
        )
    if isinstance(error, OSError):
        return ConnectionRefused(
            label,
            _not_connected(error, options) + not_again,
            f"check {ours}host and {ours}port{seen_from}, and that SSH is enabled on that interface.",
        )
    return _unexpected(error, options, not_again)


def check_numbers(options: SshOptions) -> None:
    """Raise Unreachable for an impossible port or time-out."""
    if not 0 < options.port < 65536:
        raise Unreachable(
            options.label,
            f"{options.port} is not a TCP port.",
            f"set {options.variables}port to a number from 1 to 65535.",
        )
    for name, value in (
        ("ansible_connect_timeout", options.connect_timeout),
        ("ansible_command_timeout", options.command_timeout),
        ("ansible_asyncos_login_timeout", options.login_timeout),
    ):
        if not 0 < value <= MAX_TIMEOUT:
            raise Unreachable(
                options.label,
                f"{value:g} is not a usable time-out.",
                f"set {name} to more than 0 and at most {MAX_TIMEOUT} seconds.",
            )


def file_unusable(options: SshOptions, path: str, why: str) -> Unreachable:
    """Return the error for a known_hosts file or a private key that cannot be read."""
    ours = options.variables
    if options.private_key_file and path.startswith(os.path.expanduser(options.private_key_file)):
        return Unreachable(
            options.label,
            f"the private key {path} cannot be used ({why}).",
            f"check {ours}private_key_file and {ours}private_key_passphrase.",
        )
    return Unreachable(
        options.label,
        f"the host keys in {path} cannot be read ({why}).",
        "correct the file, or set ansible_asyncos_known_hosts to other files.",
    )


def refused_before(options: SshOptions, past: Past) -> LoginRefused:
    """Return the error for a log-in that is not tried because an earlier one in this run failed."""
    if past.end == MORE_ASKED:
        return _more_asked(options, past.asked, " It asked earlier in this run, and the log-in is not tried again.")
    how = "got no answer" if past.end == UNANSWERED else "was refused"
    return LoginRefused(
        options.label,
        f"the user {options.user!r} may not log in: the log-in {how} earlier in this run and is not tried again, because "
        "accounts lock after a few failed log-ins.",
        _check_account(options),
    )


def _login_refused(options: SshOptions, client: Connecting) -> LoginRefused:
    if client.attempt.past is not None:
        return refused_before(options, client.attempt.past)
    not_again = f" {NOT_SENT_AGAIN}" if client.attempt.sent else ""
    if client.left_unanswered:
        return _more_asked(options, client.left_unanswered, not_again)
    return LoginRefused(
        options.label,
        f"the user {options.user!r} may not log in with the given password or key.{not_again}",
        _check_account(options),
    )


def _more_asked(options: SshOptions, asked: str, not_again: str) -> LoginRefused:
    return LoginRefused(
        options.label,
        f"the log-in of the user {options.user!r} asks for more than a password: {asked!r}.{not_again}",
        "use a user with a valid password and without a second factor; an unattended run cannot answer.",
    )


def _check_account(options: SshOptions) -> str:
    ours = options.variables
    text = f"check {ours}user and {ours}password (or {ours}private_key_file)"
    if options.private_key_file and not options.legacy_algorithms and not _is_jump_host(options):
        return f"{text}; an old release accepts an RSA key only with ansible_asyncos_legacy_algorithms: true."
    return f"{text}."


def _legacy_fix(options: SshOptions) -> str:
    if _is_jump_host(options):
        return "update the jump host: legacy algorithms are not used with jump hosts."
    return "set ansible_asyncos_legacy_algorithms: true for this host; old releases have only legacy algorithms."


def _is_jump_host(options: SshOptions) -> bool:
    return options.variables != SshOptions.variables


def _not_ssh(options: SshOptions, heard: bytes, seen_from: str) -> NotSSH:
    said = Secrets(*options.secrets()).beginning(heard.decode("utf-8", "replace"), 4 * SHOWN).strip()
    shown = said[:SHOWN] + ("..." if len(said) > SHOWN or len(heard) > 4 * SHOWN else "")
    return NotSSH(
        options.label,
        f"the service on port {options.port} is not SSH (it answered {shown!r}).",
        f"check that {options.variables}host and {options.variables}port lead to SSH{seen_from}.",
    )


def _unexpected(error: Exception, options: SshOptions, not_again: str) -> Unreachable:
    ours = options.variables
    if isinstance(error, UnicodeError) or "null byte" in str(error) or "null character" in str(error):
        return ConnectionRefused(
            options.label, f"{options.host!r} is not a valid host name or address.", f"check {ours}host."
        )
    words = Secrets(*options.secrets()).beginning(f"{type(error).__name__}: {error}", EXCERPT)
    return Unreachable(
        options.label,
        f"SSH failed with an unexpected error ({words}).{not_again}",
        f"check {ours}host, {ours}user, the keys and the SSH agent; if they are right, rerun with -vvv and report the output.",
    )


def _not_connected(error: Exception, options: SshOptions) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"connection refused: nothing listens on port {options.port} of {options.host}."
    if isinstance(error, socket.gaierror):
        return f"the name {options.host} cannot be resolved ({error.strerror})."
    return f"the connection failed ({getattr(error, 'strerror', None) or error})."


def _host_key(options: SshOptions, known_hosts: KnownHosts | None, reason: str) -> Unreachable:
    files = ", ".join(options.known_hosts)
    found = known_hosts.match(options.host, port=options.port) if known_hosts else None
    if "revoked" in reason:
        return HostKeyRevoked(
            options.label,
            f"the SSH host key is revoked in {files}: the host may not be the appliance.",
            "ask who revoked the key; give the appliance a new host key, and add it to the file.",
        )
    if found and (found.trusted or found.authorities):
        return _host_key_changed(options)
    file = options.known_hosts[0] if options.known_hosts else "~/.ssh/known_hosts"
    return HostKeyUnknown(
        options.label,
        f"the SSH host key is not known in {files}.",
        f"check its fingerprint on the appliance's console, then add it: ssh-keyscan -p {options.port} "
        f"{options.host} >> {file}",
    )


def _host_key_changed(options: SshOptions) -> HostKeyChanged:
    return HostKeyChanged(
        options.label,
        f"the SSH host key differs from the one in {', '.join(options.known_hosts)}: the appliance was replaced, or the "
        "connection is intercepted.",
        "ask who changed the key; only then remove the old line from the file and add the new key.",
    )


def _other_key_type(options: SshOptions, known_hosts: KnownHosts | None, heard: bytes) -> bool:
    """Return whether the server offers no key of a type that is known for this host. asyncssh requests only known types."""
    found = known_hosts.match(options.host, port=options.port) if known_hosts else None
    offered = host_key_algorithms(heard)
    if not found or not found.trusted or found.authorities or not offered:
        return False
    return not any(name in offered for key in found.trusted for name in key.sig_algorithms)
