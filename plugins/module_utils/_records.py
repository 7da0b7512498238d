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
from collections.abc import Callable
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


class RecordFile:
    """A new private file in this folder, named by ``name``, the time and the process. Creating it may raise OSError.

    A later error, such as a full disk, ends the record and not the work that is recorded; C(warnings_of_records) says so.
    """

    def __init__(self, folder: str, name: str) -> None:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%f")
        file = f"{re.sub(r'[^A-Za-z0-9.-]', '_', name)}-{moment}-{os.getpid()}.jsonl"
        self._path = os.path.join(folder, file)
        self._draft = contextlib.ExitStack()
        self._stream: TextIO | None = self._draft.enter_context(draft_of(self._path, PRIVATE))

    def write(self, line: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(line)
        except (OSError, ValueError) as error:
            self._stream = None
            with contextlib.suppress(OSError, ValueError):
                self._draft.__exit__(type(error), error, error.__traceback__)
            self._warn(error)

    def close(self) -> None:
        """Save the file."""
        self._stream = None
        try:
            self._draft.close()
        except (OSError, ValueError) as error:
            self._warn(error)

    def _warn(self, error: OSError | ValueError) -> None:
        reason = getattr(error, "strerror", None) or type(error).__name__
        _warnings.append(
            f"the record {self._path} was not saved ({reason}); nothing else is affected. Fix: free disk space, "
            "or choose another folder with esa_ctr_record or ansible_asyncos_transcript"
        )


_warnings: list[str] = []


def warnings_of_records() -> list[str]:
    """Return why records of this process were not saved, each reason once."""
    found = _warnings.copy()
    _warnings.clear()
    return found


def warn_of_records(warn: Callable[[str], object]) -> None:
    """Give each of these warnings once."""
    for text in warnings_of_records():
        warn(text)
