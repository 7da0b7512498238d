# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Without Chromium, make browser prints one visible line and does not fail."""

from __future__ import annotations

import subprocess
import sys

from tests.tools.run_checks import CLOSING
from tests.unit.consistency.support import ROOT


def test_without_chromium_one_line_reports_that_the_tests_are_skipped(tmp_path) -> None:
    command = [sys.executable, str(ROOT / "tests" / "tools" / "browser.py")]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    assert line.startswith("browser: SKIPPED") and "chromium" in line
    # The summary of make test repeats it.
    assert CLOSING.match(line)
