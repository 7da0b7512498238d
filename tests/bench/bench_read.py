# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure reading a fleet: one process for all appliances, one task per appliance, and asyncssh alone with the same lines.

The lab runs on the same machine; its CPU time is shown for each method.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.algorithms import algorithms
from tests.bench.processes import Memory, cpu_seconds
from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.lab import FLEETS, Lab, running_lab

TASK = "read"
FORKS = 50
WANTED = {"state": "registered", "region": "europe"}
TARGET_RATIO = 1.5
TARGET_MEMORY_MB = 250
FLEET_OF_1000 = {
    "generate": [
        {"count": 400, "region": "europe", "generation": 3, "initial": {"enabled": True, "region": "europe"}},
        {"count": 300, "region": "americas", "generation": 4},
        {"count": 200, "region": "apjc", "generation": 2, "version": "13.5.1-277"},
        {"count": 100, "region": "europe", "product": "SMA", "generation": 3},
    ]
}


@dataclass(frozen=True)
class Figures:
    """The figures of one method in one round, in seconds or MB."""

    reading: float
    whole: float
    lab_cpu: float
    own_cpu: float
    memory: float
    """Peak of the process that reads."""
    main_memory: float = 0.0
    """Peak of the process that started it."""


class Bench:
    """A running lab, and the methods to read its appliances."""

    def __init__(self, lab: Lab, folder: Path, concurrency: int) -> None:
        self.lab = lab
        self.folder = folder
        self.concurrency = concurrency
        self.names = list(lab.state()["appliances"])
        self.dialogue: dict[str, list[str]] = {}
        self._runs = 0

    def one_process(self) -> Figures:
        options = {"hosts": "{{ groups.appliances }}", "concurrency": self.concurrency, **WANTED}
        run, figures = self._playbook({"emailsec.ctr.esa_cloud_service_info": options, "run_once": True})
        (result,) = run.results
        expect(sum(bool(row["cloud_service"]) for row in result.values["appliances"]), self.names)
        return figures

    def one_task_each(self) -> Figures:
        options = {"registration_token": "0" * 32, "wait_timeout": 0, **WANTED}
        run, figures = self._playbook({"emailsec.ctr.esa_cloud_service": options, "check_mode": True})
        expect(sum("cloud_service" in result.values for result in run.results), self.names)
        return figures

    def asyncssh_alone(self, **how: str) -> Figures:
        """Type the lines of the other methods with asyncssh alone; ``how`` are additional arguments of its connect."""
        state = self.lab.state()["appliances"]
        told = {
            "targets": [{"port": state[name]["port"], "lines": self.dialogue[name]} for name in self.names],
            "login": {"username": "admin", "password": self.lab.ssh["password"], **how},
            "known_hosts": str(self.lab.folder / "known_hosts"),
            "concurrency": self.concurrency,
        }
        command = [sys.executable, str(Path(__file__).with_name("bare_reader.py"))]
        memory = Memory()

        def run() -> dict[str, Any]:
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
                memory.watch(process.pid)
                output, _errors = process.communicate(json.dumps(told))
            return json.loads(output)

        answer, whole, lab_cpu, own_cpu = self._measured(run)
        expect(answer["read"], self.names)
        return Figures(answer["seconds"], whole, lab_cpu, own_cpu, memory.parent)

    def _playbook(self, task: dict[str, Any]) -> tuple[Run, Figures]:
        self.lab.reset()
        self._runs += 1
        ansible = Ansible(self.folder / f"ansible-{self._runs}", self.lab)
        memory = Memory()
        play = {"hosts": "appliances", "gather_facts": False, "tasks": [{"name": TASK, **task}]}
        site = ansible.write("site.yml", [play])

        def run() -> Run:
            return ansible.playbook(site, "--forks", str(FORKS), watch=lambda process: memory.watch(process.pid))

        finished, whole, lab_cpu, own_cpu = self._measured(run)
        assert finished.rc == 0, finished.output
        self.dialogue = self._typed()
        reading = seconds_of(finished)
        return finished, Figures(reading, whole, lab_cpu, own_cpu, memory.largest_child, memory.parent)

    def _typed(self) -> dict[str, list[str]]:
        lines: dict[str, list[str]] = {name: [] for name in self.names}
        for call in self.lab.calls():
            if call["kind"] == "cli":
                lines[call["who"]].append(call["line"])
        return lines

    def _measured(self, run: Callable[[], Any]) -> tuple[Any, float, float, float]:
        """Return the result, the seconds, and the CPU seconds of the lab and of the started processes."""
        lab_before, own_before, start = cpu_seconds(self.lab.pid), _cpu_of_children(), time.perf_counter()
        value = run()
        whole = time.perf_counter() - start
        return value, whole, cpu_seconds(self.lab.pid) - lab_before, _cpu_of_children() - own_before


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds_of(run: Run) -> float:
    """Return the seconds from the start of the task to its last result."""
    ((_name, start),) = run.task_starts
    end = max(result.at for result in run.results)
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def expect(read: int, names: list[str]) -> None:
    if read != len(names):
        raise SystemExit(f"bench_read: {read} of {len(names)} appliances were read, so the figures are not valid")


def compare(bench: Bench, rounds: int) -> None:
    """Run the methods in turn, so that load on the machine affects all of them, and return the fastest round of each."""
    measured: dict[str, list[Figures]] = {}
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}", file=sys.stderr, flush=True)
        measured.setdefault("esa_cloud_service_info", []).append(bench.one_process())
        measured.setdefault("asyncssh alone", []).append(bench.asyncssh_alone())
        measured.setdefault("asyncssh alone, same cipher", []).append(
            bench.asyncssh_alone(encryption_algs=algorithms(False)["encryption_algs"])
        )
    measured["one esa_cloud_service each"] = [bench.one_task_each()]
    best = {name: min(figures, key=lambda once: once.reading) for name, figures in measured.items()}
    base = best["asyncssh alone"]
    print(f"{len(bench.names)} appliances, {bench.concurrency} at once, forks {FORKS}, best of {rounds}")
    print(f"{'':<34}{'reading':>9}{'ratio':>7}{'all':>9}{'ratio':>7}{'own CPU':>9}{'lab CPU':>9}{'peak MB':>9}")
    for name, figures in sorted(best.items(), key=lambda item: item[1].reading):
        print(
            f"{name:<34}{figures.reading:>8.2f}s{figures.reading / base.reading:>7.2f}{figures.whole:>8.2f}s"
            f"{figures.whole / base.reading:>7.2f}{figures.own_cpu:>8.2f}s{figures.lab_cpu:>8.2f}s{figures.memory:>9.0f}"
        )
    print(
        "reading: the task, or asyncssh without the start of Python; all: the whole command; ratio: to the reading of\n"
        f"asyncssh alone (target for one process: {TARGET_RATIO}). The lab runs on the same machine."
    )


def measure_memory(bench: Bench) -> None:
    figures = bench.one_process()
    print(
        f"{len(bench.names)} appliances in one process: {figures.reading:.1f} s, peak {figures.memory:.0f} MB "
        f"(target: {TARGET_MEMORY_MB}); ansible-playbook itself {figures.main_memory:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="emailsec-ctr-bench-") as name:
        folder = Path(name)
        with running_lab(FLEETS / "many.yml", folder / "lab-200") as lab:
            compare(Bench(lab, folder / "200", options.concurrency), options.rounds)
        with running_lab(FLEET_OF_1000, folder / "lab-1000") as lab:
            measure_memory(Bench(lab, folder / "1000", options.concurrency))


if __name__ == "__main__":
    main()
