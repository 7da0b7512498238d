# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Write files atomically."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from typing import TextIO

PRIVATE = 0o600
"""The mode of a file that only its owner can read."""


def absolute(path: str) -> str:
    """Return the absolute path, with C(~) resolved."""
    return os.path.abspath(os.path.expanduser(str(path)))


@contextlib.contextmanager
def draft_of(path: str, mode: int = 0o666, overwrite: bool = True) -> Iterator[TextIO]:
    """Open a draft in the directory of the file, and replace the file with it at the end. Raise OSError.

    Write UTF-8, without changing line ends. The umask applies to the mode. Without ``overwrite``, keep an existing file.
    After an error, remove the draft and keep the file unchanged.
    """
    draft = os.path.join(os.path.dirname(path), f".draft-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
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


def write_atomically(path: str, text: str, mode: int = 0o666) -> str:
    """Write the text, create the directory if needed, and return the absolute path. Raise OSError."""
    path = absolute(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with draft_of(path, mode) as stream:
        stream.write(text)
    return path
