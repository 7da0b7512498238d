# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Describe the machine, without its name."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path


def description() -> dict[str, str]:
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(encoding="ascii"))
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return {
        "processors": f"{os.cpu_count()} x {model.group(1) if model else platform.machine()}",
        "memory": f"{int(memory.group(1)) / 1e6:.0f} GB" if memory else "unknown",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("ansible-core", "asyncssh", "requests")},
    }
