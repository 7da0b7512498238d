# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The proposed profile as a YAML file with its evidence."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import Proposal, Remaining

WIDTH = 100
_HEAD = """\
---
# A profile that emailsec.ctr.probe proposes. Nothing uses it until esa_ctr_profile names this file.
# Read the evidence of each entry, remove what is wrong, and then run the drift report with
# esa_ctr_profile: THIS_FILE. The format is described in docs/profiles.md.
"""


def profile_of(proposals: Sequence[Proposal]) -> dict[str, Any]:
    """Return the proposals as one profile. Lists of the same place are joined."""
    profile: dict[str, Any] = {}
    for one in proposals:
        *places, last = one.place
        inner = profile
        for key in places:
            inner = inner.setdefault(key, {})
        if isinstance(one.value, list):
            known = inner.setdefault(last, [])
            known += [value for value in one.value if value not in known]
        else:
            inner[last] = one.value
    return profile


def profile_text(proposals: Sequence[Proposal], remaining: Sequence[Remaining]) -> str:
    """Return the YAML of C(profile_of), with the evidence of each entry, and what remains as comments."""
    evidence: dict[tuple[str, ...], list[str]] = {}
    for one in proposals:
        evidence.setdefault(one.place, []).append(f"Evidence: {one.evidence}.")
    lines = list(_lines(profile_of(proposals), (), evidence))
    for left in remaining:
        lines += ["", *_comment(f"Not certain ({left.assumption}): {left.problem}. Fix: {left.fix}.", "")]
    return _HEAD + "\n".join(lines) + "\n"


def _lines(
    value: Mapping[str, Any], place: tuple[str, ...], evidence: Mapping[tuple[str, ...], Sequence[str]]
) -> Iterator[str]:
    indent = "  " * len(place)
    if not value and not place:
        yield "{}"
    for key, inner in value.items():
        here = (*place, key)
        if not place:
            yield ""
        for text in evidence.get(here, ()):
            yield from _comment(text, indent)
        if isinstance(inner, Mapping):
            yield f"{indent}{key}:"
            yield from _lines(inner, here, evidence)
        elif isinstance(inner, list):
            yield f"{indent}{key}:"
            yield from (f"{indent}  - {_scalar(one)}" for one in inner)
        else:
            yield f"{indent}{key}: {_scalar(inner)}"


def _scalar(value: Any) -> str:
    """Return a value in YAML: a text always in double quotes, which JSON and YAML write alike."""
    return json.dumps(value)


def _comment(text: str, indent: str) -> list[str]:
    shown = "".join(char if char.isprintable() else " " for char in text)
    return [f"{indent}# {line}" for line in textwrap.wrap(shown, WIDTH - len(indent) - 2, break_long_words=False)]
