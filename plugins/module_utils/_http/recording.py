# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Record the exchanges with an API: JSON lines with secrets masked and data replaced by stand-ins."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._records import RecordFile, stand_ins_of
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from .answer import Answer, header_text
from .errors import OptionRefused

LIMIT = 20_000_000
"""Maximum characters of a recording."""
HEADERS = ("Content-Type", "X-Total-Hits", "X-Ratelimit-Org-Limit", "X-Ratelimit-Org-Remaining", "Retry-After")
WORDS = frozenset(
    [
        "status",
        "state",
        "type",
        "version",
        "title",
        "default_name",
        "former_title",
        "key",
        "label",
        "visibility",
        "token_type",
        "scope",
        "error",
        "grant_type",
        "code",
        "offset",
        "limit",
        "messageStatus",
        "registration_state",
    ]
)
"""Fields whose texts are vocabulary. All other texts are replaced, unless they are times or versions."""
_SAFE = re.compile(r"\d{4}-\d{2}-\d{2}[T ][0-9:.Z+-]{4,20}|\d{1,3}(?:\.\d{1,5}){1,2}(?:-\d{1,6})?|[0-9]{1,6}|")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class Recording:
    """The exchanges of one client. The file is created at once, so that an unwritable folder raises OSError before a request.

    ``kind`` is C(cloud) or C(api), ``name`` the region or the host. ``host`` is the address of the API.
    """

    def __init__(self, folder: str, kind: str, name: str, host: str, secrets: Secrets) -> None:
        folder = os.path.abspath(os.path.expanduser(folder))
        self._stand_ins = stand_ins_of(folder)
        self._stand_ins.know("host", host)
        self._name = name if kind == "cloud" else self._known_host(name)
        self._secrets = secrets
        self._file = RecordFile(os.path.join(folder, kind), self._name)
        self._room = LIMIT

    @classmethod
    def begin(cls, folder: str | None, kind: str, name: str, host: str, secrets: Secrets) -> Recording | None:
        """Return a recording in this folder, or None without a folder. Raise OptionRefused."""
        if not folder:
            return None
        try:
            return cls(folder, kind, name, host, secrets)
        except (OSError, ValueError) as error:
            raise OptionRefused(
                f"the recording cannot be written to {folder} ({getattr(error, 'strerror', None) or type(error).__name__})",
                fix="set record (esa_ctr_record in the role) to another folder, or remove it",
            ) from None

    def _known_host(self, name: str) -> str:
        self._stand_ins.know("host", name)
        return self._stand_ins.text(name)

    def keep(self, method: str, path: str, content: Mapping[str, Any], answer: Answer) -> None:
        """Add one exchange. What exceeds the limit is left out."""
        sent = content.get("json", content.get("data"))
        query = content.get("params")
        exchange = {
            "who": self._name,
            "method": method,
            "path": self._stand_ins.text(self._secrets.mask(path)),
            "query": self._data(query) if isinstance(query, Mapping) else {},
            "sent": {} if path.endswith("/login") else self._data(sent),
            "status": answer.status,
            "headers": {name: self._header(answer.headers[name]) for name in HEADERS if name in answer.headers},
            "answer": self._data(answer.json_value()),
        }
        line = json.dumps(exchange, ensure_ascii=False) + "\n"
        self._room -= len(line)
        if self._room > 0:
            self._file.write(line)

    def close(self) -> None:
        """Save the file."""
        self._file.close()

    def _header(self, value: str) -> str:
        return value if _SAFE.fullmatch(value) else self._stand_ins.text(self._secrets.mask(header_text(value)))

    def _data(self, value: Any, field: str = "") -> Any:
        if isinstance(value, Mapping):
            return {
                self._stand_ins.text(self._secrets.mask(str(key))): self._data(one, str(key))
                for key, one in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._data(one, field) for one in value]
        if not isinstance(value, str):
            return value
        if _SAFE.fullmatch(value):
            return value
        masked = self._secrets.mask(value)
        replaced = self._stand_ins.text(masked)
        if field in WORDS or replaced != masked:
            return replaced
        return self._stand_ins.of("host" if "name" in field.lower() and _NAME.fullmatch(value) else "text", masked)
