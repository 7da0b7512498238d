# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the collection in the programs of an automation controller: ansible-runner, ansible-navigator, ansible-builder."""

from __future__ import annotations

import os
import subprocess
import sys

from environments import CACHE, ROOT, environment_of


def main() -> int:
    programs = environment_of("requirements-controller.txt", CACHE / "controller")
    command = [sys.executable, "-m", "pytest", "tests/controller", *sys.argv[1:]]
    variables = {**os.environ, "CONTROLLER_PROGRAMS": str(programs)}
    return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
