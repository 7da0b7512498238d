# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tools to compare with, in a folder of their own: netmiko, and ansible.netcommon with libssh."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".cache" / "bench"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
COLLECTIONS = ("ansible_collections/ansible/netcommon/", "ansible_collections/ansible/utils/")


@dataclass(frozen=True)
class OtherTools:
    """A virtual environment with the other tools."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def ansible_playbook(self) -> Path:
        return self.folder / "bin" / "ansible-playbook"


def install() -> OtherTools:
    """Install the tools unless they are there in these versions."""
    tools, stamp = OtherTools(FOLDER), FOLDER / "installed.txt"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return tools
    print("bench: installing the tools to compare with", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
    pip = [str(tools.python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    distribution = [line for line in wanted.splitlines() if line.startswith("ansible==")]
    rest = [line for line in wanted.splitlines() if line and not line.startswith(("#", "ansible=="))]
    subprocess.run([*pip, "install", *rest], check=True)
    # The distribution has a hundred collections; two are needed.
    subprocess.run([*pip, "download", "--no-deps", "--dest", str(FOLDER / "wheel"), *distribution], check=True)
    packages = next((FOLDER / "lib").glob("python*/site-packages"))
    (wheel,) = (FOLDER / "wheel").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages, [name for name in archive.namelist() if name.startswith(COLLECTIONS)])
    wheel.unlink()
    stamp.write_text(wanted, encoding="utf-8")
    return tools
