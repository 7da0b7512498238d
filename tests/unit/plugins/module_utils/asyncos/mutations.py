# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Damaged screens: characters, lines and prompts that are wrong, missing, or in another place."""

from __future__ import annotations

import random
import string
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.lab.regions import SERVERS
from tests.unit.plugins.module_utils.asyncos.inprocess import NAME, Box, BoxChannel, at_once, ensure_on

EUROPE = SERVERS["europe"]
DESIRED_STATES = ("enabled", "registered", "unregistered", "disabled")
INITIAL: tuple[dict[str, Any], ...] = (
    {},
    {"region": "europe"},
    {"pending": True},
    {"enabled": True, "region": "europe"},
    {"enabled": True, "region": "americas"},
    {"enabled": True, "region": "apjc"},
    {"enabled": True, "region": "europe", "registered": True},
    {"enabled": True, "region": "apjc", "registered": True},
    {"enabled": True, "region": "europe", "registered": True, "pending": True},
)
LOOK_ALIKES = (f"{NAME}> ", f"{NAME}> ", "[]> ", "[Y]> ", "[1]> ", "> ")


@dataclass(frozen=True)
class Dialogue:
    """One task against one appliance, with some of its screens damaged. Repeated by its number."""

    number: int

    def run(self) -> str:
        """What came of it: ``done``, ``stopped``, ``not damaged``, or what is wrong."""
        rng = random.Random(self.number)
        described = _described(rng)
        desired = rng.choice(DESIRED_STATES)
        return at_once(self._converse(rng, described, desired))

    async def _converse(self, rng: random.Random, described: dict[str, Any], desired: str) -> str:
        box = Box(**described)
        before = box.state
        token = box.new_token() if desired == "registered" else None
        damage = Damage(rng)
        server = EUROPE if desired in ("enabled", "registered") else None
        outcome = await ensure_on(BoxChannel(box, damage), desired, server, token)
        if not damage.struck:
            return "not damaged"
        after = box.state
        if after["others"] != before["others"]:
            return f"changes of others: {after['others']}"
        if after["server"] not in (before["server"], EUROPE):
            return f"wrong server: {after['server']}"
        if any(after[key] != before[key] for key in ("csn", "securex", "fqdn")):
            return "another setting was changed"
        if outcome.error is not None:
            return "stopped"
        hidden = outcome.after.server is None and described["dialect"].get("settrs_while_registered") == "refused"
        return "done" if fulfils(after, desired, hidden) else f"false success: {desired}, but {after}; {outcome.after}"


class Damage:
    """Damages one to three of the answers after the log-in, or a share of them."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.struck = 0
        self._seen = 0
        self._places = set(rng.sample(range(3, 25), rng.randint(1, 3))) if rng.random() < 0.7 else None
        self._rate = rng.choice((0.1, 0.3))

    def __call__(self, text: str) -> list[str]:
        self._seen += 1
        if self._seen <= 2:
            return [text]
        struck = self._seen in self._places if self._places is not None else self._rng.random() < self._rate
        pieces = self._rng.choice(DAMAGES)(self._rng, text) if struck else [text]
        self.struck += pieces != [text]
        return pieces


def flip(rng: random.Random, text: str) -> list[str]:
    place = rng.randrange(len(text))
    return [text[:place] + rng.choice(string.ascii_letters + string.digits + " .-[]>") + text[place + 1 :]]


def drop(rng: random.Random, text: str) -> list[str]:
    place = rng.randrange(len(text))
    return [text[:place] + text[place + 1 :]]


def delete_line(rng: random.Random, text: str) -> list[str]:
    lines = text.split("\n")
    del lines[rng.randrange(len(lines))]
    return ["\n".join(lines)]


def move_line(rng: random.Random, text: str) -> list[str]:
    lines = text.split("\n")
    line = lines.pop(rng.randrange(len(lines)))
    lines.insert(rng.randrange(len(lines) + 1), line)
    return ["\n".join(lines)]


def duplicate_line(rng: random.Random, text: str) -> list[str]:
    lines = text.split("\n")
    line = rng.choice(lines)
    lines.insert(rng.randrange(len(lines) + 1), line)
    return ["\n".join(lines)]


def look_alike(rng: random.Random, text: str) -> list[str]:
    """A line like a prompt; what comes after it may arrive later."""
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    first = "\n".join([*lines[:place], rng.choice(LOOK_ALIKES)])
    rest = "\n" + "\n".join(lines[place:])
    return [first, rest] if rng.random() < 0.5 else [first + rest]


def cut_out(rng: random.Random, text: str) -> list[str]:
    begin, end = sorted(rng.randrange(len(text) + 1) for _cut in range(2))
    return [text[:begin] + text[end:]]


def truncate(rng: random.Random, text: str) -> list[str]:
    return [text[: rng.randrange(len(text))]]


DAMAGES = (flip, flip, drop, delete_line, delete_line, move_line, duplicate_line, look_alike, cut_out, truncate)


def fulfils(state: dict[str, Any], desired: str, hidden: bool) -> bool:
    """``hidden``: the appliance does not show its server, which is reported."""
    if desired == "disabled":
        return not (state["enabled"] or state["registered"] or state["registering"])
    if desired == "unregistered":
        return not (state["registered"] or state["registering"])
    on_server = hidden or state["server"] == EUROPE
    return bool(state["enabled"] and on_server and (desired == "enabled" or state["registered"]))


def _described(rng: random.Random) -> dict[str, Any]:
    generation = rng.randint(1, 4)
    initial = rng.choice([one for one in INITIAL if generation > 1 or one.get("region") != "apjc"])
    dialect: dict[str, Any] = {}
    for name, choices in {
        "echo": (True, True, False),
        "after_choice": ("menu", "prompt"),
        "settrs_while_registered": ("list", "refused"),
        "registering_text": ("busy", "progress"),
        "menu_wording": ("standard", "other"),
        "line_end": ("crlf", "crcrlf"),
        "status_wrap": (0, 0, 40),
    }.items():
        if rng.random() < 0.3:
            dialect[name] = rng.choice(choices)
    return {"generation": generation, "initial": initial, "dialect": dialect}


def tally(first: int, wanted: int) -> tuple[Counter[str], dict[int, str]]:
    """How so many damaged dialogues from this number on ended, and those in which something went wrong."""
    ends: Counter[str] = Counter()
    wrong = {}
    number = first
    while ends.total() - ends["not damaged"] < wanted:
        end = Dialogue(number).run()
        ends[end.partition(":")[0]] += 1
        if end not in ("done", "stopped", "not damaged"):
            wrong[number] = end
        number += 1
    return ends, wrong
