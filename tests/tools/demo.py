# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the demo: drift report, check run, onboarding, rerun and drift report, against simulated appliances and clouds."""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RECAP = re.compile(r"^(\S+)\s+:\s+ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LAB_START_SECONDS = 60
PAGE = Path("esa-ctr-report") / "drift.html"  # where the playbook drift_report saves by default


class DemoFailed(Exception):
    """A step had an unexpected result."""


def heading(text: str) -> None:
    print(f"\n\033[1m== {text} ==\033[0m\n" if sys.stdout.isatty() else f"\n== {text} ==\n", flush=True)


def raise_interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def running_lab(fleet: Path, run_dir: Path) -> Iterator[str]:
    """Start the lab, wait until it is ready, yield the address of its control interface, and always stop it."""
    command = [sys.executable, "-m", "tests.lab", "serve", "--fleet", str(fleet), "--run-dir", str(run_dir)]
    lab = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C stops this script, which then stops the lab
    )
    said: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        assert lab.stdout
        for line in lab.stdout:
            said.append(line)
            if line.strip().startswith("ready"):
                ready.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        deadline = time.monotonic() + LAB_START_SECONDS
        while not ready.wait(0.1):
            if lab.poll() is not None or time.monotonic() > deadline:
                raise DemoFailed("the lab did not start:\n" + "".join(said))
        yield json.loads((run_dir / "lab.json").read_text(encoding="utf-8"))["control"]
    finally:
        stop(lab)


def stop(lab: subprocess.Popen[str]) -> None:
    """Terminate the lab; kill it after 10 seconds."""
    if lab.poll() is None:
        lab.send_signal(signal.SIGTERM)
        try:
            lab.wait(10)
        except subprocess.TimeoutExpired:
            lab.kill()
            lab.wait()


def calls(control: str) -> list[dict[str, Any]]:
    """Return every HTTP request and CLI line that the lab has recorded."""
    # The lab is on this machine: no proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{control}/calls", timeout=30) as answer:
        body = json.load(answer)
    return body["calls"] if isinstance(body, dict) else body


class Run:
    """One run of a playbook against the lab: its changes, and the calls that the lab recorded."""

    def __init__(self, control: str, run_dir: Path, *arguments: str) -> None:
        seen = len(calls(control))
        start = time.monotonic()
        self.changed: dict[str, int] = {}
        self.bad: list[str] = []
        self.said: list[str] = []
        self.code = self._play(run_dir, arguments)
        self.seconds = time.monotonic() - start
        self.calls = calls(control)[seen:]
        if self.code or self.bad:
            raise DemoFailed(
                f"ansible-playbook {' '.join(arguments)} ended with exit code {self.code}"
                + (f"; failed hosts: {', '.join(self.bad)}" if self.bad else "")
            )

    def _play(self, run_dir: Path, arguments: tuple[str, ...]) -> int:
        playbook = str(Path(sys.executable).with_name("ansible-playbook"))
        command = [playbook, "--inventory", str(run_dir / "inventory.yml"), "--forks", "10", *arguments]
        print("$ ansible-playbook", *command[1:], flush=True)
        environment = dict(os.environ)
        if sys.stdout.isatty():
            environment["ANSIBLE_FORCE_COLOR"] = "true"
        with subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as play:
            try:
                assert play.stdout
                for line in play.stdout:
                    sys.stdout.write(line)
                    sys.stdout.flush()
                    self.said.append(COLOUR.sub("", line).rstrip())
                    recap = RECAP.match(self.said[-1])
                    if recap:
                        host, changed, unreachable, failed = recap.groups()
                        self.changed[host] = int(changed)
                        if int(unreachable) or int(failed):
                            self.bad.append(host)
            except BaseException:
                play.terminate()
                raise
        return play.returncode

    @property
    def writes(self) -> int:
        return sum(bool(call["write"]) for call in self.calls)

    def api_calls(self) -> dict[str, int]:
        """Return the number of requests to the cloud of each region."""
        counted = collections.Counter(call["region"] for call in self.calls if call["kind"] == "http")
        return dict(sorted(counted.items()))


def expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise DemoFailed(otherwise)


class Report(Run):
    """One run of the drift report, and its verdicts."""

    def __init__(self, control: str, run_dir: Path) -> None:
        PAGE.unlink(missing_ok=True)
        super().__init__(control, run_dir, "emailsec.ctr.drift_report")
        expect(PAGE.is_file(), f"the drift report wrote no page {PAGE}")
        document = json.loads(PAGE.with_name("drift.json").read_text(encoding="utf-8"))
        self.verdicts = {row["host"]: row["verdict"] for row in document["appliances"]}
        self.regions = {row["region"]: row["verdict"] for row in document["regions"]}
        expect(self.writes == 0, f"the drift report made {self.writes} writes to appliances or clouds")

    def summary(self) -> list[str]:
        """Return the summary of the playbook: headline, regions, changes, and the path of the page."""
        begin = next(place for place, line in enumerate(self.said) if line.startswith("Drift: "))
        end = next(place for place, line in enumerate(self.said) if line.startswith("Report: "))
        return self.said[begin : end + 1]


def story(control: str, run_dir: Path) -> tuple[list[str], Report]:
    """Run the steps. Return the lines of the final summary, and the last drift report."""
    heading("1 of 5  Drift report before onboarding")
    before = [host for host, verdict in Report(control, run_dir).verdicts.items() if verdict != "ok"]
    expect(bool(before), "the report shows no drift before onboarding")

    heading("2 of 5  Predict the changes: onboard --check --diff")
    check = Run(control, run_dir, "emailsec.ctr.onboard", "--check", "--diff")
    expect(check.writes == 0, f"the check run made {check.writes} writes to appliances or clouds")

    heading("3 of 5  Onboard")
    first = Run(control, run_dir, "emailsec.ctr.onboard")
    expect(any(first.changed.values()), "onboarding changed nothing")

    heading("4 of 5  Rerun: nothing is left to change")
    second = Run(control, run_dir, "emailsec.ctr.onboard")
    still = [f"{host} ({count})" for host, count in second.changed.items() if count]
    expect(not still, f"the rerun still changed: {', '.join(still)}")
    expect(second.writes == 0, f"the rerun made {second.writes} writes to appliances or clouds")

    heading("5 of 5  Drift report after onboarding")
    report = Report(control, run_dir)
    after = report.verdicts
    drifted = [f"{name} ({verdict})" for name, verdict in (after | report.regions).items() if verdict != "ok"]
    expect(not drifted, f"drift is left after onboarding: {', '.join(drifted)}")

    regions = sorted(set(first.api_calls()) | set(second.api_calls()))
    lines = [
        f"appliances:                       {len(after)}; with drift before: {len(before)}, after: {len(drifted)}",
        f"writes in the check run:          {check.writes}",
        f"writes in the first run:          {first.writes}, in {first.seconds:.0f} s",
        f"writes in the rerun:              {second.writes}, in {second.seconds:.0f} s; changed=0 for every host",
        *(
            f"{'API calls, ' + region + ':':<33} {first.api_calls().get(region, 0)} in the first run, "
            f"{second.api_calls().get(region, 0)} in the rerun"
            for region in regions
        ),
    ]
    return lines, report


def main() -> int:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--fleet", type=Path, default=ROOT / "tests" / "lab" / "fleets" / "demo.yml")
    options = parser.parse_args()
    # SIGTERM must stop the lab too, like Ctrl-C.
    signal.signal(signal.SIGTERM, raise_interrupt)
    start = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="emailsec-ctr-demo-") as folder:
            run_dir = Path(folder)  # mode 0700
            heading("Starting the lab: simulated appliances (SSH) and clouds (HTTPS) on this machine")
            with running_lab(options.fleet.resolve(), run_dir) as control:
                lines, report = story(control, run_dir)
    except DemoFailed as failure:
        print(f"\ndemo: FAILED: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: interrupted; the lab is stopped", file=sys.stderr)
        return 130

    heading("Done")
    for line in lines:
        print(f"  {line}")
    print(f"\ndemo: passed in {time.monotonic() - start:.0f} s; the lab is stopped\n")
    print("\n".join(report.summary()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
