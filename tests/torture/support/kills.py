# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Stop a run exactly at one of its writes, and compare what the next run reaches with an undisturbed run."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.support.ansible import SECONDS as TIME_OUT
from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.lab import Call, Lab
from tests.integration.support.processes import SECONDS, family, kill_family, runs, wait_until
from tests.warm_ansible.runs import WarmRun

Process = subprocess.Popen[str] | WarmRun

PATIENCE = 3.0
"""Seconds in which a run must end by itself after TERM or INT; then the lab answers again."""
SIGNALS: dict[str, Callable[[int], None]] = {
    "KILL": kill_family,
    "TERM": lambda pid: os.kill(pid, signal.SIGTERM),
    "INT": lambda pid: os.killpg(pid, signal.SIGINT),
}
"""The kernel or a container that is removed kills the whole family; a scheduler ends the main process; Ctrl-C interrupts
its group."""
_CHANGING = re.compile(r"(?<=^record/)\w+/[^.].*(?=\.jsonl$)|\d+(?=\.(jsonl|txt)$)")
ANSIBLES_OWN = ("home/.ansible/", "temp/ansible", "temp/.ansible", "home/.cache/")


@dataclass(frozen=True)
class Story:
    """A playbook that changes a fleet. ``writes``: the number of writes of an undisturbed run."""

    playbook: str
    writes: int
    arguments: tuple[str, ...] = ()
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Variables of single hosts."""

    def run(
        self,
        ansible: Ansible,
        *arguments: str,
        hosts: Mapping[str, Mapping[str, Any]] | None = None,
        watch: Callable[[Any], None] | None = None,
        seconds: float = TIME_OUT,
        **shared: Any,
    ) -> Run:
        """Run the playbook, with more variables of single ``hosts`` and of all hosts."""
        variables = {
            host: {**self.hosts.get(host, {}), **(hosts or {}).get(host, {})}
            for host in {**self.hosts, **(hosts or {})}
        }
        chosen = ["-i", ansible.inventory("story.yml", variables, esa_ctr_record="record", **shared)]
        return ansible.playbook(
            f"emailsec.ctr.{self.playbook}",
            *chosen,
            "-e",
            "esa_ctr_wait_interval=0.1",
            "-e",
            "esa_ctr_wait_timeout=20",
            *self.arguments,
            *arguments,
            watch=watch,
            seconds=seconds,
        )


@dataclass(frozen=True)
class Outcome:
    """What a run leaves in the lab, without ids and times."""

    appliances: dict[str, tuple[Any, ...]]
    devices: Counter[tuple[str, str, str]]
    modules: Counter[tuple[str, str, str | None]]

    @classmethod
    def of(cls, lab: Lab) -> Outcome:
        state = lab.state()
        keys = ("enabled", "server", "registered", "registering", "pending", "foreign_dropped", "foreign_committed")
        regions = state["regions"].items()
        names = {device["id"]: device["name"] for _region, held in regions for device in held["devices"]}
        return cls(
            {name: tuple(box[key] for key in keys) for name, box in state["appliances"].items()},
            Counter((region, one["name"], one["status"]) for region, held in regions for one in held["devices"]),
            Counter(
                (region, one["name"], next((names[v] for v in map(str, one["settings"].values()) if v in names), None))
                for region, held in regions
                for one in held["module_instances"]
            ),
        )


def stop_at_halt(lab: Lab, how: str) -> Callable[[Process], None]:
    """Return a ``watch`` that stops the run in this way once the lab is halted. A run that ends before is left alone."""

    def watch(process: Process) -> None:
        try:
            assert wait_until(lambda: process.poll() is not None or lab.is_halted(), SECONDS), "the lab was not halted"
            if process.poll() is None:
                members = family(process.pid)
                SIGNALS[how](process.pid)
                if not wait_until(ended(members), PATIENCE):
                    lab.release()
                    assert wait_until(ended(members), SECONDS), "the run did not end"
        finally:
            lab.release()

    return watch


@dataclass(frozen=True)
class Read:
    """An answer to a request or a line that only reads: answer number ``at`` of this region or appliance."""

    who: str
    at: int
    asked: str


def reads_of(calls: list[Call]) -> list[Read]:
    """Return the reads of a run: all requests to the regions, and all lines of the appliance with the most lines.

    A session begins with an answer to the log-in, and has none to its last line.
    """
    lines = Counter(call["who"] for call in calls if call["kind"] == "cli")
    (appliance, _number), *_others = lines.most_common()
    typed = [call for call in calls if call["kind"] == "cli" and call["who"] == appliance]
    found = [
        Read(appliance, at, "log-in" if ends is None or ends["line"] == "exit" else ends["line"])
        for at, ends in enumerate([None, *typed[:-1]], 1)
        if ends is None or not ends["write"]
    ]
    for region in sorted({call["region"] for call in calls if call["kind"] == "http"}):
        sent = [call for call in calls if call["kind"] == "http" and call["region"] == region]
        found += [
            Read(region, at, f"{call['method']} {call['path']}") for at, call in enumerate(sent, 1) if not call["write"]
        ]
    return found


def lost_tokens(lab: Lab) -> dict[str, int]:
    """Return how many registration tokens of each appliance were issued and not used."""
    tokens = lab.state()["tokens"]
    return dict(Counter(tokens["issued"]) - Counter(tokens["used"]))


def assert_no_session_is_open(lab: Lab) -> None:
    def held() -> list[str]:
        return [name for name, box in lab.state()["appliances"].items() if box["connections"]]

    assert wait_until(lambda: not held(), PATIENCE), f"{held()}: a session is still open"


def ended(pids: list[int]) -> Callable[[], bool]:
    return lambda: not any(map(runs, pids))


def files_of(folder: Path) -> set[str]:
    """Return the kinds of files that a run left: names without times and random parts, and never Ansible's own files."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return {_kind(name) for name in found if not name.startswith(ANSIBLES_OWN)}


def _kind(name: str) -> str:
    return _CHANGING.sub("", name)


def assert_reports_are_whole(folder: Path) -> None:
    """Assert that each file with JSON can be read."""
    for path in folder.rglob("esa-ctr-report/**/*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    for path in folder.rglob("record/**/*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            json.loads(line)
