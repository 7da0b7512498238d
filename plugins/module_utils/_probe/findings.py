# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What a probe read, as it came, and what follows from it: sentences, devices, fields, types.

This is data; it is replaced by stand-ins before it leaves the probe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import menu, screens
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Screen
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.text import collapsed
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import name_key

from .appliance import SERVER_KEYWORDS, Walk
from .region import DEVICES, RegionRead

DEEPEST = 3
"""Levels of objects in a record that are searched for fields."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_INTRODUCTION = re.compile(r"^choose .{0,80}:?$", re.I)
_NAME_PARTS = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True)
class Findings:
    """Everything that was read. ``regions`` are by name; ``products`` are C(esa) or C(sma) by host, where they are known."""

    walks: tuple[Walk, ...] = ()
    regions: Mapping[str, RegionRead] = field(default_factory=dict)
    apis: tuple[RegionRead, ...] = ()

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """Return all device records of SSE."""
        return tuple(_records(self))

    @cached_property
    def shown_texts(self) -> Mapping[str, frozenset[str]]:
        """Return the ids of the texts that each appliance showed, by host."""
        return {walk.host: _shown_texts(walk) for walk in self.walks}

    def walks_of(self, region: str) -> list[Walk]:
        """Return the appliances of a region."""
        return [one for one in self.walks if one.region == region]


@dataclass(frozen=True)
class Record:
    """A device record of SSE: its values by path (names joined by dots), and the appliance with its name, if it was probed."""

    region: str
    values: Mapping[str, Any]
    walk: Walk | None

    def text(self, path: str) -> str:
        """Return a value as text, or an empty text."""
        value = self.values.get(path)
        return value if isinstance(value, str) else ""


def _records(findings: Findings) -> Iterator[Record]:
    """Yield the device records. A record belongs to the appliance whose name is one of its values."""
    for name, read in findings.regions.items():
        by_name = {name_key(one): walk for walk in findings.walks_of(name) for one in (walk.hostname, walk.host) if one}
        for record in read.records(DEVICES):
            values = dict(flat(record))
            walk = next((by_name[name_key(one)] for one in values.values() if _is_name_of(one, by_name)), None)
            yield Record(name, values, walk)


def _shown_texts(walk: Walk) -> frozenset[str]:
    seen = {text_id for step in walk.steps for text_id, text in screens.TEXTS.items() if step.screen.shows(text)}
    questions = {
        text_id
        for step in walk.steps
        if not step.screen.at_prompt
        for text_id, text in screens.TEXTS.items()
        if menu.asks(step.screen, text)
    }
    login = {"asyncos_banner"} if screens.ASYNCOS_BANNER.shown_in(walk.login) else set()
    return frozenset(seen | questions | login)


def _is_name_of(value: Any, by_name: Mapping[str, Walk]) -> bool:
    return isinstance(value, str) and name_key(value) in by_name


def flat(record: Mapping[str, Any], place: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield the path (names joined by dots) and the value of each field of a record."""
    for key, value in record.items():
        here = (*place, str(key))
        if isinstance(value, Mapping) and len(here) < DEEPEST:
            yield from flat(value, here)
        else:
            yield ".".join(here), value


def plain_name(name: str) -> str:
    """Return the last part of the path of a field in lower case, without C(_) and C(-)."""
    return _NAME_PARTS.sub("", name.rsplit(".", 1)[-1].lower())


def has_field(record: Record, sse_field: str) -> bool:
    """Return whether a record has this field (an id of sse_fields.FIELDS) under a name that is recognized."""
    missing = (None, "") if sse_field in sse_fields.REQUIRED else (None,)
    return any(record.values.get(name) not in missing for name in sse_fields.names_of(sse_field))


def status_of(record: Record, names: tuple[str, ...]) -> str:
    """Return the status word of a record under one of these names, or an empty text."""
    return next((record.text(name) for name in names if record.text(name)), "")


def sentences(screen: Screen) -> list[str]:
    """Return the sentences of a screen, without menus, lists, questions and the introduction of a menu."""
    lines = screen.text.rstrip().split("\n")
    if not screen.at_prompt and lines:
        lines = lines[:-1]
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if not line.strip():
            paragraphs.append([])
        elif not screens.MENU_LINE.match(line) and not screens.NUMBERED_LINE.match(line):
            paragraphs[-1].append(line)
    whole = [collapsed(" ".join(lines)) for lines in paragraphs]
    return [
        sentence
        for text in whole
        for sentence in _SENTENCE_END.split(text)
        if sentence and not _INTRODUCTION.match(sentence) and not sentence.startswith("-- ")
    ]


def unknown_sentences(screen: Screen) -> list[str]:
    """Return the sentences of a screen that match no text of the table."""
    return [one for one in sentences(screen) if not any(text.shown_in(one) for text in screens.TEXTS.values())]


def offered_servers(walk: Walk) -> tuple[menu.Server, ...]:
    """Return the servers that an appliance lists."""
    for keyword in SERVER_KEYWORDS:
        step = walk.step(keyword)
        if step is not None and menu.servers(step.screen):
            return menu.servers(step.screen)
    return ()
