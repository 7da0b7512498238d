# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the processes of a run, and kill the run before it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

SECONDS = 60


def family(pid: int) -> list[int]:
    """Return this process and all its descendants; Ansible starts its workers in separate sessions."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    waiting, found = [pid], []
    while waiting:
        member = waiting.pop()
        found.append(member)
        waiting += parents.get(member, [])
    return found


def kill_when(condition: Callable[[], bool]) -> Callable[[subprocess.Popen[str]], None]:
    """Return a ``watch`` for Ansible.playbook that kills the run and its workers as soon as this condition is true."""

    def watch(process: subprocess.Popen[str]) -> None:
        met = wait_until(lambda: process.poll() is not None or condition(), SECONDS)
        assert process.poll() is None, "the run ended before it could be killed"
        assert met, "the condition for the kill was not met"
        kill_family(process.pid)

    return watch


def kill_family(pid: int) -> None:
    """Kill this process and its descendants; the stopped process starts no more of them."""
    os.kill(pid, signal.SIGSTOP)
    for member in family(pid):
        os.kill(member, signal.SIGKILL)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether this condition becomes true in time."""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


def runs(pid: int) -> bool:
    """Return whether this process has not ended; a zombie has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
