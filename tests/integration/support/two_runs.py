# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs at once: the lab holds a request of the first run while the second one runs. What both tell is compared with the facts."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.lab import Lab

NEW, WAITING, DONE, FAR = (f"{name}.example.com" for name in ("new", "waiting", "done", "far"))
ON = {"enabled": True, "region": "europe"}
ONBOARDED = {"enabled": True, "registered": True, "module": True}
FLEET: dict[str, Any] = {
    "settings": {"registration_seconds": 0.2, "busy_seconds": 0.1},
    "services": {"rest_api": True, "smtp": True},
    "appliances": [
        {"name": NEW, "region": "europe"},
        {
            "name": WAITING,
            "region": "europe",
            "initial": {**ON, "records": [{"region": "europe", "name": WAITING}]},
        },
        {
            "name": DONE,
            "region": "europe",
            "initial": {
                **ONBOARDED,
                "region": "europe",
                "records": [{"region": "europe", "name": "old.example.com", "status": "Unregistered", "type": "ESA"}],
                "modules": [{"name": "Left over", "device": "gone"}],
            },
        },
        {"name": FAR, "region": "europe", "initial": {**ONBOARDED, "region": "apjc"}},
    ],
}
FRESH = "fresh.example.com"
MEMBERS = (NEW, FRESH, WAITING, DONE)


def cluster_fleet(shared: bool) -> dict[str, Any]:
    """Return the fleet as one cluster with another new member, without the appliance of another region.

    ``shared``: each session finds the uncommitted changes of the others, on any member.
    """
    boxes = [box for box in FLEET["appliances"] if box["name"] != FAR]
    return {
        **FLEET,
        "settings": {**FLEET["settings"], "commit_seconds": 0.2, "changes_are_shared": shared},
        "appliances": [*boxes, {"name": FRESH, "region": "europe"}],
        "clusters": [{"name": "Lab", "members": [*MEMBERS], "login_level": "cluster"}],
    }


QUICK = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=6")
NOT_FAR = ("--limit", f"!{FAR}")
KINDS = {
    "onboard": ("emailsec.ctr.onboard", *QUICK, *NOT_FAR),
    "onboard new": ("emailsec.ctr.onboard", *QUICK, "--limit", NEW),
    "onboard fresh": ("emailsec.ctr.onboard", *QUICK, "--limit", FRESH),
    "remove and disable": ("emailsec.ctr.remove", *QUICK, "-e", "esa_ctr_disable_on_removal=true"),
    "prune": ("emailsec.ctr.onboard", *QUICK, *NOT_FAR, "-e", "esa_ctr_prune=true"),
    "move": ("emailsec.ctr.onboard", *QUICK, "-e", "esa_ctr_allow_region_change=true"),
    "remove": ("emailsec.ctr.remove", *QUICK),
    "rollout": ("emailsec.ctr.rollout", *QUICK, *NOT_FAR, "-e", '{"esa_ctr_waves": ["100%"]}'),
    "verify": ("emailsec.ctr.verify", "-e", "esa_ctr_verify_timeout=2", "-e", "esa_ctr_verify_interval=0.2"),
    "drift report": ("emailsec.ctr.drift_report",),
    "diagnose": ("emailsec.ctr.diagnose",),
}
"""The arguments of each kind of run."""
TOKEN, RECORD, MODULE = "/iroh/iroh-sse/device/.+/token", "/iroh/iroh-sse/device", "/iroh/iroh-int/module-instance"
HOLDS: dict[str, dict[str, Any]] = {
    "a token is issued": {"method": "POST", "path_regex": TOKEN, "acts": True},
    "a record is added": {"method": "POST", "path_regex": RECORD, "acts": True},
    "before a record is added": {"method": "POST", "path_regex": RECORD},
    "before a module is created": {"method": "POST", "path_regex": MODULE},
    "before a module is deleted": {"method": "DELETE", "path_regex": MODULE + "/.+"},
    "before a record is deleted": {"method": "DELETE", "path_regex": RECORD + "/.+"},
}
"""The request at which the first run is held."""
LINES: dict[str, dict[str, Any]] = {
    "before the service is enabled": {"line": "ENABLE", "appliance": NEW},
    "before a commit": {"line": "commit", "appliance": NEW},
    "before the comment of a commit": {"line": r"emailsec\.ctr", "appliance": NEW},
    "before a token is used": {"line": "[0-9a-f]{32}", "appliance": NEW},
}
"""The typed line at which the first run is held."""
RAW = re.compile(r"answered 4\d\d|invalid or expired|did not accept the change|is not offered|unexpected output")
"""Words of a failure that describe a change of another run as something else."""
CLAIMS = {
    "module created": ("POST", MODULE),
    "module deleted": ("DELETE", MODULE + "/.+"),
    "SSE record deleted": ("DELETE", RECORD + "/.+"),
}
REPORT, MEANWHILE = "Show the results", "changed by another run meanwhile"
SECONDS = 60


class Pair:
    """Two runs of different kinds on one lab, each in a folder of its own."""

    def __init__(self, lab: Lab, folder: Path, first: str, second: str) -> None:
        self.lab = lab
        self._kinds = (first, second)
        self._users = (Ansible(folder / "first", lab), Ansible(folder / "second", lab))
        self.runs: tuple[Run, ...] = ()
        self.held = False

    def run(self, **hold: Any) -> tuple[Run, ...]:
        """Run the first until the lab holds this request or line, then the second to its end, then the first to its end.

        If the first run sends no such request, the second one starts after it. Without a request, both start at once.
        """
        if "line" in hold:
            self.lab.hold_line(**hold)
        elif hold:
            self.lab.fault("hold", **hold)
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(self._start, 0)
            if hold:
                self.held = self._until_held(first.done, "line" in hold)
            second = pool.submit(self._start, 1)
            if hold:
                second.exception()
                self.lab.remove_faults()
                self.lab.release_line()
            self.runs = (first.result(), second.result())
        return self.runs

    def rerun(self, place: int = 0) -> Run:
        """Run the first or another once more."""
        return self._start(place)

    def _start(self, place: int) -> Run:
        return self._users[place].playbook(*KINDS[self._kinds[place]])

    def _until_held(self, ended: Callable[[], bool], line: bool) -> bool:
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends and not ended():
            if self.lab.held_line() if line else self.lab.faults()[0]["done"]:
                return True
            time.sleep(0.05)
        return False

    def false_messages(self) -> list[str]:
        """Return what the runs tell that is not true: other causes, and changes that they did not make."""
        found = []
        for run in self.runs:
            found += [line for line in run.output.splitlines() if RAW.search(line) and MEANWHILE not in line]
            found += [line for line in run.output.splitlines() if "Traceback" in line]
        for claim, request in CLAIMS.items():
            told = sum(row["done"].count(claim) for run in self.runs for row in rows_of(run).values())
            told += _pruned(self.runs, claim)
            made = _answered(self.lab, *request)
            if told > made:
                found.append(f"{claim}: told {told} times, done {made} times")
        return found

    def left_over(self, *expected: str) -> list[str]:
        """Return duplicate devices and modules, uncommitted changes, and other records than ``expected`` that wait for a token."""
        state = self.lab.state()
        found = [
            name
            for name, box in state["appliances"].items()
            if box["pending"] or box["uncommitted"] or box["registering"]
        ]
        for region in state["regions"].values():
            for records in (region["devices"], region["module_instances"]):
                found += [name for name, count in Counter(one["name"] for one in records).items() if count > 1]
            found += [
                one["name"] for one in region["devices"] if one["status"] == "Pending" and one["name"] not in expected
            ]
        return found


def rows_of(run: Run) -> dict[str, dict[str, Any]]:
    """Return the rows of the last report of a run, by host."""
    reports = [result.values["rows"] for result in run.results if result.task == REPORT]
    return {row["host"]: row for row in reports[-1]} if reports else {}


def _pruned(runs: tuple[Run, ...], claim: str) -> int:
    what = {"module deleted": "CTR module", "SSE record deleted": "SSE record"}.get(claim)
    lines = [line for run in runs for line in run.output.splitlines()]
    return sum(bool(what and re.match(rf"Note: \w+: {what} .* was removed\.", line)) for line in lines)


def _answered(lab: Lab, method: str, path: str) -> int:
    calls = [call for call in lab.calls() if call["kind"] == "http" and call["method"] == method]
    return sum(bool(re.fullmatch(path, call["path"])) and 200 <= (call["status"] or 0) < 300 for call in calls)
