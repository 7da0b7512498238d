# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Registration tokens in a file that only its owner can read.

In the spirit of the portal's "Save To File". JSON lines: one object per token, with name, device_id, token, expires_at, region.
"""

from __future__ import annotations

import json
import os
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._files import PRIVATE, draft_of
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused


def refuse_unwritable(dest: str) -> None:
    """Raises OptionRefused before any token is issued that could not be saved."""
    folder = os.path.dirname(os.path.abspath(dest))
    if os.path.isdir(dest):
        raise OptionRefused(f"dest {dest} is a directory, and must be a file")
    if not os.path.isdir(folder):
        raise OptionRefused(f"dest {dest} cannot be written: there is no directory {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OptionRefused(f"dest {dest} cannot be written: no right to write in {folder}")


def save_tokens(dest: str, tokens: list[dict[str, Any]]) -> str | None:
    """Replace the file in one step; it is 0600 from its first moment. Returns the reason if that failed."""
    try:
        with draft_of(dest, PRIVATE) as stream:
            stream.writelines(json.dumps(token, ensure_ascii=False) + "\n" for token in tokens)
    except OSError as error:
        return f"{dest} was not written: {error.strerror}"
    return None
