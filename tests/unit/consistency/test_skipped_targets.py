# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Without Chromium, Prometheus or Java, a target prints one visible line and does not fail."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.tools.run_checks import CLOSING
from tests.unit.consistency.support import ROOT


@pytest.mark.parametrize(
    ("target", "program"), [("browser", "chromium"), ("monitoring", "prometheus"), ("eda", "java")]
)
def test_without_its_program_one_line_reports_that_the_tests_are_skipped(tmp_path, target: str, program: str) -> None:
    command = [sys.executable, str(ROOT / "tests" / "tools" / f"{target}.py")]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"{target}: SKIPPED") and program in line
    # The summary of make test repeats it.
    assert CLOSING.match(line)
