# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The waves of a rollout: which appliances start together, and when the rollout stops.

A wave has the same meaning as C(serial) in Ansible: a number or a percentage of appliances; the last entry repeats. The waves
depend only on the inventory and the settings, so a rerun has the same waves and continues in the first unfinished one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from .window import is_open

PERCENTAGE = re.compile(r"(\d{1,3}(?:\.\d+)?)%")
VERY_MANY = 1_000_000


class Result(Enum):
    """The result of an appliance in a rollout."""

    DONE = "done"
    FAILED = "failed"
    NOT_STARTED = "not started"


@dataclass(frozen=True)
class Wave:
    """The appliances of one wave. ``number`` counts from 1; ``regions`` are in the order of the rollout."""

    number: int
    regions: tuple[str, ...]
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Rollout:
    """The plan of a rollout.

    ``unchanged`` are the hosts without any step when the rollout was planned. ``windows`` holds the maintenance windows by host.
    ``max_failures`` is a number or a percentage.
    """

    waves: tuple[Wave, ...]
    regions_of: Mapping[str, str]
    unchanged: frozenset[str]
    windows: Mapping[str, tuple[str, ...]]
    max_failures: str = "0"
    together: bool = False

    def wave_of(self, hosts: Iterable[str]) -> Wave:
        """Return the wave of these hosts. Raise ValueError for hosts of no wave, or of several."""
        wanted = set(hosts)
        for wave in self.waves:
            if wanted <= set(wave.hosts):
                return wave
        raise ValueError("these hosts are not in one wave")

    @property
    def hosts(self) -> list[str]:
        return [host for wave in self.waves for host in wave.hosts]


@dataclass(frozen=True)
class HostResult:
    """The result of one appliance, with its reason in words."""

    result: Result
    detail: str = ""


@dataclass(frozen=True)
class Results:
    """The results of the waves so far, by host. ``stopped``: too many appliances of the last wave failed."""

    hosts: Mapping[str, HostResult] = field(default_factory=dict)
    stopped: bool = False

    def of(self, hosts: Iterable[str], result: Result) -> list[str]:
        """Return the hosts with this result. A host without a result was not started."""
        return [host for host in hosts if self.hosts.get(host, NOT_REACHED).result is result]


NOT_REACHED = HostResult(Result.NOT_STARTED)


def amount(entry: Any, total: int) -> int:
    """Return how many of ``total`` an entry means: a number, or a percentage (rounded down). Raise ValueError."""
    text = str(entry).strip()
    percentage = PERCENTAGE.fullmatch(text)
    if percentage and float(percentage[1]) <= 100:
        return int(total * float(percentage[1]) / 100)
    if isinstance(entry, bool) or not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise ValueError(f"{text!r} is neither a number nor a percentage")
    return int(text)


def is_amount(text: str, least: int = 0) -> bool:
    """Return whether C(amount) accepts the text, and it means at least ``least`` of very many."""
    try:
        return amount(text, VERY_MANY) >= least
    except ValueError:
        return False


def sizes(entries: Sequence[Any], total: int) -> list[int]:
    """Return the sizes of the waves of ``total`` appliances, each at least 1. The last entry repeats. Raise ValueError."""
    if not entries:
        raise ValueError("no waves")
    found: list[int] = []
    while sum(found) < total:
        size = max(amount(entries[min(len(found), len(entries) - 1)], total), 1)
        found.append(min(size, total - sum(found)))
    return found


def plan_waves(regions_of: Mapping[str, str], entries: Sequence[Any], together: bool) -> tuple[Wave, ...]:
    """Return the waves of these hosts, which keep their order in a region. Raise ValueError.

    Every region has its own waves. ``together``: wave n of all regions is one wave; otherwise a region begins after the region
    before it.
    """
    hosts: dict[str, list[str]] = {}
    for host, region in regions_of.items():
        hosts.setdefault(region, []).append(host)
    parts = {region: list(_parts(named, sizes(entries, len(named)))) for region, named in hosts.items()}
    if together:
        longest = max(map(len, parts.values()), default=0)
        groups = [{region: of[place] for region, of in parts.items() if place < len(of)} for place in range(longest)]
    else:
        groups = [{region: part} for region, of in parts.items() for part in of]
    return tuple(
        Wave(number, tuple(group), tuple(host for part in group.values() for host in part))
        for number, group in enumerate(groups, start=1)
    )


def hold_back(rollout: Rollout, wave: Wave, results: Results, now: datetime) -> dict[str, HostResult]:
    """Return the results of the hosts of a wave that must not start at ``now``.

    A host waits for its maintenance window, and for the earlier waves: those of its region, or all if regions go in turn.
    """

    def place_of(host: str) -> str:
        return rollout.regions_of[host] if rollout.together else ""

    unfinished: dict[str, int] = {}
    for earlier in rollout.waves[: wave.number - 1]:
        for host in results.of(earlier.hosts, Result.NOT_STARTED):
            unfinished.setdefault(place_of(host), earlier.number)
    windows = {rollout.windows.get(host, ()) for host in wave.hosts}
    closed = {texts for texts in windows if not is_open(texts, now)}
    held = {}
    for host in wave.hosts:
        own = rollout.windows.get(host, ())
        if own in closed:
            detail = f"outside its maintenance window ({', '.join(own)})"
        elif place_of(host) in unfinished:
            detail = f"wave {unfinished[place_of(host)]} is not finished"
        else:
            continue
        unchanged = host in rollout.unchanged
        held[host] = HostResult(Result.DONE, "unchanged") if unchanged else HostResult(Result.NOT_STARTED, detail)
    return held


def has_too_many_failures(wave: Wave, results: Results, max_failures: str) -> bool:
    """Return whether more appliances of the wave failed than are allowed, or none is left without a failure."""
    failed = len(results.of(wave.hosts, Result.FAILED))
    return failed > amount(max_failures, len(wave.hosts)) or failed == len(wave.hosts)


def _parts(hosts: Sequence[str], numbers: Iterable[int]) -> Iterator[list[str]]:
    begin = 0
    for number in numbers:
        yield list(hosts[begin : begin + number])
        begin += number
