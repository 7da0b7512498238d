# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Which scopes an API client lacks, as a 403 says it, and what to do about it.

Source: the vendor's description of iroh-inspect (grade A) has ``missing-scopes`` and ``required-scopes``, beside ``scopes``, which
are those that the client holds. Other parts of the API do not describe their 403, so other forms are read, too.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import Region

from .contract import SCOPES, scope_of

MISSING = ("missing-scopes", "missing_scopes")
REQUIRED = ("required-scopes", "required_scopes")
HELD = "scopes"
MOST_SCOPES = 20

# Such as sse, enrich:read, integration/module-instance:read, admin/integration/module-type:write.
_NAME, _RIGHT = r"[a-z][a-z0-9-]{1,40}", r":(?:read|write)"
_ROOTS = "|".join(sorted({scope.partition(":")[0] for scope in SCOPES}))
_WHOLE = re.compile(rf"{_NAME}(?:/{_NAME}){{0,4}}(?:{_RIGHT})?")
_BEGIN, _END = r"(?<![\w/:.-])", r"(?![\w/:-])"
_BY_ITS_FORM = re.compile(rf"{_BEGIN}(?:{_NAME}(?:/{_NAME}){{0,4}}{_RIGHT}|(?:{_ROOTS})(?:/{_NAME}){{1,4}}){_END}")
_BARE = re.compile(rf"{_BEGIN}(?:{_ROOTS}){_END}")
_MENTION_OF_SCOPES = re.compile(r"\bscopes?\b", re.IGNORECASE)


def scopes_named(body: Any) -> list[str]:
    """The scopes that the body of a 403 names, in its order: in a field, or else in the words of its description."""
    if not isinstance(body, dict):
        return []
    held = _in_field(body.get(HELD))
    for field in (*MISSING, *REQUIRED):
        found = [scope for scope in _in_field(body.get(field)) if field in MISSING or scope not in held]
        if found:
            return _unique(found)
    words = body.get("error_description")
    found = _in_words(words) if isinstance(words, str) else []
    # Where nothing else is said, a list of scopes may well be of those that are missing.
    said_by_others = any(field in body for field in (*MISSING, *REQUIRED))
    return _unique(found or ([] if said_by_others else held))


def _in_field(value: Any) -> list[str]:
    """The scopes in a field: a list, or a text with blanks or commas between them."""
    parts = re.split(r"[\s,]+", value) if isinstance(value, str) else value if isinstance(value, list) else []
    return [part for part in parts if isinstance(part, str) and _WHOLE.fullmatch(part)]


def _in_words(words: str) -> list[str]:
    """Scopes with a slash or a right are told by their form; plain words only where the talk is of scopes."""
    found = [(match.start(), match[0]) for match in _BY_ITS_FORM.finditer(words)]
    talk = _MENTION_OF_SCOPES.search(words)
    if talk:
        found += [(match.start(), match[0]) for match in _BARE.finditer(words, talk.end())]
    return [scope for _place, scope in sorted(found)]


def _unique(scopes: list[str]) -> list[str]:
    return list(dict.fromkeys(scopes))[:MOST_SCOPES]


def fix_of_missing_scopes(method: str, path: str, body: Any, region: Region) -> str:
    """What to do about a 403: the scopes that it names, or else those that the request needs."""
    named = scopes_named(body)
    everything = ", ".join(f'"{scope}" ({title})' for scope, title in SCOPES.items())
    make = f"Make one in {region.label} that has {{}}; all that the collection needs is {everything}."
    if named:
        plural, those = ("s", "them") if len(named) > 1 else ("", "it")
        listed = " and ".join(f'"{scope}"' for scope in named)
        return f"This API client lacks the scope{plural} {listed}. {make.format(those)}"
    scope, part = scope_of(method, path)
    if scope is None:
        return f"This API client lacks a right. {make.format('it')}"
    finer = f' (of it, "{part}")' if part else ""
    return f'This API client lacks a right: this request needs the scope "{scope}"{finer}. {make.format("it")}'
