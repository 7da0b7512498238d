# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the page of the drift report in a real browser, or print why this is skipped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import NAMES, path_of_chromium  # noqa: E402


def main() -> int:
    if path_of_chromium() is None:
        tried = ", ".join(NAMES)
        print(f"browser: SKIPPED, no Chromium on PATH (tried {tried}). Fix: install chromium, and rerun.")
        return 0
    return subprocess.run(
        [sys.executable, "-m", "pytest", "tests/browser", *sys.argv[1:]], cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
