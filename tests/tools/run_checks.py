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
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# The last lines of the runners, which the summary repeats.
CLOSING = re.compile(
    r"^(=+ .*(passed|failed|error|no tests ran).* =+"  # pytest
    r"|All checks passed!|\d+ files? .*formatted.*"  # ruff
    r"|(Passed|Failed): \d+ failure.*"  # ansible-lint
    r"|(ansible-test sanity|coverage|browser|monitoring|eda|build|docs-check): .*"  # the tools beside this file
    r"|.*Molecule executed .* scenario.*"
    r")$"
)
DURATION = re.compile(r"^(\d+\.\d+)s (?:call|setup|teardown) +(\S.*)$")
SLOWEST = 20


TOGETHER = ("lint", "docs-check", "monitoring", "build", "sanity")
"""Targets that use one core each, and run at the same time."""
LANES = 2


@dataclass
class Check:
    """A target, its exit code and seconds, the last lines of its runners, and its slow tests."""

    target: str
    code: int = 0
    seconds: float = 0.0
    closing: list[str] = field(default_factory=list)
    slow: list[tuple[float, str]] = field(default_factory=list)


def run(target: str, show: Callable[[str], object]) -> Check:
    """Run one target, and show each line of its output."""
    start = time.monotonic()
    check = Check(target)
    command = [os.environ.get("MAKE", "make"), "--no-print-directory", target]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout
        for raw in process.stdout:
            line = raw.decode("utf-8", "replace")
            show(line)
            plain = COLOUR.sub("", line).strip()
            if CLOSING.match(plain):
                check.closing.append(plain)
            if duration := DURATION.match(plain):
                check.slow.append((float(duration[1]), duration[2]))
    check.code, check.seconds = process.returncode, time.monotonic() - start
    return check


def run_together(targets: list[str]) -> Iterator[Check]:
    """Run targets at the same time, and show the output of each when it ends."""
    with ThreadPoolExecutor(LANES) as lanes:
        outputs: dict[Future[Check], list[str]] = {}
        for target in targets:
            lines: list[str] = []
            outputs[lanes.submit(run, target, lines.append)] = lines
        for done in as_completed(outputs):
            check = done.result()
            print(f"\n======== make {check.target} ========\n\n{''.join(outputs[done])}", flush=True)
            yield check


def run_alone(targets: list[str]) -> Iterator[Check]:
    """Run targets one after the other, and show their output while they run."""
    for target in targets:
        print(f"\n======== make {target} ========\n", flush=True)
        yield run(target, lambda line: print(line, end="", flush=True))


def main(targets: list[str]) -> int:
    start = time.monotonic()
    together = [target for target in targets if target in TOGETHER]
    print(f"running together: {', '.join(together)}", flush=True)
    results = [*run_together(together), *run_alone([target for target in targets if target not in TOGETHER])]

    print(f"\n======== the {SLOWEST} slowest tests ========\n")
    for took, test in sorted((one for check in results for one in check.slow), reverse=True)[:SLOWEST]:
        print(f"  {took:5.0f} s  {test}")
    print("\n======== summary ========\n")
    for check in results:
        print(f"  {'ok    ' if check.code == 0 else 'FAILED'}  {check.target:<12} {check.seconds:6.0f} s")
        for line in check.closing:
            print(f"            {line}")
    failed = [check.target for check in results if check.code != 0]
    print(f"\n{len(results) - len(failed)} of {len(results)} checks passed in {time.monotonic() - start:.0f} s", end="")
    print(f"; failed: {', '.join(failed)}" if failed else "")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
