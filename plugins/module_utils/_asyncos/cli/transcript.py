# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Record a session with secrets masked, in the format that the lab can replay.

One JSON object per line: C({"type": "login", "text": ...}) first, then alternately C(typed) (a line or key) and C(shown)
(the raw output after it).
"""

from __future__ import annotations

import json

from ansible_collections.emailsec.ctr.plugins.module_utils._records import RecordFile
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets
from ansible_collections.emailsec.ctr.plugins.module_utils._stand_ins import StandIns

from .session import Channel

LIMIT = 8_000_000
"""Maximum characters of output in a transcript."""
CUT = f"\n[cut: this transcript holds only the first {LIMIT} characters]\n"


class RecordingChannel:
    """Channel that records its input and output, and saves them when it is closed.

    The file is created at once, so that an unwritable folder raises OSError before the session starts. With ``stand_ins``,
    data is replaced, also in the name of the file.
    """

    def __init__(
        self, channel: Channel, folder: str, host: str, secrets: Secrets, stand_ins: StandIns | None = None
    ) -> None:
        self._stand_ins = stand_ins
        self._file = RecordFile(folder, self._shared(host))
        self._channel = channel
        self._secrets = secrets
        self._turns: list[tuple[str, list[str]]] = [("login", [])]
        self._room = LIMIT

    def write(self, text: str) -> None:
        self._turns.append(("typed", [text.removesuffix("\n")]))
        self._channel.write(text)

    async def read(self) -> str:
        text = await self._channel.read()
        if text and self._room > 0:
            if self._turns[-1][0] == "typed":
                self._turns.append(("shown", []))
            self._turns[-1][1].append(text[: self._room])
            self._room -= len(text)
            if self._room <= 0:
                self._turns[-1][1].append(CUT)
        return text

    async def close(self) -> None:
        try:
            await self._channel.close()
        finally:
            self._save()

    def _shared(self, text: str) -> str:
        return text if self._stand_ins is None else self._stand_ins.text(text)

    def _save(self) -> None:
        """Mask and save the whole text: a secret may arrive in pieces."""
        for kind, parts in self._turns:
            turn = {"type": kind, "text": self._shared(self._secrets.mask("".join(parts)))}
            self._file.write(json.dumps(turn, ensure_ascii=False) + "\n")
        self._file.close()
