# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Find the scopes that an API client lacks in a 403, and return the fix.

Source: the vendor's description of iroh-inspect (grade A) has ``missing-scopes`` and ``required-scopes``, and
``scopes``, the scopes of the client. The other parts of the API do not document their 403, so other forms are accepted.
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

# For example sse, enrich:read, integration/module-instance:read, admin/integration/module-type:write.
_NAME, _RIGHT = r"[a-z][a-z0-9-]{1,40}", r":(?:read|write)"
_ROOTS = "|".join(sorted({scope.partition(":")[0] for scope in SCOPES}))
_WHOLE = re.compile(rf"{_NAME}(?:/{_NAME}){{0,4}}(?:{_RIGHT})?")
_BEGIN, _END = r"(?<![\w/:.-])", r"(?![\w/:-])"
_BY_ITS_FORM = re.compile(rf"{_BEGIN}(?:{_NAME}(?:/{_NAME}){{0,4}}{_RIGHT}|(?:{_ROOTS})(?:/{_NAME}){{1,4}}){_END}")
_BARE = re.compile(rf"{_BEGIN}(?:{_ROOTS}){_END}")
_MENTION_OF_SCOPES = re.compile(r"\bscopes?\b", re.IGNORECASE)


def scopes_named(body: Any) -> list[str]:
    """Return the scopes in the body of a 403, in order: from a field, or else from the description."""
    if not isinstance(body, dict):
        return []
    held = _in_field(body.get(HELD))
    for field in (*MISSING, *REQUIRED):
        found = [scope for scope in _in_field(body.get(field)) if field in MISSING or scope not in held]
        if found:
            return _unique(found)
    words = body.get("error_description")
    found = _in_words(words) if isinstance(words, str) else []
    # Without any other field, a list of scopes is probably the list of missing scopes.
    said_by_others = any(field in body for field in (*MISSING, *REQUIRED))
    return _unique(found or ([] if said_by_others else held))


def _in_field(value: Any) -> list[str]:
    """Return the scopes in a field: a list, or a string separated by spaces or commas."""
    parts = re.split(r"[\s,]+", value) if isinstance(value, str) else value if isinstance(value, list) else []
    return [part for part in parts if isinstance(part, str) and _WHOLE.fullmatch(part)]


def _in_words(words: str) -> list[str]:
    """Return scopes with a slash or a right, and plain words that follow the word "scope"."""
    found = [(match.start(), match[0]) for match in _BY_ITS_FORM.finditer(words)]
    talk = _MENTION_OF_SCOPES.search(words)
    if talk:
        found += [(match.start(), match[0]) for match in _BARE.finditer(words, talk.end())]
    return [scope for _place, scope in sorted(found)]


def _unique(scopes: list[str]) -> list[str]:
    return list(dict.fromkeys(scopes))[:MOST_SCOPES]


def fix_of_missing_scopes(method: str, path: str, body: Any, region: Region) -> str:
    """Return the fix for a 403: select the scopes that it names, or else the scopes that the request needs."""
    named = scopes_named(body)
    everything = ", ".join(f'"{scope}" ({title})' for scope, title in SCOPES.items())
    create = f"create an API client in {region.label} that has"
    if named:
        plural = "s" if len(named) > 1 else ""
        listed = " and ".join(f'"{scope}"' for scope in named)
        return f"{create} the missing scope{plural} {listed}. The collection needs these scopes: {everything}."
    scope, part = scope_of(method, path)
    if scope is None:
        return f"{create} the scopes that the collection needs: {everything}."
    finer = f' (in particular "{part}")' if part else ""
    return f'{create} the scope "{scope}"{finer}. The collection needs these scopes: {everything}.'
