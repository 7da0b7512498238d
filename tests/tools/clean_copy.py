# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clean copy of the checkout at .../ansible_collections/emailsec/ctr, the path that ansible-test and ansible-galaxy need.

It holds only files that git tracks or would add. It is updated in place, so ansible-test can reuse tests/output.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"


def listed_files(root: Path = ROOT) -> list[str]:
    """Return the files of the checkout: existing tracked files, and new ones that git does not ignore."""
    out = subprocess.run(
        ["git", "ls-files", "-z", "-c", "-o", "--exclude-standard"], cwd=root, check=True, capture_output=True
    ).stdout
    names = {os.fsdecode(name) for name in out.split(b"\0") if name}
    return sorted(name for name in names if (root / name).is_file() or (root / name).is_symlink())


def clean_copy(purpose: str, leave_out: Callable[[str], bool] = lambda name: False) -> Path:
    """Update the copy for this purpose, and return its folder."""
    copy = CACHE / purpose / "ansible_collections" / "emailsec" / "ctr"
    copy.mkdir(parents=True, exist_ok=True)
    names = [name for name in listed_files() if not leave_out(name)]
    for name in names:
        source, target = ROOT / name, copy / name
        if target.is_file() and not source.is_symlink() and filecmp.cmp(source, target, shallow=False):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
    _remove_leftovers(copy, set(names))

    # ansible-test asks git for the list of files; without a repository here it would get that of the checkout.
    git = ["git", "-c", "core.excludesFile=/dev/null", "-c", "core.autocrlf=false", "-c", "core.safecrlf=false"]
    if not (copy / ".git").is_dir():
        subprocess.run([*git, "init", "--quiet", "--initial-branch=main", "."], cwd=copy, check=True)
    subprocess.run([*git, "add", "--all", "."], cwd=copy, check=True)
    return copy


def _remove_leftovers(copy: Path, names: set[str]) -> None:
    kept = (copy / ".git", copy / "tests" / "output")
    for folder, subfolders, files in os.walk(copy, topdown=True):
        subfolders[:] = [sub for sub in subfolders if Path(folder, sub) not in kept]
        for file in files:
            path = Path(folder, file)
            if path.relative_to(copy).as_posix() not in names:
                path.unlink()
