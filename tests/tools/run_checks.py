# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the named make targets, continue after failures, and print a summary and the slowest tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# The last lines of the runners, which the summary repeats.
CLOSING = re.compile(
    r"^(=+ .*(passed|failed|error|no tests ran).* =+"  # pytest
    r"|All checks passed!|\d+ files? .*formatted.*"  # ruff
    r"|(Passed|Failed): \d+ failure.*"  # ansible-lint
    r"|(ansible-test sanity|browser|build|docs-check): .*"  # the tools beside this file
    r"|.*Molecule executed .* scenario.*"
    r")$"
)
DURATION = re.compile(r"^(\d+\.\d+)s (?:call|setup|teardown) +(\S.*)$")
SLOWEST = 20


def run(target: str) -> tuple[int, float, list[str], list[tuple[float, str]]]:
    """Run one target, print its output, and return exit code, seconds, the last lines of its runners, and slow tests."""
    start = time.monotonic()
    closing: list[str] = []
    slow: list[tuple[float, str]] = []
    command = [os.environ.get("MAKE", "make"), "--no-print-directory", target]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout
        for raw in process.stdout:
            line = raw.decode("utf-8", "replace")
            sys.stdout.write(line)
            sys.stdout.flush()
            plain = COLOUR.sub("", line).strip()
            if CLOSING.match(plain):
                closing.append(plain)
            if duration := DURATION.match(plain):
                slow.append((float(duration[1]), duration[2]))
    return process.returncode, time.monotonic() - start, closing, slow


def main(targets: list[str]) -> int:
    results = []
    for number, target in enumerate(targets, 1):
        print(f"\n======== {number}/{len(targets)}  make {target} ========\n", flush=True)
        results.append((target, *run(target)))

    print(f"\n======== the {SLOWEST} slowest tests ========\n")
    for took, test in sorted((one for result in results for one in result[4]), reverse=True)[:SLOWEST]:
        print(f"  {took:5.0f} s  {test}")
    print("\n======== summary ========\n")
    for target, code, seconds, closing, _slow in results:
        print(f"  {'ok    ' if code == 0 else 'FAILED'}  {target:<12} {seconds:6.0f} s")
        for line in closing:
            print(f"            {line}")
    failed = [target for target, code, _seconds, _closing, _slow in results if code != 0]
    total = sum(seconds for _target, _code, seconds, _closing, _slow in results)
    print(f"\n{len(results) - len(failed)} of {len(results)} checks passed in {total:.0f} s", end="")
    print(f"; failed: {', '.join(failed)}" if failed else "")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
