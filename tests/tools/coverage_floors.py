# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the unit tests, measure which lines they run, and compare each folder with its floor in tests/coverage-floors.txt."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ROOT / "tests" / "coverage-floors.txt"
BELOW = 1.0
"""Points between the measured value and a new floor."""
CHEAP = (3, 12)
"""Since this version, Python reports each line once (sys.monitoring); measuring older ones doubles the time of the tests."""


def measured(report: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[str, float]:
    """Return the percentage by folder below plugins, from the files of a JSON report of coverage."""
    counts: dict[str, list[int]] = {}
    for name, entry in report.items():
        # The tests belong to the collection too.
        if not name.startswith("plugins/"):
            continue
        folder = str(Path(name).parent)
        summary = entry["summary"]
        found = counts.setdefault(folder, [0, 0])
        found[0] += summary["covered_lines"]
        found[1] += summary["num_statements"]
    return {folder: 100.0 * done / total for folder, (done, total) in sorted(counts.items()) if total}


def read_floors(text: str) -> dict[str, float]:
    lines = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return {folder: float(floor) for folder, floor in lines}


def faults(found: Mapping[str, float], floors: Mapping[str, float]) -> Iterable[str]:
    """Yield a line for each folder that is below its floor, has no floor, or no longer exists."""
    for folder, value in found.items():
        if folder not in floors:
            yield f"{folder}: no floor. Fix: add it to tests/coverage-floors.txt."
        elif value < floors[folder]:
            yield f"{folder}: {value:.1f} %, below the floor of {floors[folder]:g} %. Fix: add tests."
    for folder in floors:
        if folder not in found:
            yield f"{folder}: does not exist. Fix: remove it from tests/coverage-floors.txt."


def main() -> int:
    parser = argparse.ArgumentParser(prog="make coverage", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write new floors instead of comparing")
    parser.add_argument("--if-cheap", action="store_true", help="before Python 3.12, run the tests without measuring")
    parser.add_argument("pytest", nargs="*", help="the command that runs pytest")
    options = parser.parse_args()
    cheap = sys.version_info >= CHEAP
    command = [*options.pytest, "tests/unit"]
    if options.if_cheap and not cheap:
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        print("coverage: skipped, Python 3.11 measures slowly. Fix: install Python 3.12 or 3.13, or run make coverage")
        return code
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        measure = [*command, "--cov", "--cov-report", f"json:{file.name}"]
        environment = os.environ | ({"COVERAGE_CORE": "sysmon"} if cheap else {})
        code = subprocess.run(measure, cwd=ROOT, check=False, env=environment).returncode
        if code:
            print(f"coverage: FAILED, the tests ended with exit code {code}")
            return code
        found = measured(json.loads(Path(file.name).read_text())["files"])
    heading = [line for line in FLOORS.read_text().splitlines() if line.startswith("#")] if FLOORS.exists() else []
    if options.write:
        lines = [f"{folder} {max(0, int(value - BELOW))}" for folder, value in found.items()]
        FLOORS.write_text("\n".join([*heading, "", *lines]) + "\n")
    floors = read_floors(FLOORS.read_text())
    for folder, value in found.items():
        print(f"  {folder:<50} {value:5.1f} %  (floor {floors.get(folder, 0):g} %)")
    problems = list(faults(found, floors))
    for problem in problems:
        print(problem)
    print(f"coverage: {'FAILED' if problems else 'passed'}, {len(found)} folders")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
