# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command beside a lab, and measure it: seconds, CPU seconds, memory, and calls to the cloud."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.integration.support.lab import Lab
from tests.integration.support.processes import family

SHARE = re.compile(r"^Pss:\s*(\d+) kB", re.MULTILINE)
PAUSE = 0.2


@dataclass(frozen=True)
class Figures:
    """What one run cost. ``memory`` is the peak of all its processes together in MB; pages that they share count once.

    ``descriptors`` is the largest number of files and sockets that they had open together.
    """

    seconds: float
    cpu: float
    lab_cpu: float
    memory: float
    calls: int
    descriptors: int = 0


class RunFailed(Exception):
    """A command failed, so its figures would not be valid."""


def run(
    lab: Lab,
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    told: str = "",
    seconds: float = 3600,
) -> tuple[str, Figures]:
    """Run a command with the text ``told`` as its input, and return what it printed and its figures."""
    calls, lab_before, before, start = _calls(lab), cpu_seconds(lab.pid), _cpu_of_children(), time.perf_counter()
    with open(folder / "printed.txt", "w+", encoding="utf-8") as printed:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=printed,
            stderr=subprocess.STDOUT,
            text=True,
        )
        memory = Memory(process.pid)
        try:
            process.communicate(told, timeout=seconds)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        took = time.perf_counter() - start
        printed.seek(0)
        output = printed.read()
    if process.returncode:
        raise RunFailed(f"{' '.join(command)[:200]} ended with {process.returncode}:\n{output[-3000:]}")
    return output, Figures(
        took,
        _cpu_of_children() - before,
        cpu_seconds(lab.pid) - lab_before,
        memory.peak,
        _calls(lab) - calls,
        memory.descriptors,
    )


def _calls(lab: Lab) -> int:
    return sum(call["kind"] == "http" for call in lab.calls())


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a running process, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Memory:
    """The peak memory and open descriptors of a process and its descendants until it ends."""

    def __init__(self, pid: int) -> None:
        self.peak = 0.0
        self.descriptors = 0
        threading.Thread(target=self._record, args=[pid], daemon=True).start()

    def _record(self, pid: int) -> None:
        while used := sum(map(_share, members := family(pid))):
            self.peak = max(self.peak, used)
            self.descriptors = max(self.descriptors, sum(map(descriptors, members)))
            time.sleep(PAUSE)


def descriptors(pid: int) -> int:
    """Return how many files and sockets a process has open; 0 if it has ended."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def _share(pid: int) -> float:
    try:
        match = SHARE.search(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8"))
    except OSError:
        return 0.0
    return int(match.group(1)) / 1000 if match else 0.0
