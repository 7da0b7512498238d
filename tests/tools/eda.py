# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the event source and the rulebook with a real ansible-rulebook, or print why this is skipped."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

from environments import CACHE, ROOT, environment_of

LEAST_JAVA = 17


def java_version() -> int | None:
    """Return the major version of the Java on PATH, or None."""
    if shutil.which("java") is None:
        return None
    done = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', done.stderr + done.stdout)
    return int(found[1]) if found else None


def main() -> int:
    java = java_version()
    if java is None or java < LEAST_JAVA:
        print(f"eda: SKIPPED, no java {LEAST_JAVA} on PATH. Fix: install openjdk-17-jre-headless, and rerun.")
        return 0
    programs = environment_of("requirements-eda.txt", CACHE / "eda")
    command = [sys.executable, "-m", "pytest", "tests/eda", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "EDA_PROGRAMS": str(programs)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
