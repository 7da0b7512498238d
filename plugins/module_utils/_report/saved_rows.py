# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The JSON file of a report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._files import write_atomically

SCHEMA_VERSION = 1


def save_document(dest: str, title: str, counts: Mapping[str, int], rows: Iterable[Mapping[str, Any]]) -> str:
    """Write the rows to ``dest`` in one step, create its folder if needed, and return the absolute path. Raises OSError."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "title": str(title),
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "counts": dict(counts),
        "rows": list(rows),
    }
    return write_atomically(dest, json.dumps(document, indent=2, default=str) + "\n")
