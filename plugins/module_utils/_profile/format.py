# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The format of a profile: its sections, keys and values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import screens
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import contract, sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.module_types import TITLES

LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
FQDN = rf"{LABEL}(?:\.{LABEL}){{1,10}}"
REGION = r"[a-z][a-z0-9_-]{0,30}"
FIELD = r"[A-Za-z0-9_-]{1,64}"
PATH = r"(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,63})(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,63}){0,12}"


@dataclass(frozen=True)
class Leaf:
    """A value: texts of a pattern, or whole numbers from ``low`` to ``high``. ``many``: a list of them is accepted too."""

    what: str
    pattern: str = ""
    low: int = 0
    high: int = 0
    many: bool = False

    def fits(self, value: Any) -> bool:
        """Return whether a single value is valid."""
        if self.high:
            return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high
        return isinstance(value, str) and re.fullmatch(self.pattern, value) is not None

    def schema(self) -> dict[str, Any]:
        """Return the value in JSON Schema."""
        one: dict[str, Any] = {"type": "string", "pattern": f"^(?:{self.pattern})$"}
        if self.high:
            one = {"type": "integer", "minimum": self.low, "maximum": self.high}
        several = {"type": "array", "items": one, "minItems": 1}
        return {"description": self.what, **({"anyOf": [one, several]} if self.many else one)}


Spec = Union[Leaf, Mapping[str, Any]]  # noqa: UP007
"""A value, or a map by key. A key that begins with C(^) is a pattern for keys."""
_ANY_TEXT = r"[^\x00-\x1f\x7f]{1,300}"

FORMAT: Mapping[str, Any] = {
    "texts": {text_id: Leaf("a regular expression", _ANY_TEXT, many=True) for text_id in screens.TEXTS},
    "sse": {
        "fields": {
            field: Leaf(
                "a name of a field, with dots for a path into the record", rf"{FIELD}(?:\.{FIELD}){{0,4}}", many=True
            )
            for field in sse_fields.FIELDS
        },
        "sends": {field: Leaf("a name of a field", FIELD) for field in sse_fields.SENT},
        "list_in": Leaf("the name of the field that holds the list of devices", FIELD),
        "statuses": {
            meaning: Leaf("a status word", r"[^\x00-\x1f\x7f]{1,64}", many=True)
            for meaning in ("registered", "awaits_token")
        },
    },
    "paths": {
        **{path_id: Leaf("a path that begins with /", f"/{PATH}") for path_id in contract.PATHS},
        "tracking": Leaf("a path below /esa/api/v2.0/, without / at its beginning", PATH),
    },
    "module_types": {
        f"^{REGION}": {
            product: {
                key: Leaf("a text", r"[^\x00-\x1f\x7f]{1,200}")
                for key in ("id", "title", "device_key", "timeframe_key")
            }
            for product in TITLES
        }
    },
    "regions": {
        f"^{REGION}": {
            "label": Leaf("a text", r"[^\x00-\x1f\x7f]{1,64}"),
            "aliases": Leaf("another name of the region", REGION, many=True),
            "appliance_server": Leaf("a fully qualified domain name", FQDN.replace("A-Za-z", "a-z")),
            "api_url": Leaf("an address like https://api.example.com", rf"https://{FQDN}(?::[0-9]{{1,5}})?"),
            "portal_url": Leaf("an address like https://portal.example.com", rf"https://{FQDN}(?::[0-9]{{1,5}})?"),
        }
    },
    "ports": {"api": Leaf("a port", low=1, high=65535)},
    "pages": {
        name: Leaf("a number of records", low=1, high=10000) for name in ("devices", "module_types", "module_instances")
    },
}


def json_schema() -> dict[str, Any]:
    """Return the format in JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A profile of emailsec.ctr",
        **_schema(FORMAT),
    }


def _schema(spec: Spec) -> dict[str, Any]:
    if isinstance(spec, Leaf):
        return spec.schema()
    fixed = {key: _schema(inner) for key, inner in spec.items() if not key.startswith("^")}
    patterns = {f"{key}$": _schema(inner) for key, inner in spec.items() if key.startswith("^")}
    return {
        "type": "object",
        "additionalProperties": False,
        **({"properties": fixed} if fixed else {}),
        **({"patternProperties": patterns} if patterns else {}),
    }
