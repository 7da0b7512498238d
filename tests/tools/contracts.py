# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests of the cloud exchanges, count what was checked against the contracts, and check with prism."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.lab.contracts import swagger  # noqa: E402
from tests.lab.contracts.watch import COUNTS  # noqa: E402
from tests.prism import prism  # noqa: E402

EXCHANGES = (
    "tests/unit/lab",
    "tests/unit/consistency/test_api_contract.py",
    "tests/integration/test_vendor_client.py",
    "tests/integration/test_cloud_faults.py",
    "tests/integration/test_device_records.py",
    "tests/integration/test_fleet_life_cycle.py",
)
PRISM = "tests/prism"


def main(arguments: list[str]) -> int:
    skipped = [f"skipped: {why}" for why in (swagger.why_missing(), prism.why_not()) if why]
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts.jsonl"
        tests = [*EXCHANGES, *([] if prism.why_not() else [PRISM])]
        code = subprocess.run(
            [sys.executable, "-m", "pytest", *tests, *arguments],
            cwd=ROOT,
            env={**os.environ, COUNTS: str(counts)},
            check=False,
        ).returncode
        lines = counts.read_text(encoding="utf-8").splitlines() if counts.exists() else []
    runs = [json.loads(line) for line in lines]
    own = {key: sum(run[key] for run in runs) for key in ("requests", "answers", "violations")}
    vendor = {key: sum(run["vendor"][key] for run in runs) for key in ("requests", "answers")}
    print(
        f"contracts: checked {own['requests']} requests and {own['answers']} answers against the project's contracts, "
        f"{vendor['requests']} and {vendor['answers']} of them also against the vendor's descriptions; "
        f"{own['violations']} violations"
    )
    for line in skipped:
        print(f"contracts: {line}")
    print("contracts: " + ("passed" if code == 0 else f"failed with exit code {code}"))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
