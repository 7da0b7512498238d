# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the metrics, the alert rules and the dashboard with a real Prometheus, or print why this is skipped."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("prometheus", "promtool")


def main() -> int:
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        print(f"monitoring: SKIPPED, no {' and '.join(missing)} on PATH. Fix: install prometheus, and rerun.")
        return 0
    return subprocess.run(
        [sys.executable, "-m", "pytest", "tests/monitoring", *sys.argv[1:]], cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
