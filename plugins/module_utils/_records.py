# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The folder of a recording, and the stand-ins that all its files share.

The folder has C(dialogue) (sessions), C(cloud) and C(api) (exchanges), and C(key), from which all processes derive the same
stand-ins. The key is not for sharing: with it, values can be guessed and compared.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from datetime import datetime, timezone
from typing import TextIO

from ._files import PRIVATE, draft_of
from ._stand_ins import StandIns

DIALOGUE, CLOUD, API, KEY = "dialogue", "cloud", "api", "key"
KEPT = ("emailsec.ctr",)
"""Words that look like host names and are none."""


def stand_ins_of(folder: str) -> StandIns:
    """Return the stand-ins of a recording. Create the folder and its key if needed. Raise OSError and ValueError."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path = os.path.join(folder, KEY)
    if not os.path.exists(path):
        # several processes may begin at the same time: the first key stays
        with draft_of(path, PRIVATE, overwrite=False) as stream:
            stream.write(secrets.token_hex(32) + "\n")
    with open(path, encoding="ascii") as stream:
        return StandIns(bytes.fromhex(stream.read().strip()), vocabulary=KEPT)


def draft_in(folder: str, name: str, stack: contextlib.ExitStack) -> TextIO:
    """Open a new private file in this folder, named by ``name``, the time and the process. Raise OSError."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%f")
    file = f"{re.sub(r'[^A-Za-z0-9.-]', '_', name)}-{moment}-{os.getpid()}.jsonl"
    return stack.enter_context(draft_of(os.path.join(folder, file), PRIVATE))
