# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Registration tokens in a file that only its owner can read.

Like "Save To File" in the portal. The format is JSON lines: one object per token, with name, device_id, token, expires_at, region.
"""

from __future__ import annotations

import json
import os
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._files import PRIVATE, draft_of
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused


def refuse_unwritable(dest: str) -> None:
    """Raise OptionRefused if the file cannot be written. Call this before any token is issued."""
    folder = os.path.dirname(os.path.abspath(dest))
    if os.path.isdir(dest):
        raise OptionRefused(f"dest {dest} is a directory", fix="set dest to the path of a file")
    if not os.path.isdir(folder):
        raise OptionRefused(
            f"dest {dest} cannot be written: the directory {folder} does not exist", fix="create the directory"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OptionRefused(
            f"dest {dest} cannot be written: no permission to write in {folder}",
            fix="set dest to a file in a writable directory",
        )


def save_tokens(dest: str, tokens: list[dict[str, Any]]) -> str | None:
    """Replace the file atomically, with mode 0600 from the start. Return the reason if that fails."""
    try:
        with draft_of(dest, PRIVATE) as stream:
            stream.writelines(json.dumps(token, ensure_ascii=False) + "\n" for token in tokens)
    except OSError as error:
        return f"{dest} was not written: {error.strerror}"
    return None
