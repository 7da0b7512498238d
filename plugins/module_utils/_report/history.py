# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Earlier reports: the last document, and the counts of each report in a small file."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._files import PRIVATE, write_atomically

from .document import SCHEMA_VERSION
from .verdicts import WORST_FIRST

FOLDER = "history"
LAST = "drift.json"
_NAME = re.compile(r"drift-\d{8}T\d{6}Z\.json")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

Warn = Callable[[str], None]


def last_document(folder: str, warn: Warn) -> dict[str, Any] | None:
    """Return the document of the last report in this folder, or None; ``warn`` gets the reason if a file is skipped."""
    return _read(os.path.join(folder, LAST), _is_document, warn)


def read_history(folder: str, keep: int, warn: Warn) -> list[dict[str, Any]]:
    """Return the counts of the last ``keep`` reports, oldest first."""
    if keep <= 0:
        return []
    read = [_read(path, _has_counts, warn) for path in _files(folder)[-keep:]]
    return sorted((entry for entry in read if entry), key=lambda entry: entry["created"])


def save_history(folder: str, document: Mapping[str, Any], keep: int) -> None:
    """Add this report, and remove all but the newest ``keep`` files. Files with other names stay. Raises OSError."""
    if keep > 0:
        entry = {key: document[key] for key in ("schema_version", "created", "verdict", "counts")}
        name = f"drift-{re.sub('[-:]', '', document['created'])}.json"
        write_atomically(os.path.join(folder, FOLDER, name), json.dumps(entry) + "\n", PRIVATE)
    paths = _files(folder)
    for path in paths[: max(0, len(paths) - keep)]:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass  # a parallel report removed it


def _files(folder: str) -> list[str]:
    """Return the paths of the history files, oldest first; the name contains the time."""
    place = os.path.join(folder, FOLDER)
    names = os.listdir(place) if os.path.isdir(place) else []
    return [os.path.join(place, name) for name in sorted(names) if _NAME.fullmatch(name)]


def _read(path: str, is_valid: Callable[[Any], bool], warn: Warn) -> dict[str, Any] | None:
    try:
        with open(path, encoding="utf-8") as stream:
            content = json.load(stream)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        warn(f"{path} is skipped in the comparison with earlier reports: it cannot be read ({error}).")
        return None
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        warn(
            f"{path} is skipped in the comparison with earlier reports: its schema_version is {version!r}, but "
            f"this release reads {SCHEMA_VERSION}."
        )
        return None
    if not is_valid(content):
        warn(f"{path} is skipped in the comparison with earlier reports: it is not a drift report of this collection.")
        return None
    return dict(content)


def _has_counts(content: Any) -> bool:
    counts = content.get("counts")
    return (
        isinstance(content.get("created"), str)
        and bool(_TIMESTAMP.fullmatch(content["created"]))
        and isinstance(counts, dict)
        and counts.keys() == set(WORST_FIRST)
        and all(isinstance(number, int) and number >= 0 for number in counts.values())
    )


def _is_document(content: Any) -> bool:
    rows = content.get("appliances")
    return (
        _has_counts(content)
        and isinstance(rows, list)
        and all(
            isinstance(row, dict)
            and isinstance(row.get("host"), str)
            and isinstance(row.get("region"), str)
            and row.get("verdict") in WORST_FIRST
            for row in rows
        )
    )
