# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Check and merge profiles, before anything is read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import Profile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import KNOWN_REGIONS
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message

from .format import FORMAT, Leaf, Spec
from .patterns import BadPattern, compiled

Place = tuple[str, ...]
OWN_STATUSES = {"registered": (sse_fields.REGISTERED,), "awaits_token": sse_fields.AWAITS_TOKEN}


@dataclass(frozen=True)
class Source:
    """A profile as it was given: its name for messages, its data, and the line of each place (empty for a map)."""

    name: str
    data: Any
    lines: Mapping[Place, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """A problem of a profile. ``where`` is the source, with the line if it is known."""

    where: str
    problem: str
    fix: str

    def __str__(self) -> str:
        return message(self.where, self.problem, self.fix)


def check_profile(sources: Sequence[Source]) -> tuple[Profile, list[Fault]]:
    """Return the merged profile, and the problems. With problems the profile is empty.

    Maps are merged, lists are appended, and later values replace earlier ones.
    """
    faults: list[Fault] = []
    merged: dict[str, Any] = {}
    for source in sources:
        found = list(_checked(FORMAT, source.data, (), source))
        faults += found
        if not found:
            _merge(merged, source.data, FORMAT)
    if not faults:
        faults += _contradictions(merged, sources)
    if faults:
        return Profile(), faults
    return _profile(merged, tuple(source.name for source in sources)), []


def _checked(spec: Spec, value: Any, place: Place, source: Source) -> Iterator[Fault]:
    if isinstance(spec, Leaf):
        yield from _checked_values(spec, value, place, source)
        return
    if not isinstance(value, Mapping):
        keys = ", ".join(key for key in spec if not key.startswith("^")) or "the names of regions"
        yield _fault(source, place, "is not a map", f"write a map with some of the keys {keys}")
        return
    for key, inner in value.items():
        found = _spec_of(spec, key)
        if found is None:
            yield _unknown(source, (*place, str(key)), spec)
        else:
            yield from _checked(found, inner, (*place, str(key)), source)


def _spec_of(spec: Mapping[str, Any], key: Any) -> Spec | None:
    if not isinstance(key, str):
        return None
    if key in spec:
        return spec[key]  # type: ignore[no-any-return]
    return next((inner for name, inner in spec.items() if name.startswith("^") and re.fullmatch(name[1:], key)), None)


def _checked_values(leaf: Leaf, value: Any, place: Place, source: Source) -> Iterator[Fault]:
    if isinstance(value, list) and leaf.many and value:
        for number, one in enumerate(value):
            yield from _checked_values(
                Leaf(leaf.what, leaf.pattern, leaf.low, leaf.high), one, (*place, str(number)), source
            )
    elif not leaf.fits(value):
        limits = f" from {leaf.low} to {leaf.high}" if leaf.high else ""
        several = ", or a list of them" if leaf.many else ""
        yield _fault(source, place, "has an invalid value", f"write {leaf.what}{limits}{several}")
    elif place[0] == "texts":
        try:
            compiled(place[1], value)
        except BadPattern as bad:
            yield _fault(source, place, str(bad), bad.fix)


def _unknown(source: Source, place: Place, spec: Mapping[str, Any]) -> Fault:
    known = [key for key in spec if not key.startswith("^")]
    near = difflib.get_close_matches(place[-1], known, n=1)
    fix = f"use {near[0]}" if near else f"use one of {', '.join(known)}" if known else "use the name of a region"
    return _fault(source, place, "is unknown", fix)


def _fault(source: Source, place: Place, problem: str, fix: str) -> Fault:
    line = next((source.lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in source.lines), None)
    where = f"{source.name}:{line}" if line else source.name
    return Fault(where, f"{'.'.join(place) or 'the profile'} {problem}", fix)


def _merge(merged: dict[str, Any], data: Mapping[str, Any], spec: Mapping[str, Any]) -> None:
    for key, value in data.items():
        inner = _spec_of(spec, key)
        if isinstance(inner, Leaf):
            if inner.many:
                known = merged.setdefault(key, [])
                known += [one for one in (value if isinstance(value, list) else [value]) if one not in known]
            else:
                merged[key] = value
        elif inner is not None:
            _merge(merged.setdefault(key, {}), value, inner)


def _contradictions(merged: Mapping[str, Any], sources: Sequence[Source]) -> Iterator[Fault]:
    """Yield what is valid by itself but not together."""
    sse = merged.get("sse", {})
    words = {
        meaning: {*own, *(word.lower() for word in sse.get("statuses", {}).get(meaning, ()))}
        for meaning, own in OWN_STATUSES.items()
    }
    for word in sorted(words["registered"] & words["awaits_token"]):
        yield _merged_fault(
            sources,
            ("sse", "statuses"),
            f"gives the word {word!r} both meanings, registered and awaits_token",
            "remove it from one of them",
        )
    fields = sse.get("fields", {})
    seen = {ours: name for name, ours in sse_fields.FIELDS.items() if name not in fields}
    for name, names in fields.items():
        for one in names:
            if seen.setdefault(one, name) != name:
                yield _merged_fault(
                    sources,
                    ("sse", "fields", name),
                    f"is {one}, as {seen[one]} is",
                    "give each field a name of its own",
                )
    yield from _region_faults(merged.get("regions", {}), sources)


def _region_faults(regions: Mapping[str, Mapping[str, Any]], sources: Sequence[Source]) -> Iterator[Fault]:
    names = {name: owner.name for owner in KNOWN_REGIONS.values() for name in (owner.name, *owner.aliases)}
    servers = {owner.appliance_server: owner.name for owner in KNOWN_REGIONS.values()}
    for name, region in regions.items():
        place = ("regions", name)
        for alias in (name, *region.get("aliases", ())):
            if names.setdefault(alias, name) != name:
                yield _merged_fault(
                    sources, place, f"has the name {alias}, which is {names[alias]} already", "choose another name"
                )
        if name not in KNOWN_REGIONS and "appliance_server" not in region:
            yield _merged_fault(
                sources, place, "has no appliance_server", "add the server that appliances of this region use"
            )
        server = region.get("appliance_server")
        if server and servers.setdefault(server, name) != name:
            yield _merged_fault(
                sources, place, f"has the server of {servers[server]}", "give each region a server of its own"
            )


def _merged_fault(sources: Sequence[Source], place: Place, problem: str, fix: str) -> Fault:
    """Return the problem with the last source that has this place."""
    source = next((one for one in reversed(sources) if _has(one.data, place)), sources[-1])
    return _fault(source, place, problem, fix)


def _has(data: Any, place: Place) -> bool:
    for key in place:
        if not isinstance(data, Mapping) or key not in data:
            return False
        data = data[key]
    return True


def _profile(merged: Mapping[str, Any], names: tuple[str, ...]) -> Profile:
    sse = merged.get("sse", {})
    return Profile(
        given=merged,
        sources=names,
        texts={
            text_id: tuple(compiled(text_id, pattern) for pattern in patterns)
            for text_id, patterns in merged.get("texts", {}).items()
        },
        fields={name: tuple(names) for name, names in sse.get("fields", {}).items()},
        sends=sse.get("sends", {}),
        list_in=sse.get("list_in", ""),
        statuses={meaning: tuple(word.lower() for word in words) for meaning, words in sse.get("statuses", {}).items()},
        paths=merged.get("paths", {}),
        module_types=merged.get("module_types", {}),
        regions=merged.get("regions", {}),
        ports=merged.get("ports", {}),
        pages=merged.get("pages", {}),
    )
