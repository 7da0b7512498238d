# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Damaged dialogues in a process of their own: how they ended, and how much memory they took."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path

from tests.unit.plugins.module_utils.asyncos import mutations


def main(first: int, wanted: int) -> None:
    mutations.tally(first, 20)  # what is loaded once
    gc.collect()
    before = _kilobytes()
    ends, wrong = mutations.tally(first, wanted)
    print(json.dumps({"ends": ends, "wrong": wrong, "kilobytes": _kilobytes() - before}))


def _kilobytes() -> int:
    """Return the most memory that this process has had. ru_maxrss would begin with that of its parent."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
