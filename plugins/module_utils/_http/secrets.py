# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The one place where secrets are taken out of texts."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote, quote_plus, unquote

MASK = "********"

# A registration token as the portal shows it (grade S): it may stand in an answer before we could learn it.
_TOKEN_LIKE = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{32}(?![0-9a-fA-F])")


class Secrets:
    """The secrets of one task, known as they come up."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, value: str | None) -> None:
        """Learn a secret, and the forms in which it travels."""
        if value:
            encoded = base64.b64encode(value.encode("utf-8", "surrogateescape")).decode("ascii")
            safe = value.encode("utf-8", "replace")
            self._values.update((value, encoded, quote(safe, safe=""), quote_plus(safe), unquote(value)))

    def mask(self, text: str) -> str:
        """The text without any known secret, longest first so that no remainder stays."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text

    def mask_tokens_too(self, text: str) -> str:
        """The text without known secrets and without anything that looks like a registration token."""
        return _TOKEN_LIKE.sub(MASK, self.mask(text))

    def __repr__(self) -> str:
        return "<Secrets>"
