# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Files of host keys and private keys, read once for all appliances that this process reaches.

A file of 1,000 host keys takes longer to read than a log-in, and so does the passphrase of a private key.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .ssh_errors import HAS_ASYNCSSH

if HAS_ASYNCSSH:
    import asyncssh

_read: dict[tuple[Any, ...], tuple[Any, Exception | None]] = {}


def known_hosts(paths: tuple[str, ...]) -> Any:
    """The host keys of these files in the format of OpenSSH; missing files are passed over."""
    there = [path for path in map(os.path.expanduser, paths) if os.path.isfile(path)]
    return _once(("known_hosts", *map(_version, there)), lambda: asyncssh.read_known_hosts(there))


def private_key(path: str, passphrase: str | None) -> Any:
    """The private key of this file, as asyncssh.connect takes it. Raises what asyncssh raises, again and again."""
    path = os.path.expanduser(path)
    if os.path.exists(f"{path}-cert.pub"):
        return path  # asyncssh looks for the certificate beside the file that it reads itself
    return _once(("key", _version(path), passphrase), lambda: asyncssh.read_private_key(path, passphrase))


def _version(path: str) -> tuple[str, int, int]:
    """Tells a file from what it was before it was written anew."""
    state = os.stat(path)
    return path, state.st_mtime_ns, state.st_size


def _once(name: tuple[Any, ...], read: Callable[[], Any]) -> Any:
    if name not in _read:
        try:
            _read[name] = read(), None
        except Exception as error:
            _read[name] = None, error
    value, error = _read[name]
    if error is not None:
        raise error
    return value
