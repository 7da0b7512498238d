# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual environments below .cache for tools that the other tests do not need, each with this collection."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
UV = str(Path(sys.executable).with_name("uv"))


def index_options() -> list[str]:
    """Return the package index of pip for uv, which ignores pip.conf."""
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    configured = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    index = os.environ.get("PIP_INDEX_URL") or configured
    return ["--index-url", index] if index else []


def environment(folder: Path, packages: list[str], made_from: str, interpreter: str = sys.executable) -> Path:
    """Install the packages into this folder if ``made_from`` has changed, link the collection, and return its programs."""
    programs, stamp = folder / "bin", folder / ".made-from"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == made_from:
        return programs
    python = str(programs / "python")
    subprocess.run([UV, "venv", "--quiet", "--clear", "--python", interpreter, str(folder)], check=True)
    subprocess.run([UV, "pip", "install", "--quiet", "--python", python, *index_options(), *packages], check=True)
    find = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(find, capture_output=True, text=True, check=True).stdout.strip())
    link = site / "ansible_collections" / "emailsec" / "ctr"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(ROOT)
    stamp.write_text(made_from, encoding="utf-8")
    return programs


def environment_of(requirements: str, folder: Path) -> Path:
    """Install the requirements of a file in tests, and return the folder of the programs."""
    path = ROOT / "tests" / requirements
    return environment(folder, ["-r", str(path)], path.read_text(encoding="utf-8"))
