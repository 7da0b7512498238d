# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life cycle of the demo fleet: drift report, onboarding, drift report, removal and onboarding again.

The runs are made once, in this order; each test checks their results.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pytest
import yaml

from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.drift_report import FOLDER, appliances, check, report_of, verdicts
from tests.integration.support.lab import FLEETS, Call, Lab, running_lab, writes

FLEET = FLEETS / "demo.yml"
REGIONS = {entry["name"]: entry["region"] for entry in yaml.safe_load(FLEET.read_text())["appliances"]}
SERVERS = {
    "americas": "api-sse.cisco.com",
    "europe": "api.eu.sse.itd.cisco.com",
    "apjc": "api.apj.sse.itd.cisco.com",
}
RUNS = {
    "drift before": ["emailsec.ctr.drift_report"],
    "check": ["emailsec.ctr.onboard", "--check", "--diff"],
    "run": ["emailsec.ctr.onboard", "--diff"],
    "again": ["emailsec.ctr.onboard"],
    "drift after": ["emailsec.ctr.drift_report"],
    "check removal": ["emailsec.ctr.remove", "--check", "--diff"],
    "removal": ["emailsec.ctr.remove", "--diff"],
    "removal again": ["emailsec.ctr.remove"],
    "anew": ["emailsec.ctr.onboard"],
}

NOTHING_TO_DO = {"drift before", "again", "drift after", "removal again"}


@dataclass(frozen=True)
class Chapter:
    """One run, its recorded calls, and the state of the lab after it."""

    run: Run
    calls: list[Call]
    state: dict
    onboarded: set[str]
    report: dict | None


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story")
    with running_lab(FLEET, folder / "lab") as lab:
        ansible = Ansible(folder / "ansible", lab)
        yield {name: chapter(lab, ansible, arguments) for name, arguments in RUNS.items()}


def chapter(lab: Lab, ansible: Ansible, arguments: list[str]) -> Chapter:
    seen = len(lab.calls())
    run = ansible.playbook(*arguments)
    report = ansible.folder / FOLDER / "drift.json"
    document = report_of(ansible) if report.exists() else None
    report.unlink(missing_ok=True)
    onboarded = {name for name, region in REGIONS.items() if lab.is_onboarded(name, region)}
    return Chapter(run, lab.calls()[seen:], lab.state(), onboarded, document)


def test_every_run_succeeds(story):
    for name, chapter in story.items():
        assert (chapter.run.rc, chapter.run.bad_hosts()) == (0, set()), (name, chapter.run.output)
        # The first task, which runs once, finishes appliances with nothing to do.
        assert set(chapter.run.recap) == ({"esa1.example.com"} if name in NOTHING_TO_DO else set(REGIONS)), name
        assert "Traceback" not in chapter.run.output
        assert "[WARNING]" not in chapter.run.output, chapter.run.output
        assert "DEPRECAT" not in chapter.run.output.upper(), chapter.run.output


@pytest.mark.parametrize("name", ["drift before", "check", "again", "drift after", "check removal", "removal again"])
def test_reports_and_check_runs_write_nothing(story, name):
    assert writes(story[name].calls) == []
    assert {call["line"] for call in story[name].calls if call["kind"] == "cli"} & {"commit", "REGISTER"} == set()


@pytest.mark.parametrize("check, run", [("check", "run"), ("check removal", "removal")])
def test_check_mode_predicts_which_task_changes_which_host(story, check, run):
    predicted, done = story[check].run.changes(), story[run].run.changes()
    assert predicted == done
    assert {host for host, _task in done} >= set(REGIONS) - {"esa4.example.com"}


@pytest.mark.parametrize("check, run", [("check", "run"), ("check removal", "removal")])
def test_check_mode_predicts_steps_and_diff_of_every_appliance(story, check, run):
    def results_by_task(chapter):
        return {
            (result.host, result.task): (result.values.get("steps"), result.values.get("diff"))
            for result in story[chapter].run.results
            if not result.run_once and result.status == "ok"
        }

    assert results_by_task(check) == results_by_task(run)


def test_the_report_of_a_check_run_states_that_nothing_was_written(story):
    assert "check mode: nothing was changed" in story["check"].run.output
    assert "check mode" not in story["run"].run.output


@pytest.mark.parametrize("name", ["run", "anew"])
def test_an_onboarded_appliance_has_server_device_and_one_module_of_its_region(story, name):
    chapter = story[name]
    assert chapter.onboarded == set(REGIONS)
    for host, region in REGIONS.items():
        box = chapter.state["appliances"][host]
        assert (box["enabled"], box["server"], box["registered"]) == (True, SERVERS[region], True)
        device = next(entry for entry in chapter.state["regions"][region]["devices"] if entry["name"] == host)
        assert (device["id"], device["status"]) == (box["device_id"], "Registered")
        module = next(entry for entry in chapter.state["regions"][region]["module_instances"] if entry["name"] == host)
        assert sorted(map(str, module["settings"].values())) == sorted([box["device_id"], "30"])
    for region, held in chapter.state["regions"].items():
        hosts = {host for host, where in REGIONS.items() if where == region}
        assert Counter(device["name"] for device in held["devices"]) == Counter(hosts)
        assert Counter(module["name"] for module in held["module_instances"]) == Counter(hosts)


def test_an_appliance_that_was_already_onboarded_is_unchanged(story):
    before, after = (story[name].state for name in ("check", "run"))
    for part in ("devices", "module_instances"):
        then, now = (
            [e for e in s["regions"]["europe"][part] if e["name"] == "esa4.example.com"] for s in (before, after)
        )
        assert then == now
    assert not {task for host, task in story["run"].run.changes() if host == "esa4.example.com"}


@pytest.mark.parametrize("name", ["again", "removal again"])
def test_the_second_run_changes_nothing(story, name):
    assert story[name].run.changes() == set()
    assert {counts["changed"] for counts in story[name].run.recap.values()} == {0}


def test_there_are_at_most_three_tasks_per_appliance(story):
    """The first host runs the tasks with run_once; every other host runs at most three tasks."""
    for name, least, most in [
        ("run", 0, 3),
        ("again", 0, 0),
        ("check", 0, 3),
        ("drift before", 0, 0),
        ("removal", 1, 2),
    ]:
        for host in set(REGIONS) - {"esa1.example.com"}:
            done = [
                r.task for r in story[name].run.results if r.host == host and r.status != "skipped" and not r.run_once
            ]
            assert least <= len(done) <= most, (name, host, done)


def test_there_is_one_session_per_appliance_and_task(story):
    """In an unchanged fleet: one log-in per appliance, and one in the cloud per region and task."""
    logins = {
        host: story["again"].state["appliances"][host]["logins"] - story["run"].state["appliances"][host]["logins"]
        for host in REGIONS
    }
    assert set(logins.values()) == {1}
    http = [call for call in story["again"].calls if call["kind"] == "http"]
    assert max(Counter(call["region"] for call in http).values()) <= 8


def test_onboarding_needs_at_most_two_cloud_writes_per_appliance(story):
    for region in SERVERS:
        posts = [call for call in writes(story["run"].calls) if call["kind"] == "http" and call["region"] == region]
        assert len(posts) <= 2 * sum(where == region for where in REGIONS.values())


def test_no_request_is_refused(story):
    for name, chapter in story.items():
        refused = [call for call in chapter.calls if call["kind"] == "http" and not 200 <= call["status"] < 300]
        assert refused == [], name


def test_the_drift_report_before_onboarding(story):
    chapter = story["drift before"]
    assert verdicts(chapter.report) == {host: "ok" if host == "esa4.example.com" else "drift" for host in REGIONS}
    assert chapter.report["counts"] == {"unknown": 0, "refused": 0, "drift": 7, "ok": 1}
    rows = appliances(chapter.report)
    wrong = check(rows["esa5.example.com"], "server")
    assert (wrong["found"], wrong["wanted"]) == (SERVERS["americas"], SERVERS["apjc"])
    assert wrong["step"] == rows["esa5.example.com"]["steps"][0] == f"set the server to {SERVERS['apjc']}"
    assert check(rows["esa4.example.com"], "sse_record")["found"] == "Registered"
    assert rows["esa4.example.com"]["steps"] == []
    assert chapter.report["appliances"][-1]["host"] == "esa4.example.com", "the worst verdict must come first"


def test_the_run_reports_the_steps_that_the_drift_report_predicted(story):
    predicted = {host: "; ".join(row["steps"]) for host, row in appliances(story["drift before"].report).items()}
    for line in report_lines(story["run"]):
        host, *_cells, detail = re.split(r"\s{2,}", line)
        assert detail == (predicted[host] or "-"), line


def test_the_drift_report_after_onboarding(story):
    document = story["drift after"].report
    assert set(verdicts(document).values()) == {"ok"}
    assert {row["verdict"] for row in document["regions"]} == {"ok"}
    assert document["verdict"] == "ok"


@pytest.mark.parametrize("name", ["drift before", "drift after"])
def test_screen_and_file_of_the_drift_report_agree(story, name):
    chapter = story[name]
    lines = [line.split() for line in chapter.run.output.splitlines()]
    for row in chapter.report["appliances"]:
        assert row["region"] == REGIONS[row["host"]]
        shown = any(line[:3] == [row["host"], row["region"], row["verdict"]] for line in lines)
        assert shown is (row["verdict"] != "ok"), row["host"]
    whole = "All 8 appliances match the inventory." if name == "drift after" else "7 of 8 appliances need attention"
    assert f"Drift: {whole}" in chapter.run.output
    assert chapter.report["schema_version"] == 1
    assert chapter.report["title"] == "Drift"


def test_only_the_drift_report_writes_a_file(story):
    assert {name for name, chapter in story.items() if chapter.report} == {"drift before", "drift after"}


def test_a_removed_appliance_has_no_registration_module_or_record(story):
    chapter = story["removal"]
    assert chapter.onboarded == set()
    for box in chapter.state["appliances"].values():
        assert not box["registered"]
    for held in chapter.state["regions"].values():
        assert (held["module_instances"], held["devices"]) == ([], [])


def test_modules_are_removed_first_then_registrations_then_records(story):
    written = writes(story["removal"].calls)
    modules, deregistrations, records = (
        [place for place, call in enumerate(written) if what in call.get("path", call.get("line"))]
        for what in ("/module-instance/", "Y", "/device/")
    )
    assert (len(modules), len(deregistrations), len(records), len(written)) == (8, 8, 8, 24)
    assert max(modules) < min(deregistrations)
    assert max(deregistrations) < min(records)


def test_a_check_run_of_the_removal_changes_nothing(story):
    assert story["check removal"].onboarded == set(REGIONS)


def test_the_report_of_the_removal_lists_the_completed_steps(story):
    for line in report_lines(story["removal"]):
        assert "changed" in line and "module deleted; deregister; SSE record deleted" in line, line


def report_lines(chapter):
    """Return the rows of the table at the end."""
    lines = [line for line in chapter.run.output.splitlines() if line.split("  ")[0] in REGIONS and " : " not in line]
    assert len(lines) == len(REGIONS), chapter.run.output
    return lines
