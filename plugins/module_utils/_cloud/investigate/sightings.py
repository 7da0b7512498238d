# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Convert a sighting to a fixed structure.

Source: the Sighting of iroh-enrich (grade A). Appliances fill only some of its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXTS = ("id", "title", "description", "source", "sensor", "confidence", "severity")


def sighting_of(doc: dict[str, Any], module: str | None, module_instance_id: str | None) -> dict[str, Any]:
    """Return a sighting for the result, with null or an empty list for missing fields."""
    observed = doc.get("observed_time")
    observed = observed if isinstance(observed, dict) else {}
    count = doc.get("count")
    return {
        **{key: _text(doc.get(key)) for key in TEXTS},
        "module": module,
        "module_instance_id": module_instance_id,
        "observed_time": {"start": _text(observed.get("start_time")), "end": _text(observed.get("end_time"))},
        "count": int(count) if isinstance(count, (int, float)) and not isinstance(count, bool) else None,
        "observables": [pair for pair in map(_observable, _list(doc.get("observables"))) if pair],
        "relations": [one for one in map(_relation, _list(doc.get("relations"))) if one],
    }


def bare_value(observable: Mapping[str, Any]) -> str:
    """Return the value of an observable, without the angle brackets of a Message-ID."""
    value = str(observable.get("value") or "")
    return value.strip("<>") if observable.get("type") == "email_messageid" else value


def _relation(value: Any) -> dict[str, Any] | None:
    """Return a relation, with source and related like ``email:a@example.com``."""
    if not isinstance(value, dict):
        return None
    ends = {key: _observable(value.get(key)) for key in ("source", "related")}
    return {
        "relation": _text(value.get("relation")),
        **{key: f"{pair['type']}:{pair['value']}" if pair else None for key, pair in ends.items()},
    }


def _observable(value: Any) -> dict[str, str | None] | None:
    if not isinstance(value, dict):
        return None
    return {"type": _text(value.get("type")), "value": _text(value.get("value"))}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return None if value is None or isinstance(value, (dict, list)) else str(value)
