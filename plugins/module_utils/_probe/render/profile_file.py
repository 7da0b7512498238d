# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The proposed profile as a YAML file with its evidence."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import Proposal, Remaining
from ansible_collections.emailsec.ctr.plugins.module_utils._report.table import cell
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message

WIDTH = 100
_HEAD = """\
---
# A profile that emailsec.ctr.probe proposes. Nothing uses it until esa_ctr_profile names this file.
# Read the evidence of each entry, and remove what is wrong. Then run the drift report with
# -e esa_ctr_profile=THIS_FILE. If it is right, set esa_ctr_profile in the inventory.
# The format is described in docs/profiles.md.
"""
_NO_ENTRY = ("# Remove the next line when you add an entry.", "{}")
_PLACES = {"text.": ("texts",), "field.sse.": ("sse", "fields"), "sent.sse.": ("sse", "sends")}
"""The place in a profile, by the start of the id of an assumption. The rest of the id is the last key."""
_PLAIN_KEY = re.compile(r"[a-z][a-z_]*")
_YAML_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})")
Place = tuple[str, ...]


def profile_of(proposals: Sequence[Proposal]) -> dict[str, Any]:
    """Return the proposals as one profile. Maps of the same place are merged, and lists are joined without duplicates."""
    profile: dict[str, Any] = {}
    for one in proposals:
        value = one.value
        for key in reversed(one.place):
            value = {key: value}
        profile = _merged(profile, value)
    return profile


def _merged(known: Any, more: Any) -> Any:
    if isinstance(known, dict) and isinstance(more, dict):
        return {**known, **{key: _merged(known.get(key), value) for key, value in more.items()}}
    if isinstance(more, dict):
        return {key: _merged(None, value) for key, value in more.items()}
    if isinstance(more, list):
        return [*known, *(one for one in more if one not in known)] if isinstance(known, list) else list(more)
    return more


def profile_text(proposals: Sequence[Proposal], remaining: Sequence[Remaining]) -> str:
    """Return the YAML of C(profile_of), with the evidence of each entry, and what is not certain as commented-out entries."""
    said: dict[Place, list[str]] = {}
    for one in proposals:
        said.setdefault(one.place, []).append(f"Evidence: {one.evidence}.")
    profile = profile_of(proposals)
    lines = list(_lines(profile, (), said, _not_certain(remaining, profile)))
    return _HEAD + "\n".join(lines if profile else ["", *_NO_ENTRY, *lines]) + "\n"


def _lines(
    value: Mapping[str, Any], place: Place, said: Mapping[Place, Sequence[str]], notes: Mapping[Place, Sequence[str]]
) -> Iterator[str]:
    indent = "  " * len(place)
    for key, inner in value.items():
        here = (*place, key)
        if not place:
            yield ""
        for text in said.get(here, ()):
            yield from _comment(text, len(place))
        if isinstance(inner, Mapping) and inner:
            yield f"{indent}{_key(key)}:"
            yield from _lines(inner, here, said, notes)
        elif isinstance(inner, list) and inner:
            yield f"{indent}{_key(key)}:"
            yield from (f"{indent}  - {_scalar(one)}" for one in inner)
        else:
            yield f"{indent}{_key(key)}: {_scalar(inner)}"
    yield from notes.get(place, ())


def _not_certain(remaining: Sequence[Remaining], profile: Mapping[str, Any]) -> dict[Place, list[str]]:
    """Return comments by the map of the profile that they belong to. A map that is not in the profile is part of them."""
    by_map: dict[Place, list[tuple[str, str]]] = {}
    for left in remaining:
        place = _place(left.assumption)
        by_map.setdefault(place[:-1], []).append(
            (place[-1] if place else "", f"Not certain ({left.assumption}): {message(None, left.problem, left.fix)}")
        )
    notes: dict[Place, list[str]] = {}
    for place, entries in by_map.items():
        known = _known(profile, place)
        level = len(known)
        indent = "  " * level
        lines = notes.setdefault(known, [])
        lines += [] if known else [""]
        lines += [line for _name, text in entries for line in _comment(text, level)]
        lines += [f"{indent}# {'  ' * more}{name}:" for more, name in enumerate(place[level:])]
        inner = "  " * (len(place) - level)
        lines += [f'{indent}# {inner}{key}: ""' for key in dict.fromkeys(key for key, _text in entries) if key]
    return notes


def _place(assumption: str) -> Place:
    """Return the place of the entry that resolves an assumption; empty if it depends on more than the id."""
    for start, place in _PLACES.items():
        key = assumption.removeprefix(start)
        if key != assumption and _PLAIN_KEY.fullmatch(key):
            return (*place, key)
    return ()


def _known(profile: Mapping[str, Any], place: Place) -> Place:
    """Return the part of a place that is a map of the profile."""
    inner: Any = profile
    for level, key in enumerate(place):
        inner = inner.get(key)
        if not isinstance(inner, Mapping) or not inner:
            return place[:level]
    return place


def _key(key: str) -> str:
    """Return a key in YAML, quoted unless it is a plain word."""
    return key if _PLAIN_KEY.fullmatch(key) and key not in _YAML_WORDS else _scalar(key)


def _scalar(value: Any) -> str:
    r"""Return a value in YAML: text always in double quotes. JSON is YAML, except for characters above C(\\uffff)."""
    return _PAIR.sub(_one_character, json.dumps(value))


def _one_character(pair: re.Match[str]) -> str:
    code = 0x10000 + ((int(pair[1], 16) - 0xD800) << 10) + int(pair[2], 16) - 0xDC00
    return f"\\U{code:08x}"


def _comment(text: str, level: int) -> list[str]:
    start = f"{'  ' * level}# "
    return textwrap.wrap(cell(text), WIDTH, initial_indent=start, subsequent_indent=start, break_long_words=False)
