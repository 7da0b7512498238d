# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure a verification: total time and calls to the cloud, for one appliance and for a fleet.

The lab tracks and finds messages at once, so the figures show the time of the collection. It runs on the same machine.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.processes import cpu_seconds
from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import Lab, running_lab

SECONDS = 600


@dataclass(frozen=True)
class Figures:
    """One verification: total seconds, CPU seconds of the lab, and calls to the cloud."""

    whole: float
    lab_cpu: float
    calls: int


def fleet_of(count: int) -> dict[str, object]:
    """Return a fleet of onboarded appliances of one region, each with an SMTP listener and a REST API."""
    initial = {"enabled": True, "region": "europe", "registered": True, "module": True}
    services = {"rest_api": True, "smtp": True}
    return {"generate": [{"count": count, "region": "europe", "initial": initial, "services": services}]}


def verify(lab: Lab, folder: Path, names: list[str], forks: int) -> Figures:
    lab.reset()
    ansible = Ansible(folder, lab)
    limit = ansible.write("limit.txt", None)
    limit.write_text("\n".join(names), encoding="utf-8")
    cpu, start = cpu_seconds(lab.pid), time.perf_counter()
    run = ansible.playbook("emailsec.ctr.verify", "--limit", f"@{limit}", "--forks", str(forks), seconds=SECONDS)
    whole = time.perf_counter() - start
    rows = json.loads((folder / "esa-ctr-report" / "verification.json").read_text(encoding="utf-8"))["rows"]
    whole_chains = sum(row["result"] == "ok" for row in rows)
    if run.rc or whole_chains != len(names):
        raise SystemExit(
            f"bench_verify: {whole_chains} of {len(names)} messages were found, so the figures are not valid"
        )
    calls = sum(call["kind"] == "http" for call in lab.calls())
    return Figures(whole, cpu_seconds(lab.pid) - cpu, calls)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--appliances", type=int, default=50)
    parser.add_argument("--forks", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"verification, forks {options.forks}, best of {options.rounds}")
    print(f"{'appliances':>10}{'time':>9}{'lab CPU':>10}{'calls to the cloud':>21}")
    with tempfile.TemporaryDirectory(prefix="emailsec-ctr-bench-") as name:
        with running_lab(fleet_of(options.appliances), Path(name) / "lab") as lab:
            names = list(lab.state()["appliances"])
            for count in sorted({1, len(names)}):
                measured = [
                    verify(lab, Path(name) / f"{count}-{number}", names[:count], options.forks)
                    for number in range(options.rounds)
                ]
                best = min(measured, key=lambda figures: figures.whole)
                print(f"{count:>10}{best.whole:>8.1f}s{best.lab_cpu:>9.1f}s{best.calls:>21}", flush=True)


if __name__ == "__main__":
    main()
