# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rulebook in a real ansible-rulebook: an appliance that drops off is onboarded again, once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import Lab, running_lab

PROGRAMS = Path(os.environ["EDA_PROGRAMS"])
ESA, OTHER = "esa1.example.com", "esa2.example.com"
ONBOARDED = {"enabled": True, "region": "europe", "registered": True, "module": True}
FLEET: dict[str, Any] = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
    "appliances": [{"name": name, "region": "europe", "initial": ONBOARDED} for name in (ESA, OTHER)],
}
LIMIT = 120.0


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with running_lab(FLEET, tmp_path / "lab") as lab:
        yield lab


class Rulebook:
    """A running ansible-rulebook with the rulebook of the collection."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.log = folder / "log.txt"
        self.state_file = folder / "state.json"
        account = {key: lab.regions["europe"][key] for key in ("client_id", "client_password", "api_url")}
        variables = {
            "emailsec_ctr_regions": {"europe": {**account, "ca_path": str(lab.folder / "ca.pem")}},
            "emailsec_ctr_state_file": str(self.state_file),
            "emailsec_ctr_interval": 1,
        }
        (folder / "vars.json").write_text(json.dumps(variables))
        command = [str(PROGRAMS / "ansible-rulebook"), "--rulebook", "emailsec.ctr.remediate", "--verbose"]
        command += ["--inventory", str(lab.inventory), "--vars", str(folder / "vars.json"), "--print-events"]
        (folder / "home").mkdir(exist_ok=True)
        environment = {"PATH": f"{PROGRAMS}:/usr/bin:/bin", "HOME": str(folder / "home"), "LANG": "C.UTF-8"}
        if "JAVA_HOME" in os.environ:
            environment["JAVA_HOME"] = os.environ["JAVA_HOME"]
        java = shutil.which("java")
        if java:
            environment["PATH"] += f":{Path(java).parent}"
        self._stream = self.log.open("a")
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._stream,
            stderr=subprocess.STDOUT,
        )

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait(self, what: str, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LIMIT
        while not condition():
            assert self._process.poll() is None, f"ansible-rulebook has ended\n{self.output()}"
            assert time.monotonic() < deadline, f"{what}: not within {LIMIT:g} s\n{self.output()}"
            time.sleep(0.2)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._stream.close()


def deregister(ansible: Ansible, host: str) -> None:
    # A short interval: the task must end before the rulebook registers the appliance again.
    options = {"state": "unregistered", "wait_interval": 0.1}
    task = {"name": "Deregister", "emailsec.ctr.esa_cloud_service": options}
    run = ansible.tasks([task], "--limit", host)
    assert run.rc == 0, run.output


def test_an_appliance_that_drops_off_is_onboarded_again(lab: Lab, tmp_path: Path) -> None:
    ansible = Ansible(tmp_path / "ansible", lab)
    rulebook = Rulebook(lab, tmp_path / "eda")
    try:
        rulebook.wait("the first reading", rulebook.state_file.exists)
        assert rulebook.state_file.stat().st_mode & 0o777 == 0o600
        deregister(ansible, ESA)
        assert not lab.is_onboarded(ESA, "europe")
        rulebook.wait("the appliance is onboarded again", lambda: lab.is_onboarded(ESA, "europe"))
        rulebook.wait("the play has ended", lambda: "PLAY RECAP" in rulebook.output())
    finally:
        rulebook.stop()
    touched = {call["who"] for call in lab.calls() if call["kind"] == "cli" and call["line"] == "REGISTER"}
    assert touched == {ESA}, "the other appliance was not changed"
    for name, secret in lab.secrets().items():
        assert secret not in rulebook.output(), name


def test_what_happens_while_the_source_is_stopped_is_noticed_at_the_next_start(lab: Lab, tmp_path: Path) -> None:
    ansible = Ansible(tmp_path / "ansible", lab)
    rulebook = Rulebook(lab, tmp_path / "eda")
    try:
        rulebook.wait("the first reading", rulebook.state_file.exists)
    finally:
        rulebook.stop()
    deregister(ansible, ESA)
    again = Rulebook(lab, tmp_path / "eda")
    try:
        again.wait("the appliance is onboarded again", lambda: lab.is_onboarded(ESA, "europe"))
    finally:
        again.stop()
