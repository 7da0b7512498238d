# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Transcripts: their location, their content without secrets, and replays that give the same results."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.drift_report import FOLDER, appliances, check, report_of
from tests.integration.support.lab import replaying_lab

SPEAKING = {"line_end": "crcrlf", "slow_output": 7, "control_sequences": True, "login_message": "Call 555> or leave"}
FLEET = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
    "appliances": [
        {"name": "esa1.example.com", "region": "europe", "generation": 1, "dialect": {"pager_lines": 6}},
        {
            "name": "esa2.example.com",
            "region": "americas",
            "generation": 2,
            "initial": {"enabled": True, "region": "americas", "registered": True, "module": True},
        },
        {"name": "esa3.example.com", "region": "apjc", "generation": 4, "dialect": {"menu_order": "reversed"}},
        {"name": "sma1.example.com", "product": "SMA", "region": "europe", "dialect": SPEAKING},
        {"name": "member.example.com", "region": "europe", "initial": {"pending": True}},
    ],
    "clusters": [{"name": "Lab", "members": ["member.example.com"], "login_level": "cluster"}],
}
NAMES = [entry["name"] for entry in FLEET["appliances"]]


class Recording:
    """One run whose sessions are recorded, in a folder that the run creates."""

    def __init__(self, lab, ansible: Ansible, *command: str, folder: Path) -> None:
        lab.reset()
        self.run = ansible.playbook(*command, "-e", f"ansible_asyncos_transcript={folder}", "-vvvv")
        self.folder = ansible.folder / folder
        self.report = report_of(ansible) if (ansible.folder / FOLDER).exists() else None
        self.state = lab.state()
        self.calls = lab.calls()
        self.secrets = lab.secrets()

    def files(self, host: str | None = None) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if host is None or path.name.startswith(f"{host}-"))

    def entries(self, path: Path) -> list[dict[str, str]]:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def drift(lab_of_file, tmp_path_factory):
    """Record the drift report into a folder named as in the documentation."""
    ansible = Ansible(tmp_path_factory.mktemp("drift") / "ansible", lab_of_file)
    return Recording(lab_of_file, ansible, "emailsec.ctr.drift_report", folder=Path("./transcripts"))


@pytest.fixture(scope="module")
def onboarding(lab_of_file, tmp_path_factory):
    """Record the onboarding into a folder with an absolute path."""
    folder = tmp_path_factory.mktemp("onboarding")
    ansible = Ansible(folder / "ansible", lab_of_file)
    command = ("emailsec.ctr.onboard", "-e", "esa_ctr_wait_interval=0.1")
    return Recording(lab_of_file, ansible, *command, folder=folder / "transcripts")


@pytest.fixture(params=["drift", "onboarding"])
def recording(request, drift, onboarding):
    return {"drift": drift, "onboarding": onboarding}[request.param]


def test_recording_does_not_change_the_run(drift, onboarding):
    assert drift.run.rc == 0, drift.run.output
    assert [call for call in drift.calls if call["write"]] == []
    assert onboarding.run.bad_hosts() == {"member.example.com"}
    assert [name for name in NAMES if onboarding.state["appliances"][name]["registered"]] == NAMES[:-1]


def test_there_is_one_file_per_session(recording):
    found = {host: len(recording.files(host)) for host in NAMES}
    assert found == {host: recording.state["appliances"][host]["logins"] for host in NAMES}
    assert len(recording.files()) == sum(found.values()), "the folder must contain nothing else"


def test_transcripts_are_readable_by_the_owner_only(recording):
    assert recording.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in recording.files()} == {0o600}


def test_transcripts_contain_no_password_or_token(recording):
    tokens = [name for name in recording.secrets if name.startswith("registration token")]
    assert len(tokens) == len({"esa1", "esa3", "sma1"}) * (recording.run.rc != 0)
    for path in recording.files():
        text = path.read_text(encoding="utf-8")
        for what, secret in recording.secrets.items():
            assert secret not in text, (path.name, what)
        assert not re.search(r"(?<![0-9a-f-])[0-9a-f]{32}(?![0-9a-f-])", text), path.name
    for what, secret in recording.secrets.items():
        assert secret not in recording.run.output, what


def test_a_typed_token_is_masked(onboarding):
    for host in ("esa1.example.com", "esa3.example.com", "sma1.example.com"):
        typed = [entry["text"] for path in onboarding.files(host) for entry in onboarding.entries(path)]
        assert "********" in typed


def test_a_transcript_has_the_typed_lines_and_the_answers_in_order(recording):
    for host in NAMES:
        typed = []
        for path in recording.files(host):
            kinds = [entry["type"] for entry in recording.entries(path)]
            assert kinds == [("shown", "typed")[place % 2] if place else "login" for place in range(len(kinds))]
            typed += [entry["text"] for entry in recording.entries(path) if entry["type"] == "typed"]
        seen = [call["line"] for call in recording.calls if call["kind"] == "cli" and call["who"] == host]
        masked = ["********" if line in recording.secrets.values() else line for line in seen if line != " "]
        assert [line.replace("\x03", "^C") for line in typed if line != " "] == masked, host


@pytest.fixture(scope="module")
def replayed(drift, tmp_path_factory):
    """Run the task of the drift report against replayed appliances; return its results, and the calls of the replay."""
    folder = tmp_path_factory.mktemp("replay")
    paths = {host: drift.files(host)[0] for host in NAMES}
    with replaying_lab(paths.values(), folder / "lab") as lab:
        ansible = Ansible(folder / "ansible")
        hosts = {
            host: {
                "ansible_host": "127.0.0.1",
                "ansible_port": lab.appliance(path.stem)["port"],
            }
            for host, path in paths.items()
        }
        inventory = ansible.inventory("hosts.yml", hosts, **lab.variables())
        options = {
            "hosts": NAMES,
            "state": "registered",
            "region": {entry["name"]: entry["region"] for entry in FLEET["appliances"]},
        }
        task = {"name": "read", "emailsec.ctr.esa_cloud_service_info": options, "run_once": True}
        return ansible.tasks([task], "-i", inventory), lab.calls()


@pytest.mark.parametrize("host", NAMES)
def test_a_replayed_appliance_gives_the_same_result(drift, replayed, host):
    run, _calls = replayed
    recorded = appliances(drift.report)[host]
    repeated = next(row for row in run.of("read", NAMES[0]).values["appliances"] if row["host"] == host)
    service = repeated["cloud_service"]
    for fact in ("hostname", "product", "model", "version", "serial"):
        assert service[fact] == recorded[fact] is not None, fact
    found = {one: check(recorded, one)["found"] for one in ("enabled", "server", "registration", "pending_changes")}
    assert found == {
        **{key: service[key] for key in ("enabled", "server", "registration")},
        "pending_changes": repeated["pending_changes"],
    }
    of_box = [step for step in recorded["steps"] if not step.startswith("module ")]
    assert repeated["steps"] == of_box
    assert (repeated["problem"] is None) is (recorded["reason"] == "")


def test_the_replay_gets_exactly_the_recorded_lines(drift, replayed):
    _run, calls = replayed
    assert [call for call in calls if call["kind"] == "replay"] == []
    for host in NAMES:
        path = drift.files(host)[0]
        typed = [entry["text"] for entry in drift.entries(path) if entry["type"] == "typed"]
        again = [call["line"] for call in calls if call["who"] == path.stem]
        assert again == [line.replace("\x03", "^C") for line in typed], host


def test_a_folder_that_cannot_be_written_to_is_named(lab, ansible):
    """A missing recording must be reported, as a warning or as a failure."""
    (ansible.folder / "file").write_text("not a folder\n", encoding="utf-8")
    run = ansible.adhoc(
        "esa1.example.com", "ansible.builtin.raw", "-a", "version", "-e", "ansible_asyncos_transcript=./file"
    )
    assert "transcript" in run.output, run.output
