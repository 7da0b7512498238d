# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The JSON document of a report: written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

SCHEMA_VERSION = 1


def save_document(dest: str, title: str, counts: Mapping[str, int], rows: Iterable[Mapping[str, Any]]) -> str:
    """Write the rows to ``dest`` (its folder is made where missing) and return the absolute path. Raises OSError."""
    path = os.path.abspath(os.path.expanduser(str(dest)))
    document = {
        "schema_version": SCHEMA_VERSION,
        "title": str(title),
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "counts": dict(counts),
        "rows": list(rows),
    }
    os.makedirs(os.path.dirname(path), exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".report-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(document, stream, indent=2, default=str)
            stream.write("\n")
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
