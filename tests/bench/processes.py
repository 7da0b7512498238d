# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cost of processes, from /proc: CPU seconds and peak memory."""

from __future__ import annotations

import os
import re
import threading
import time
from pathlib import Path

PEAK = re.compile(r"^VmHWM:\s*(\d+) kB", re.MULTILINE)


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a running process, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Memory:
    """Record the peak resident memory of a process and its children until it ends, in MB."""

    def __init__(self) -> None:
        self.parent = 0.0
        self.children: dict[int, float] = {}

    def watch(self, pid: int) -> None:
        threading.Thread(target=self._record, args=[pid], daemon=True).start()

    @property
    def largest_child(self) -> float:
        return max(self.children.values(), default=0.0)

    def _record(self, pid: int) -> None:
        while (peak := _peak(pid)) is not None:
            self.parent = peak
            for child in _children(pid):
                self.children[child] = _peak(child) or self.children.get(child, 0.0)
            time.sleep(0.02)


def _peak(pid: int) -> float | None:
    try:
        match = PEAK.search(Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    except OSError:
        return None
    return int(match.group(1)) / 1000 if match else None


def _children(pid: int) -> list[int]:
    try:
        found = [path.read_text(encoding="ascii") for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [int(child) for line in found for child in line.split()]
