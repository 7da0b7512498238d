# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the documentation of plugins and roles in a clean copy, including references to the collection itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from clean_copy import clean_copy


def main() -> int:
    copy = clean_copy("docs-check")
    command = [
        str(Path(sys.executable).with_name("antsibull-docs")),
        "lint-collection-docs",
        "--plugin-docs",
        "--skip-rstcheck",
        "--validate-collection-refs=all",
        "--disallow-unknown-collection-refs",
        ".",
    ]
    code = subprocess.run(command, cwd=copy, check=False).returncode
    print("docs-check: " + ("passed" if code == 0 else f"failed with exit code {code}"))
    return code


if __name__ == "__main__":
    sys.exit(main())
