# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate docs/probe.schema.json from the model of a probe."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import SCHEMA_VERSION, ProbeDocument, Verdict

PAGE = Path(__file__).resolve().parents[2] / "docs" / "probe.schema.json"
PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


def schema() -> dict[str, Any]:
    """Return the schema of probe.json."""
    document = _of(ProbeDocument)
    verdicts = [one.value for one in Verdict]
    counts = {
        "type": "object",
        "properties": {verdict: {"type": "integer"} for verdict in verdicts},
        "required": verdicts,
        "additionalProperties": False,
    }
    more = {"schema_version": {"const": SCHEMA_VERSION}, "kind": {"const": "probe"}, "counts": counts}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The result of emailsec.ctr.probe, with stand-ins in place of data",
        **document,
        "properties": {**more, **document["properties"]},
        "required": [*more, *document["required"]],
    }


def text() -> str:
    """Return the file."""
    return json.dumps(schema(), indent=2) + "\n"


def _of(kind: Any) -> dict[str, Any]:
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return {
            "description": " ".join((kind.__doc__ or "").split()),
            "type": "object",
            "properties": {each.name: _of(hints[each.name]) for each in fields(kind)},
            "required": [each.name for each in fields(kind)],
            "additionalProperties": False,
        }
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [{"type": "null"} if part is type(None) else _of(part) for part in parts]}
    if origin is tuple:
        return {"type": "array", "items": _of(parts[0])}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(parts[1])}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [one.value for one in kind]}
    return {"type": PLAIN[kind]} if kind in PLAIN else {}


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
