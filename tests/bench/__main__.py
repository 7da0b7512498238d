# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the collection with the limit and with the ways that people use without it; print a table, write bench.json.

Everything that is compared runs in turn, on the machine that runs the lab too, so read the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench import hostile_output, machine, other_tools, page
from tests.bench.fleet import Fleet
from tests.bench.goals import goals
from tests.bench.measure import Figures
from tests.bench.picture import picture
from tests.bench.rows import Row, row_of, table
from tests.integration.support.lab import running_lab

WAIT_OF_LAB = 1.0
SETTINGS = {"registration_seconds": WAIT_OF_LAB, "busy_seconds": 0.05, "handshake_seconds": 0.0}
LARGE = 200
"""From this number of appliances on, the life of a fleet is measured once."""
LARGEST_LIFE = 1000
"""Of more appliances, only the reading is measured."""
NAIVE = 12
"""The appliances of the naive playbook, which needs seconds for each."""
REGIONS = ("europe", "americas", "apjc")
JSON = "bench.json"
PICTURE = "bench.svg"


def fleet_of(count: int) -> dict[str, Any]:
    each = [count // 3 + (place < count % 3) for place in range(3)]
    return {
        "settings": SETTINGS,
        "generate": [{"count": n, "region": region} for n, region in zip(each, REGIONS, strict=True) if n],
    }


@contextmanager
def running_fleet(fleet: dict[str, Any], others: other_tools.OtherTools | None = None) -> Iterator[Fleet]:
    with tempfile.TemporaryDirectory(prefix="emailsec-ctr-bench-") as name:
        with running_lab(fleet, Path(name) / "lab") as lab:
            yield Fleet(lab, Path(name) / "ansible", others)


Runs = dict[str, Callable[[Fleet], Figures]]
READING: Runs = {
    "drift report": Fleet.drift_report,
    "asyncssh alone": Fleet.asyncssh_alone,
    "empty play": Fleet.empty_play,
}
SLOW: Runs = {"one task per appliance": Fleet.one_task_each}
OTHERS: Runs = {"netmiko in threads": Fleet.netmiko, "network_cli": Fleet.network_cli}
LIFE: Runs = {
    "onboard --check": lambda fleet: fleet.playbook("onboard", "--check"),
    "onboard": lambda fleet: fleet.playbook("onboard"),
    "second onboard": lambda fleet: fleet.playbook("onboard"),
    "drift report, converged": Fleet.drift_report,
    "diagnose": lambda fleet: fleet.playbook("diagnose"),
    "remove": lambda fleet: fleet.playbook("remove"),
}


def in_turn(fleet: Fleet, runs: Runs, rounds: int, measured: dict[str, list[Figures]]) -> dict[str, list[Figures]]:
    for number in range(1, rounds + 1):
        for name, method in runs.items():
            print(f"{len(fleet.names):>5} appliances, round {number} of {rounds}: {name}", file=sys.stderr, flush=True)
            measured.setdefault(name, []).append(method(fleet))
    return measured


def reading(count: int, rounds: int, others: other_tools.OtherTools | None, with_slow: bool) -> list[Row]:
    """``with_slow``: also measure what needs half a second or more for each appliance, however many there are."""
    slow = {**SLOW, **(OTHERS if others else {})} if with_slow else {}
    with running_fleet(fleet_of(count), others) as fleet:
        measured = in_turn(fleet, {**READING, **slow}, rounds, {})
    return [row_of("reading", name, count, figures, measured["asyncssh alone"]) for name, figures in measured.items()]


def life(count: int, rounds: int) -> list[Row]:
    measured: dict[str, list[Figures]] = {}
    with running_fleet(fleet_of(count)) as fleet:
        for _number in range(rounds if count < LARGE else 1):
            fleet.lab.reset()
            in_turn(fleet, LIFE, 1, measured)
    base = measured["drift report, converged"]
    return [row_of("life", name, count, figures, base) for name, figures in measured.items()]


def naive(count: int, others: other_tools.OtherTools) -> list[Row]:
    measured: dict[str, list[Figures]] = {}
    with running_fleet(fleet_of(count), others) as fleet:
        in_turn(fleet, {"onboard": LIFE["onboard"]}, 1, measured)
        fleet.lab.reset()
        in_turn(fleet, {"onboard with cli_command and uri": Fleet.naive_onboarding}, 1, measured)
    return [row_of("onboarding", name, count, figures, measured["onboard"]) for name, figures in measured.items()]


def verifying(count: int, rounds: int) -> list[Row]:
    initial = {"enabled": True, "registered": True, "module": True}
    fleet = {
        "settings": SETTINGS,
        "generate": [
            {
                "count": count,
                "region": "europe",
                "initial": {**initial, "region": "europe"},
                "services": {"rest_api": True, "smtp": True},
            }
        ],
    }
    measured: dict[int, list[Figures]] = {1: [], count: []}
    with running_fleet(fleet) as running:
        for number in range(1, rounds + 1):
            for size in measured:
                print(f"{size:>5} appliances, round {number} of {rounds}: verify", file=sys.stderr, flush=True)
                running.lab.reset()
                limit = ",".join(running.names[:size])
                measured[size].append(running.playbook("verify", "--limit", limit))
    return [row_of("verify", "verify", size, figures, measured[1]) for size, figures in measured.items()]


def groups(options: argparse.Namespace, others: other_tools.OtherTools | None) -> Iterator[list[Row]]:
    """Yield the rows of each table when they are measured."""
    for count in options.sizes:
        yield reading(count, options.rounds, others, with_slow=count == min(options.sizes))
        if count <= LARGEST_LIFE:
            yield life(count, options.rounds)
    if others:
        yield naive(NAIVE, others)
    yield verifying(options.verify, options.rounds)


def save(folder: Path, document: dict[str, Any], rows: list[Row]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / JSON).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    (folder / PICTURE).write_text(picture(rows), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[50, 200, 1000, 2000], help="appliances (default: 50 200 1000 2000)"
    )
    parser.add_argument("--verify", type=int, default=50, help="appliances to verify beside one (default: 50)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default: 3; fewer for large fleets)")
    parser.add_argument("--without-others", action="store_true", help="leave out netmiko and network_cli")
    parser.add_argument("--without-shapes", action="store_true", help="leave out the page and hostile output")
    parser.add_argument("--folder", type=Path, default=Path(), help=f"where to write {JSON} and {PICTURE}")
    options = parser.parse_args(arguments)
    others = None if options.without_others else other_tools.install()
    rows: list[Row] = []
    document: dict[str, Any] = {"machine": machine.description(), "goals": []}
    for more in groups(options, others):
        print(table(more), flush=True)
        rows += more
        document["rows"] = [row.as_json() for row in rows]
        save(options.folder, document, rows)
    reached = goals(rows, [size for size in options.sizes if size <= LARGEST_LIFE], WAIT_OF_LAB)
    document["goals"] = [goal.as_json() for goal in reached]
    for goal in reached:
        print(goal.line())
    if not options.without_shapes:
        document["page"] = page.figures()
        document["hostile_output"] = hostile_output.figures()
    save(options.folder, document, rows)
    print(f"written: {options.folder / JSON}, {options.folder / PICTURE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
