# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile


def absolute(path: str) -> str:
    """The absolute path, with C(~) resolved."""
    return os.path.abspath(os.path.expanduser(str(path)))


def write_whole(path: str, text: str) -> str:
    """Write the text as UTF-8 (line ends as they are) and return the absolute path. Raises OSError.

    The folder is made where it is missing. Who reads the path meanwhile sees the old file or the new one, and a run that
    is killed leaves the old one.
    """
    path = absolute(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".report-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        os.chmod(draft, 0o666 & ~_umask())
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
    return path


def _umask() -> int:
    """What the user lets others read; a temporary file is closed to all of them."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
