# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs of an automation controller: ansible-runner, ansible-navigator and ansible-builder, against the lab."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.support.lab import ROOT, Lab, running_lab

PROGRAMS = Path(os.environ["CONTROLLER_PROGRAMS"])
NAMES = [f"esa{number}.example.com" for number in range(1, 7)]
REGIONS = ("europe", "americas", "apjc")
FLEET: dict[str, Any] = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
    "appliances": [{"name": name, "region": REGIONS[place % 3]} for place, name in enumerate(NAMES)],
}
SECONDS = 300


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with running_lab(FLEET, tmp_path / "lab") as lab:
        yield lab


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    return {"PATH": f"{PROGRAMS}:/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb"}


def run(
    *command: str, environment: dict[str, str], folder: Path, data: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    arguments = [str(PROGRAMS / command[0]), *command[1:]]
    return subprocess.run(
        arguments, cwd=folder, env=environment, input=data, capture_output=True, check=False, timeout=SECONDS
    )


def private_data(lab: Lab, folder: Path, playbook: str) -> Path:
    """Write the folder of a job: its inventory, and a project with one playbook."""
    (folder / "project").mkdir(parents=True)
    (folder / "inventory").mkdir()
    (folder / "inventory" / "hosts.yml").write_text(lab.inventory.read_text())
    (folder / "project" / "site.yml").write_text(yaml.safe_dump([{"import_playbook": f"emailsec.ctr.{playbook}"}]))
    return folder


def artifacts_of(folder: Path) -> dict[str, Any]:
    """Return what a controller keeps of the only job in this folder: exit code, recap, and statistics of set_stats."""
    job = folder / "artifacts"
    if not (job / "rc").exists():
        (job,) = job.iterdir()
    events = [json.loads(path.read_text()) for path in sorted((job / "job_events").glob("*.json"))]
    (end,) = [event for event in events if event["event"] == "playbook_on_stats"]
    return {"rc": int((job / "rc").read_text()), **end["event_data"], "text": (job / "stdout").read_text()}


def assert_no_secret(lab: Lab, folder: Path) -> None:
    """Assert that nothing that a job wrote has a secret, except the inventory that the test put there."""
    for path in folder.rglob("*"):
        if path.is_file() and path.parent.name != "inventory":
            content = path.read_bytes()
            assert [name for name, secret in lab.secrets().items() if secret.encode() in content] == [], path


def test_a_report_in_ansible_runner_has_the_artifact_of_a_workflow(lab, environment, tmp_path) -> None:
    folder = private_data(lab, tmp_path / "job", "drift_report")
    done = run("ansible-runner", "run", str(folder), "-p", "site.yml", "-vv", environment=environment, folder=tmp_path)
    assert done.returncode == 0, done.stdout.decode()
    found = artifacts_of(folder)
    figures = found["artifact_data"]["emailsec_ctr_drift"]
    assert (found["rc"], figures["verdict"], figures["counts"]["drift"]) == (0, "drift", len(NAMES))
    assert figures["report"].endswith("drift.html")
    assert_no_secret(lab, folder)


def test_a_job_on_another_machine(lab, environment, tmp_path) -> None:
    """The controller transmits the job, a worker runs it, and the controller processes the stream of its results."""
    folder = private_data(lab, tmp_path / "job", "onboard")
    sent = run("ansible-runner", "transmit", str(folder), "-p", "site.yml", environment=environment, folder=tmp_path)
    assert sent.returncode == 0, sent.stderr.decode()
    worked = run("ansible-runner", "worker", environment=environment, folder=tmp_path, data=sent.stdout)
    assert worked.returncode == 0, worked.stderr.decode()
    results = tmp_path / "results"
    done = run("ansible-runner", "process", str(results), environment=environment, folder=tmp_path, data=worked.stdout)
    assert done.returncode == 0, done.stdout.decode()
    found = artifacts_of(results)
    assert (found["rc"], found["failures"], found["dark"]) == (0, {}, {})
    assert [name for place, name in enumerate(NAMES) if not lab.is_onboarded(name, REGIONS[place % 3])] == []
    assert_no_secret(lab, results)


def test_three_slices_of_one_job_at_the_same_time(lab, environment, tmp_path) -> None:
    processes = []
    for number in range(3):
        folder = private_data(lab, tmp_path / f"slice{number}", "onboard")
        limit = ",".join(NAMES[number::3])
        command = [str(PROGRAMS / "ansible-runner"), "run", str(folder), "-p", "site.yml", "--limit", limit]
        # What a controller sets in each job.
        command += ["--cmdline", f"-e awx_job_id={number + 1}"]
        processes.append((folder, subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE)))
    for number, (folder, process) in enumerate(processes):
        output, _none = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, output.decode()
        assert set(artifacts_of(folder)["ok"]) <= {*NAMES[number::3], "localhost"}, "a slice works on its part only"
        assert_no_secret(lab, folder)
    for place, name in enumerate(NAMES):
        region = REGIONS[place % 3]
        assert lab.is_onboarded(name, region)
        assert [one["name"] for one in lab.instances(region)].count(name) == 1


def test_a_report_in_ansible_navigator(lab, environment, tmp_path) -> None:
    command = ["ansible-navigator", "run", "emailsec.ctr.drift_report", "-i", str(lab.inventory), "--mode", "stdout"]
    command += ["--execution-environment", "false", "--playbook-artifact-enable", "false"]
    done = run(*command, environment=environment, folder=tmp_path)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert b"Drift: " in done.stdout or b"need attention" in done.stdout, done.stdout.decode()
    assert (tmp_path / "esa-ctr-report" / "drift.html").exists()


def test_the_files_of_an_execution_environment(environment, tmp_path) -> None:
    """ansible-builder writes the build context. Nothing is built, because that needs a container engine."""
    installed = tmp_path / "collections" / "ansible_collections" / "emailsec" / "ctr"
    installed.parent.mkdir(parents=True)
    installed.symlink_to(ROOT)
    found = run(
        "ansible-builder", "introspect", str(tmp_path / "collections"), environment=environment, folder=tmp_path
    )
    assert found.returncode == 0, found.stderr.decode()
    lines = yaml.safe_load(found.stdout)["python"]
    assert {line.split(">")[0].strip() for line in lines} == {"asyncssh", "requests"}, lines
    assert not yaml.safe_load(found.stdout).get("system")
    definition = {"version": 3, "dependencies": {"galaxy": {"collections": ["emailsec.ctr"]}}}
    (tmp_path / "execution-environment.yml").write_text(yaml.safe_dump(definition))
    done = run(
        "ansible-builder", "create", "--output-filename", "Containerfile", environment=environment, folder=tmp_path
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    context = tmp_path / "context"
    assert "ansible-galaxy collection install" in (context / "Containerfile").read_text()
    assert "emailsec.ctr" in (context / "_build" / "requirements.yml").read_text()
