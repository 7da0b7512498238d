# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read known_hosts files and private keys once per process.

Reading 1,000 host keys, or decrypting a private key, takes longer than a log-in.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from typing import Any

from .known_hosts import KnownHosts
from .library import HAS_ASYNCSSH, KEY_ERRORS
from .options import SshOptions

if HAS_ASYNCSSH:
    import asyncssh

MAX_KNOWN_HOSTS = 16 * 1024 * 1024
MAX_KEY = 1024 * 1024
_MISSING = (errno.ENOENT, errno.ENOTDIR)

_read: dict[tuple[Any, ...], tuple[Any, FileUnusable | None]] = {}


class FileUnusable(Exception):
    """A known_hosts file or a private key that cannot be read. ``missing``: the file does not exist."""

    def __init__(self, path: str, why: str, missing: bool = False) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why
        self.missing = missing


def known_hosts(paths: tuple[str, ...]) -> KnownHosts:
    """Return the host keys of these files. Skip missing files. Raise FileUnusable."""
    there = []
    for path in map(os.path.expanduser, paths):
        try:
            there.append(_file_version(path))
        except FileUnusable as error:
            if not error.missing:
                raise

    def read() -> KnownHosts:
        found = KnownHosts()
        for path, *_file_version in there:
            found.add_file(path, _read_content(path, MAX_KNOWN_HOSTS))
        return found

    found: KnownHosts = _cached(("known_hosts", *there), read)
    return found


def warnings_of(options: SshOptions, all_hosts: bool = False) -> list[str]:
    """Return a warning with file and line for each line that is skipped in the known_hosts files.

    Name the unreadable keys of this host, or of ``all_hosts``, which takes some milliseconds for 1,000 of them. Return
    none if host keys are not checked, or if a file cannot be read: then the connection fails anyway.
    """
    if not options.host_key_checking:
        return []
    try:
        keys = known_hosts(options.known_hosts)
    except FileUnusable:
        return []
    return keys.warnings if all_hosts else keys.warnings_of(options.host, options.port)


def private_key(path: str, passphrase: str | None) -> Any:
    """Return the private key, with the certificate next to it, for asyncssh.connect. Raise FileUnusable."""
    path = os.path.expanduser(path)
    certificate = f"{path}-cert.pub"
    try:
        versions = (_file_version(path), _file_version(certificate))
    except FileUnusable as error:
        if error.path == path or not error.missing:
            raise
        return _cached(("key", _file_version(path), passphrase), lambda: _parse_key(path, passphrase))
    return _cached(
        ("key", *versions, passphrase), lambda: (_parse_key(path, passphrase), _parse_certificate(certificate))
    )


def _parse_key(path: str, passphrase: str | None) -> Any:
    content = _read_content(path, MAX_KEY)
    try:
        return asyncssh.import_private_key(content, passphrase)
    except Exception as error:  # the parsers of keys raise more than they document
        raise FileUnusable(path, _why_no_key(content, passphrase, error)) from None


def _why_no_key(content: bytes, passphrase: str | None, error: Exception) -> str:
    if not content.strip():
        return "it is empty"
    try:
        asyncssh.import_public_key(content)
    except Exception:
        why = str(error) if isinstance(error, KEY_ERRORS) else f"it cannot be read: {type(error).__name__}"
        return why if passphrase is None else f"{why}, with the configured passphrase"
    return "it is a public key"


def _parse_certificate(path: str) -> Any:
    try:
        return asyncssh.import_certificate(_read_content(path, MAX_KEY))
    except FileUnusable:
        raise
    except Exception:
        raise FileUnusable(path, "it is not an SSH certificate") from None


def _file_version(path: str) -> tuple[str, int, int]:
    """Return path, time and size of a file, which change when it is rewritten. Raise FileUnusable."""
    try:
        state = os.stat(path)
    except (OSError, ValueError) as error:
        raise _unusable(path, error) from None
    return path, state.st_mtime_ns, state.st_size


def _read_content(path: str, limit: int) -> bytes:
    """Read a regular file of at most ``limit`` bytes; never block on a pipe. Raise FileUnusable for any other file."""
    if os.path.realpath(path) == os.devnull:
        return b""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FileUnusable(path, "it is not a regular file")
            content = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise _unusable(path, error) from None
    if len(content) > limit:
        raise FileUnusable(path, f"it is larger than {limit // 1024} KB")
    return content


def _unusable(path: str, error: Exception) -> FileUnusable:
    if isinstance(error, OSError) and error.errno in _MISSING:
        return FileUnusable(path, "there is no such file", missing=True)
    return FileUnusable(path, getattr(error, "strerror", None) or str(error))


def _cached(name: tuple[Any, ...], read: Callable[[], Any]) -> Any:
    if name not in _read:
        try:
            _read[name] = read(), None
        except FileUnusable as raised:
            _read[name] = None, raised
    value, error = _read[name]
    if error is not None:
        raise FileUnusable(error.path, error.why, error.missing)
    return value
