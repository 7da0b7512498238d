# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Write files atomically."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import os
import secrets
import stat
from collections.abc import Iterator
from typing import TextIO

PRIVATE = 0o600
"""The mode of a file that only its owner can read."""
REPORT = 0o640
"""The mode of a file that its group can read."""
_DRAFT = ".draft-"
MODES = {"0600": 0o600, "0640": 0o640, "0644": 0o644}
"""The modes that a user can choose for reports."""


class UnsafeFolder(OSError):
    """Other users can replace the files of a folder. C(strerror) is the reason."""

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(errno.EPERM, reason, folder)


def absolute(path: str) -> str:
    """Return the absolute path, with C(~) resolved."""
    return os.path.abspath(os.path.expanduser(str(path)))


@contextlib.contextmanager
def draft_of(path: str, mode: int = REPORT, overwrite: bool = True, exact: bool = False) -> Iterator[TextIO]:
    """Open a draft in the directory of the file, and replace the file with it at the end. Raise OSError.

    Write UTF-8, without changing line ends. The umask applies to the mode, unless it is ``exact``. Without ``overwrite``, keep an
    existing file.
    After an error, remove the draft and keep the file unchanged. The next process that writes into the directory removes the
    draft of a process that was killed.
    """
    _remove_abandoned(os.path.dirname(path) or ".")
    draft, descriptor = _new_draft(os.path.dirname(path), mode)
    try:
        if exact:
            os.fchmod(descriptor, mode)
        with open(descriptor, "w", encoding="utf-8", newline="") as stream:
            yield stream
        if overwrite:
            os.replace(draft, path)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(draft)


def _new_draft(folder: str, mode: int) -> tuple[str, int]:
    """Create a draft, lock it while it is open, and return its path and its descriptor. Raise OSError."""
    while True:
        draft = os.path.join(folder, f"{_DRAFT}{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return draft, descriptor
        os.close(descriptor)  # another process removed it before it was locked


@functools.cache
def _remove_abandoned(folder: str) -> None:
    """Remove drafts that no process has open, once per process and folder."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(_DRAFT):
                _remove_unlocked(os.path.join(folder, name))


def _remove_unlocked(path: str) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
        finally:
            os.close(descriptor)


def write_atomically(path: str, text: str, mode: int = REPORT, exact: bool = False) -> str:
    """Write the text, create the directory if needed, and return the absolute path. Raise OSError and UnsafeFolder."""
    path = absolute(path)
    # Whoever can read the file can search its folder.
    make_folder(os.path.dirname(path), mode | (mode & 0o444) >> 2)
    with draft_of(path, mode, exact=exact) as stream:
        stream.write(text)
    return path


def make_folder(folder: str, mode: int) -> None:
    """Create a folder if needed. Raise UnsafeFolder if it is a link, or if other users can change it."""
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, mode)
    found = os.lstat(folder)
    if stat.S_ISLNK(found.st_mode):
        raise UnsafeFolder(folder, "the folder is a symbolic link")
    if found.st_uid != os.geteuid():
        raise UnsafeFolder(folder, "the folder belongs to another user")
    if found.st_mode & stat.S_IWOTH:
        raise UnsafeFolder(folder, "all users can write to the folder")
