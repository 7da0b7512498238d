# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a lab in the foreground until Ctrl-C, with its files in .cache/lab."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLEETS = ROOT / "tests" / "lab" / "fleets"


def main(fleet: str) -> None:
    named = FLEETS / f"{fleet}.yml"
    path = named if named.is_file() else Path(fleet)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in FLEETS.glob("*.yml")))
        raise SystemExit(f"lab: fleet {fleet!r} not found. Fix: give a file, or one of: {known}")
    run_dir = ROOT / ".cache" / "lab"
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    run_dir.chmod(0o700)
    print(f"lab: starting {path}; stop it with Ctrl-C", flush=True)
    inventory = shlex.quote(str(run_dir / "inventory.yml"))
    print(f"lab: use it with  .venv/bin/ansible-playbook -i {inventory} emailsec.ctr.onboard", flush=True)
    path = path.resolve()
    os.chdir(ROOT)
    serve = ["-m", "tests.lab", "serve", "--fleet", str(path), "--run-dir", str(run_dir)]
    os.execv(sys.executable, [sys.executable, *serve])


if __name__ == "__main__":
    main(sys.argv[1])
