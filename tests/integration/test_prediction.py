# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drift report predicts every step of the next run: random fleets are reported, onboarded and reported again.

The environment variable C(FLEETS) sets the number of fleets; above the default number the seed is random. Many fleets
share a lab and a run, so 100 fleets take one or two minutes of CPU time.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.fleets import Fleet, calm, fleet_file, fleets, numbered
from tests.integration.support.lab import Call, Lab, running_lab, writes
from tests.integration.support.ports import closed_port
from tests.integration.support.recorded_steps import Write, cloud_writes, steps_typed
from tests.lab.fleet import ApplianceSpec, read_fleet
from tests.lab.regions import SERVERS

USUAL = 100
FLEETS = int(os.environ.get("FLEETS", USUAL))
BATCH = 36
"""Fleets per lab and run: a run takes some seconds, whatever the number of fleets."""
SPREAD = 6
"""One of this many drawn fleets is used, because neighbours are similar."""
QUICK = {"registration_seconds": 0.05, "busy_seconds": 0.05, "handshake_seconds": 0.0}
# The options of the batches, in turn.
RUNS: tuple[dict[str, bool], ...] = (
    {"esa_ctr_allow_region_change": False, "esa_ctr_prune": False},
    {"esa_ctr_allow_region_change": True, "esa_ctr_prune": False},
    {"esa_ctr_allow_region_change": True, "esa_ctr_prune": True},
)
SECONDS = 600
LAST = "Show the results"
NOT_OF_A_RUN = {"pending_changes", "sse_version", "sse_region"}
"""The checks that may still differ after a complete run, each with a reason."""


@dataclass
class Batch:
    """Fleets that share a lab: two reports with a run between them, and the calls that the lab recorded."""

    options: dict[str, bool]
    fleets: list[Fleet]
    specs: dict[str, ApplianceSpec]
    before: dict[str, Any]
    after: dict[str, Any]
    first: dict[str, Any]
    run: Run
    second: dict[str, Any]
    calls: list[Call]
    looked: list[list[Call]] = field(default_factory=list)

    def said(self) -> dict[str, dict[str, Any]]:
        """Return the final result of the run for each host."""
        results = [result for result in self.run.results if result.task == LAST and result.status == "ok"]
        return {row["host"]: row for row in results[-1].values["rows"]}


def draw() -> list[Fleet]:
    drawn: list[Fleet] = []

    @settings(
        max_examples=(FLEETS + FLEETS // 20 + 1) * SPREAD,
        deadline=None,
        derandomize=FLEETS <= USUAL,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(fleets())
    def collect(fleet: Fleet) -> None:
        drawn.append(fleet)

    collect()
    return [numbered(fleet, number) for number, fleet in enumerate(drawn[::SPREAD])]


def play(some: list[Fleet], options: dict[str, bool], folder: Path) -> Batch:
    """Run the drift report, onboard, and run the drift report again."""
    if options["esa_ctr_prune"]:
        some = [fleet for fleet in map(calm, some) if fleet]
    content = fleet_file(some, QUICK)
    specs = {spec.name: spec for spec in read_fleet("drawn", content).appliances}
    with running_lab(content, folder / "lab") as lab, closed_port() as port:
        ansible = Ansible(folder / "ansible", lab)
        arguments = ["-i", inventory_of(some, lab, ansible, port, options)]
        for fleet in some:
            for one in fleet:
                if one["failure"] == "busy":
                    lab.switch(appliance=one["entry"]["name"], set={"busy": True})
        before = lab.state()["regions"]
        first, looked = report(lab, ansible, arguments)
        seen = len(lab.calls())
        run = ansible.playbook("emailsec.ctr.onboard", "--forks", "20", *arguments, seconds=SECONDS)
        calls, after = lab.calls()[seen:], lab.state()["regions"]
        second, looked_again = report(lab, ansible, arguments)
        return Batch(options, some, specs, before, after, first, run, second, calls, [looked, looked_again])


def inventory_of(some: list[Fleet], lab: Lab, ansible: Ansible, port: int, options: dict[str, bool]) -> str:
    """Return the hosts with their failures. Time-outs are long for appliances and short for SSE, where nothing is pending."""
    hosts: dict[str, dict[str, Any]] = {}
    boxes = lab.state()["appliances"]
    for one in (one for fleet in some for one in fleet):
        name = one["entry"]["name"]
        hosts[name] = dict(one["vars"])
        if one["failure"] == "closed port":
            hosts[name]["ansible_port"] = port
        elif one["failure"] == "wrong password":
            hosts[name]["ansible_password"] = "not the password"
        elif one["failure"] == "busy":
            hosts[name]["esa_ctr_wait_timeout"] = 0.2
        if one["twin"]:
            hosts[twin_of(name)] = {
                "ansible_host": "127.0.0.1",
                "ansible_port": boxes[name]["port"],
                "esa_ctr_region": one["entry"]["region"],
            }
    waits = {"esa_ctr_wait_timeout": "{{ 0.3 if item is defined else 120 }}", "esa_ctr_wait_interval": 0.1}
    return ansible.inventory("drawn.yml", hosts, **waits, **options)


def twin_of(name: str) -> str:
    return f"twin-of-{name}"


def report(lab: Lab, ansible: Ansible, arguments: list[str]) -> tuple[dict[str, Any], list[Call]]:
    seen = len(lab.calls())
    run = ansible.playbook("emailsec.ctr.drift_report", *arguments, seconds=SECONDS)
    assert run.rc == 0, run.output
    document = json.loads((ansible.folder / "esa-ctr-report" / "drift.json").read_text(encoding="utf-8"))
    return document, lab.calls()[seen:]


@pytest.fixture(scope="module")
def batches(tmp_path_factory: pytest.TempPathFactory) -> list[Batch]:
    drawn = draw()
    several = math.ceil(len(drawn) / BATCH)
    return [
        play(drawn[place::several], RUNS[place % len(RUNS)], tmp_path_factory.mktemp("batch"))
        for place in range(several)
    ]


def test_prediction_result_and_recorded_calls_agree_step_by_step(batches: list[Batch]) -> None:
    mismatches = [line for batch in batches for line in [*appliance_mismatches(batch), *cloud_mismatches(batch)]]
    verdicts = Counter(row["verdict"] for batch in batches for row in batch.first["appliances"])
    steps = Counter(
        step.partition(" on ")[0].partition(" to ")[0].partition(" of ")[0]
        for batch in batches
        for row in batch.first["appliances"]
        for step in row["steps"]
    )
    print(
        f"\n{sum(len(batch.fleets) for batch in batches)} fleets, {sum(verdicts.values())} appliances, "
        f"{sum(steps.values())} steps predicted, {len(mismatches)} mismatches\n{dict(verdicts)}\n{dict(steps)}"
    )
    assert not mismatches, "\n".join(mismatches)


def appliance_mismatches(batch: Batch) -> list[str]:
    """Return the mismatches between predicted, reported and typed steps, per host."""
    said = batch.said()
    lines = []
    for row in batch.first["appliances"]:
        host, spec = row["host"], batch.specs.get(row["host"])
        predicted = [step for step in row["steps"] if not step.startswith("wait until")]
        told = said[host]["done"]
        typed = steps_typed(batch.calls, spec) if spec else []
        of_box = [step for step in predicted if not step.startswith(("module ", "SSE record ", "CTR module "))]
        ends = {"failed": row["reason"] != "", "changed": bool(predicted), "ok": not predicted}
        # If the server was set already, commit reports no changes and asks for no comment.
        of_box = [
            step if typed[place : place + 1] != ["commit ()"] else "commit ()" for place, step in enumerate(of_box)
        ]
        right = predicted == told and of_box == typed and ends[said[host]["result"]]
        if row["verdict"] == "refused" and "a run waits for the record" not in row["reason"]:
            right = right and row["reason"] == said[host]["reason"]
        if not right:
            lines.append(
                f"{host} with {batch.options}\n  predicted {row['verdict']} {row['steps']} ({row['reason']})\n"
                f"  said      {said[host]['result']} {told} ({said[host]['reason']})\n  typed     {typed}\n  {spec}"
            )
    return lines


def cloud_mismatches(batch: Batch) -> list[str]:
    """Return the mismatches between predicted and recorded writes, per region."""
    lines = []
    for region in SERVERS:
        seen = cloud_writes(batch.calls, region, batch.before[region], batch.after[region])
        predicted = writes_predicted(batch, region, {which for what, which in seen if what == "delete record"})
        extra, missing = seen - predicted, predicted - seen
        pruned = Counter(what for what, _which in extra.elements())
        if missing or pruned != prune_predicted(batch, region):
            lines.append(f"{region} with {batch.options}\n  not done  {missing}\n  also done {extra}")
    return lines


def writes_predicted(batch: Batch, region: str, deleted: set[str]) -> Counter[Write]:
    """Return the writes in the cloud of this region that follow from the steps of the appliances.

    The ``deleted`` records come from the recorded calls; only their number per name is predicted.
    """
    before = batch.before[region]
    predicted: Counter[Write] = Counter()
    for row in batch.first["appliances"]:
        alike = [device for device in before["devices"] if device["name"].lower() == (row["hostname"] or "").lower()]
        steps = row["steps"]
        if row["region"] == region:
            if "register with a registration token" in steps:
                left = [device["name"] for device in alike if device["id"] not in deleted]
                if left:
                    predicted["token", row["hostname"] if row["hostname"] in left else left[0]] += 1
                else:
                    predicted["add", row["hostname"]] += 1
            module = next(check for check in row["checks"] if check["check"] == "module")["wanted"]
            for step in {"module created", "module updated"} & set(steps):
                predicted[step, module] += 1
        elif f"SSE record of {region} deleted" in steps:
            going = {device["id"] for device in alike if device["id"] in deleted}
            modules = [
                module["id"]
                for module in before["module_instances"]
                if going & set(map(str, module["settings"].values()))
            ]
            for what, ids in (("record", going), ("module", modules)):
                predicted.update({(f"delete {what}", each): 1 for each in ids})
                step = f"{'SSE record' if what == 'record' else 'CTR module'} of {region} deleted"
                # A number that differs from the prediction leaves an entry that matches no call.
                predicted[f"delete {what}", f"of {row['host']}"] = abs(steps.count(step) - len(ids))
    return +predicted


def prune_predicted(batch: Batch, region: str) -> Counter[str]:
    [row] = [row for row in batch.first["regions"] if row["region"] == region] or [{"checks": []}]
    found = {check["check"]: check["step"] for check in row["checks"]}
    numbers = {
        "delete record": [found.get("orphans"), found.get("duplicates")],
        "delete module": [found.get("stray_modules")],
    }
    return +Counter({what: sum(int(step.split()[0]) for step in steps if step) for what, steps in numbers.items()})


def test_after_a_run_no_steps_are_predicted(batches: list[Batch]) -> None:
    left = [line for batch in batches for line in remaining_differences(batch)]
    assert not left, "\n".join(left)


def remaining_differences(batch: Batch) -> list[str]:
    """Return the differences of successful appliances, and the steps of all, in the second report."""
    said, first = batch.said(), {row["host"]: row for row in batch.first["appliances"]}
    lines = []
    for row in batch.second["appliances"]:
        host = row["host"]
        steps = [step for step in row["steps"] if not step.startswith("wait until")]
        differ = {check["check"]: check["reason"] for check in row["checks"] if check["verdict"] != "ok"}
        well = said[host]["result"] in ("ok", "changed")
        if steps or (well and not (set(differ) <= NOT_OF_A_RUN and all(differ.values()))):
            lines.append(
                f"{host} with {batch.options}\n  before {first[host]['steps']} ({first[host]['reason']})\n"
                f"  said   {said[host]['result']} {said[host]['done']}\n  after  {steps} {differ}\n  {batch.specs.get(host)}"
            )
    return lines


def test_every_difference_has_a_step_of_the_run_or_a_reason(batches: list[Batch]) -> None:
    for document in (document for batch in batches for document in (batch.first, batch.second)):
        for row in document["appliances"]:
            for check in row["checks"]:
                if check["verdict"] == "ok":
                    assert check["step"] is None, (row["host"], check)
                    continue
                assert check["reason"] or check["step"], (row["host"], check)
                if check["step"]:
                    assert set(check["step"].split("; ")) <= set(row["steps"]), (row["host"], check, row["steps"])
            if row["verdict"] in ("refused", "unknown"):
                same = [check["reason"] for check in row["checks"] if check["verdict"] == row["verdict"]]
                assert row["reason"] or all(same), row
        for region in document["regions"]:
            for check in region["checks"]:
                assert check["verdict"] == "ok" or check["reason"] or check["step"], (region["region"], check)


def test_the_reports_write_nothing(batches: list[Batch]) -> None:
    for batch in batches:
        for calls in batch.looked:
            assert writes(calls) == []
            for spec in batch.specs.values():
                assert steps_typed(calls, spec) == []


def test_the_fleets_cover_every_verdict_and_step(batches: list[Batch]) -> None:
    """All verdicts and kinds of steps occur, and runs that end with and without failures."""
    rows = [row for batch in batches for row in batch.first["appliances"]]
    steps = " ".join(step for row in rows for step in row["steps"])
    assert sum(len(batch.fleets) for batch in batches) >= FLEETS
    if FLEETS < USUAL:
        return
    assert {row["verdict"] for row in rows} == {"ok", "drift", "refused", "unknown"}
    for kind in (
        *("enable the cloud service on", "set the server to", "commit (", "register with", "deregister"),
        *("module created", "module updated", "SSE record of", "CTR module of"),
    ):
        assert kind in steps, kind
    assert any(row["verdict"] == "refused" and row["steps"] for row in rows), "a run that stops half-way"
    assert any(prune_predicted(batch, region)["delete record"] for batch in batches for region in SERVERS)
