# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from typing import TextIO

PRIVATE = 0o600
"""The mode of a file that only its owner can read."""


def absolute(path: str) -> str:
    """The absolute path, with C(~) resolved."""
    return os.path.abspath(os.path.expanduser(str(path)))


@contextlib.contextmanager
def draft_of(path: str, mode: int = 0o666, overwrite: bool = True) -> Iterator[TextIO]:
    """Open a draft in the folder of the file, and put it in the place of the file when all is written. Raises OSError.

    The text is written as UTF-8, with line ends as they are. The umask narrows the mode. Without ``overwrite``, a file
    that exists stays. A failure removes the draft, and leaves the file as it was.
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


def write_atomically(path: str, text: str) -> str:
    """Write the text, in a folder that is created if it is missing, and return the absolute path. Raises OSError."""
    path = absolute(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with draft_of(path) as stream:
        stream.write(text)
    return path
