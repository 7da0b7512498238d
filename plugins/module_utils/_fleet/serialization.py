# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Convert a dataclass to a compact text and back, to pass a reading from one task to the next.

Ansible processes every leaf of a variable at each use; a single text is cheap. The text contains no secrets.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def pack(value: Any) -> str:
    """Return the text of a dataclass of plain data, dataclasses and enums. Exceptions are left out."""
    text = json.dumps(plain(value), separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"))).decode("ascii")


def unpack(kind: type[T], text: str) -> T:
    """Return the dataclass ``kind`` from a text of C(pack). Raise ValueError for any other text."""
    try:
        plain = zlib.decompress(base64.b64decode(str(text), validate=True)).decode("utf-8", "surrogatepass")
        return cast(T, _typed(kind, json.loads(plain)))
    except (KeyError, TypeError, AttributeError, zlib.error, RecursionError) as error:
        raise ValueError(f"not a {kind.__name__} of this release ({type(error).__name__})") from None


def plain(value: Any) -> Any:
    """Return a dataclass as plain data for JSON. Exceptions are left out."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {
            each.name: plain(getattr(value, each.name))
            for each in fields(value)
            if not isinstance(getattr(value, each.name), Exception)
        }
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, frozenset)):
        return [plain(each) for each in value]
    # Ansible passes subclasses of str.
    return str(value) if isinstance(value, str) else value


def _typed(kind: Any, value: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        return _of_union(get_args(kind), value)
    container, parts = get_origin(kind) or kind, get_args(kind)
    if container is tuple:
        return tuple(_typed(parts[0], each) for each in value)
    if container is frozenset:
        return frozenset(_typed(parts[0], each) for each in value)
    if isinstance(container, type) and issubclass(container, Mapping):
        return {key: _typed(parts[1], each) for key, each in value.items()}
    if _is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _typed(hints[name], each) for name, each in value.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value


def _of_union(kinds: tuple[Any, ...], value: Any) -> Any:
    if value is None:
        return None
    kinds = tuple(kind for kind in kinds if kind is not NoneType)
    if isinstance(value, dict):
        # Choose the dataclass with these fields.
        kinds = tuple(kind for kind in kinds if _is_dataclass(kind) and set(value) <= set(_hints(kind))) or kinds
    elif isinstance(value, list):
        kinds = tuple(kind for kind in kinds if get_origin(kind) is tuple) or kinds
    return _typed(kinds[0], value) if isinstance(value, (dict, list)) or len(kinds) == 1 else value


def _is_dataclass(kind: Any) -> bool:
    return is_dataclass(kind)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
