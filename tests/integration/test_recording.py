# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A recorded onboarding holds no data, and is a test case of the whole run: the lab replays it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.lab import replaying_lab, running_lab

HOST = "esa1.example.com"
FLEET = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
    "appliances": [{"name": HOST, "region": "europe"}],
}


class Recorded:
    """One recorded run, and everything that the lab knew."""

    def __init__(self, folder: Path) -> None:
        with running_lab(FLEET, folder / "lab") as lab:
            ansible = Ansible(folder / "ansible", lab)
            self.run = ansible.playbook("emailsec.ctr.onboard", "--extra-vars", "esa_ctr_record=recording")
            self.state = lab.state()
            self.secrets = set(lab.secrets().values())
            self.client_ids = {account["client_id"] for account in lab.regions.values()}
        self.folder = ansible.folder / "recording"
        self.files = sorted(path for path in self.folder.rglob("*") if path.is_file() and path.name != "key")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    yield Recorded(tmp_path_factory.mktemp("recorded"))


def steps(run: Run) -> list[tuple[str, str, bool]]:
    return [(one.task, one.status, one.changed) for one in run.results]


def test_a_recording_has_the_dialogue_and_the_cloud_and_is_private(recorded: Recorded) -> None:
    assert recorded.run.rc == 0, recorded.run.output
    assert {path.parent.name for path in recorded.files} == {"dialogue", "cloud"}
    for path in (*recorded.files, recorded.folder / "key"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert recorded.folder.stat().st_mode & 0o077 == 0
    calls = [json.loads(line) for path in recorded.files if path.parent.name == "cloud" for line in path.open()]
    assert {"POST /iroh/iroh-sse/device", "POST /iroh/iroh-int/module-instance"} <= {
        f"{one['method']} {one['path']}" for one in calls
    }


def test_a_recording_holds_no_data_of_the_lab(recorded: Recorded) -> None:
    box = recorded.state["appliances"][HOST]
    devices = recorded.state["regions"]["europe"]["devices"]
    instances = recorded.state["regions"]["europe"]["module_instances"]
    known: set[Any] = {HOST, HOST.split(".")[0], "127.0.0.1", box["serial"], *recorded.secrets, *recorded.client_ids}
    known |= {str(one[key]) for one in (*devices, *instances) for key in ("id", "name", "ipAddress") if one.get(key)}
    for path in recorded.files:
        text = f"{path.name}\n{path.read_text(encoding='utf-8')}".lower()
        assert [value for value in known if value.lower() in text] == [], path


def test_names_and_ids_agree_between_the_dialogue_and_the_cloud(recorded: Recorded) -> None:
    hosts = {path.name.rsplit("-", 2)[0] for path in recorded.files if path.parent.name == "dialogue"}
    assert len(hosts) == 1
    (host,) = hosts
    sent = [json.loads(line) for path in recorded.files if path.parent.name == "cloud" for line in path.open()]
    names = {one["sent"]["name"] for one in sent if one["method"] == "POST" and one["sent"] and "name" in one["sent"]}
    assert names == {host}


def test_a_replay_gives_the_same_run(recorded: Recorded, tmp_path: Path) -> None:
    with replaying_lab([recorded.folder], tmp_path / "lab") as lab:
        ansible = Ansible(tmp_path / "ansible", lab)
        again = ansible.playbook("emailsec.ctr.onboard")
        unexpected = [call for call in lab.calls() if call["kind"] == "replay"]
    assert unexpected == []
    assert again.rc == 0, again.output
    assert steps(again) == steps(recorded.run)
    assert list(again.recap.values()) == list(recorded.run.recap.values())


def test_a_search_of_message_tracking_is_recorded_and_replayed(tmp_path: Path) -> None:
    onboarded = {"enabled": True, "region": "europe", "registered": True, "module": True}
    box = {"name": HOST, "region": "europe", "services": {"rest_api": True}, "initial": onboarded}
    with running_lab({**FLEET, "appliances": [box]}, tmp_path / "lab") as lab:
        ansible = Ansible(tmp_path / "ansible", lab)
        probe = ansible.playbook("emailsec.ctr.probe", "--extra-vars", "esa_ctr_record=recording")
        assert probe.rc == 0, probe.output
        serial = lab.state()["appliances"][HOST]["serial"]
    (kept,) = (ansible.folder / "recording" / "api").iterdir()
    calls = [json.loads(line) for line in kept.open()]
    assert [one["path"] for one in calls] == ["/esa/api/v2.0/login", "/esa/api/v2.0/message-tracking/messages"]
    assert serial.lower() not in kept.read_text(encoding="utf-8").lower()
    with replaying_lab([ansible.folder / "recording"], tmp_path / "again") as lab:
        again = Ansible(tmp_path / "replay", lab)
        assert again.playbook("emailsec.ctr.probe").rc == 0
        assert [call for call in lab.calls() if call["kind"] == "replay"] == []
    counts = [
        json.loads((one.folder / "esa-ctr-probe" / "probe.json").read_text())["counts"] for one in (ansible, again)
    ]
    assert counts[0]["differs"] == counts[1]["differs"] == 0


def test_a_folder_that_cannot_be_written_stops_the_run_before_the_first_request(tmp_path: Path) -> None:
    with running_lab(FLEET, tmp_path / "lab") as lab:
        ansible = Ansible(tmp_path / "ansible", lab)
        (ansible.folder / "file").write_text("", encoding="utf-8")
        run = ansible.playbook("emailsec.ctr.onboard", "--extra-vars", "esa_ctr_record=file/recording")
        assert run.rc != 0
        assert "esa_ctr_record" in run.output
        assert lab.writes() == []
        assert [call for call in lab.calls() if call["kind"] == "http"] == []
