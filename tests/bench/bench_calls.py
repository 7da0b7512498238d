# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Count the API calls of one region: onboarding, unchanged run and drift report, for fleets of several sizes."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.lab import Call, Lab, running_lab

FORKS = 20
REGION = "europe"
QUICK = {"registration_seconds": 0.2, "busy_seconds": 0.05, "handshake_seconds": 0.0}
WAIT = "Wait until SSE shows the devices as registered"
RUNS = (("onboarding", "onboard"), ("unchanged run", "onboard"), ("drift report", "drift_report"))
LATER_PAGE = re.compile(r"[?&]offset=[1-9]")
SECONDS = 3600


def measure(count: int, folder: Path) -> None:
    """Print one line per run for a fleet of ``count`` appliances."""
    fleet = {"settings": QUICK, "generate": [{"count": count, "region": REGION}]}
    with running_lab(fleet, folder / "lab") as lab:
        ansible = Ansible(folder / "ansible", lab)
        for name, playbook in RUNS:
            print(f"{name} of {count}", file=sys.stderr, flush=True)
            begin, start = len(lab.calls()), time.perf_counter()
            run = ansible.playbook(f"emailsec.ctr.{playbook}", "--forks", str(FORKS), seconds=SECONDS)
            seconds = time.perf_counter() - start
            if run.rc != 0:
                raise SystemExit(f"bench_calls: {name} of {count} failed, so the figures are not valid\n{run.output}")
            show(name, count, lab, run, begin, seconds)


def show(name: str, count: int, lab: Lab, run: Run, begin: int, seconds: float) -> None:
    calls = of_region(lab.calls()[begin:])
    pages = [call for call in calls if LATER_PAGE.search(call["path"])]
    polls: list[Call] = []
    if any(task == WAIT for task, _at in run.task_starts):
        polls = [call for call in of_region(run.during(WAIT, lab.calls())) if "/device?" in call["path"]]
        polls = [call for call in polls if call not in pages]
    most = f"2N + 10 = {2 * count + 10}" if name == "onboarding" else "6"
    rest = len(calls) - len(pages) - len(polls)
    print(
        f"{count:>6}  {name:<14}{len(calls):>7}{len(pages):>7}{len(polls):>7}{rest:>7}  {most:<16}{seconds:>8.0f}s",
        flush=True,
    )


def of_region(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call["kind"] == "http" and call["region"] == REGION]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fleets", type=int, nargs="+", default=[10, 100, 1000], help="sizes of the fleets")
    options = parser.parse_args()
    print(f"{'fleet':>6}  {'run':<14}{'calls':>7}{'pages':>7}{'polls':>7}{'rest':>7}  {'limit of rest':<16}{'time':>9}")
    with tempfile.TemporaryDirectory(prefix="emailsec-ctr-bench-") as name:
        for count in options.fleets:
            folder = Path(name) / str(count)
            folder.mkdir()
            measure(count, folder)
    print("pages: further pages of lists; polls: lists while waiting; rest: logins, first pages, tokens and modules.")


if __name__ == "__main__":
    main()
