# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No password, token or credential appears in output at -vvvv, diffs, logs, reports, files or process arguments."""

from __future__ import annotations

import copy
import os
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.failures import report_row
from tests.integration.support.processes import family

FLEET = {
    "settings": {"registration_seconds": 0.5, "busy_seconds": 0.1},
    "appliances": [
        {"name": "a1.example.com", "region": "europe"},
        {"name": "a2.example.com", "region": "americas", "generation": 4},
        {"name": "a3.example.com", "region": "europe", "generation": 1, "version": "13.0.0-392"},
        {
            "name": "ghost.example.com",
            "region": "europe",
            "initial": {"enabled": True, "region": "europe", "registered": True},
        },
    ],
}
HOSTS = "a1.example.com,a2.example.com,a3.example.com"
LOUD = ("-vvvv", "--diff", "-e", "esa_ctr_wait_interval=0.1")
# access tokens of the lab: 64 characters; the lab does not show them
ACCESS_TOKEN = re.compile(rb"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[\w-]{64}(?![\w-])")
BEARER = re.compile(rb"(?i)bearer\s+[\w-]{20,}")


def everything(ansible) -> dict[str, bytes]:
    """Return the output of the runs, and every file that they wrote."""
    texts = {f"output {number}": output.encode() for number, output in enumerate(ansible.outputs, 1)}
    own = {"override.yml"}
    for path in ansible.folder.rglob("*"):
        if path.is_file() and path.name not in own:
            texts[str(path)] = path.read_bytes()
    return texts


def assert_no_secret(known, ansible, *more):
    secrets = {**known, **{f"given {number}": secret for number, secret in enumerate(more)}}
    texts = everything(ansible)
    assert any("ansible.log" in name for name in texts)
    assert any("record-" in name for name in texts)
    assert all(b"a1.example.com" in text for name, text in texts.items() if name.startswith("output"))
    for what, secret in secrets.items():
        seen = [name for name, text in texts.items() if secret.encode() in text]
        assert seen == [], what
    for pattern in (ACCESS_TOKEN, BEARER):
        seen = [name for name, text in texts.items() if pattern.search(text)]
        assert seen == [], pattern


# The shell that starts a module.
MODULE = re.compile(rb"^/bin/sh\x00-c\x00[^\x00]*/python")


class Watch:
    """Record the arguments and the environment of a process and its children until it ends."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()

    def __call__(self, process) -> None:
        threading.Thread(target=self._record, args=[process.pid], daemon=True).start()

    def _record(self, pid: int) -> None:
        while Path(f"/proc/{pid}").exists():
            for member in family(pid):
                for name in ("cmdline", "environ"):
                    try:
                        self.seen.add(Path(f"/proc/{member}/{name}").read_bytes())
                    except OSError:
                        continue
            time.sleep(0.05)


@dataclass
class Observed:
    """The runs, the secrets, and the recorded processes."""

    secrets: dict[str, str]
    ansible: Ansible
    watch: Watch
    runs: dict[str, Run]


def log_of(ansible) -> dict[str, str]:
    return {"ANSIBLE_LOG_PATH": str(ansible.folder / "ansible.log")}


@pytest.fixture(scope="module")
def observed(lab_of_file, tmp_path_factory):
    """Onboard and remove a fleet at the highest verbosity."""
    lab_of_file.reset()
    ansible, watch, runs = Ansible(tmp_path_factory.mktemp("loud") / "ansible", lab_of_file), Watch(), {}
    for name, playbook, *arguments in (
        ["check", "emailsec.ctr.onboard", "--check"],
        ["onboard", "emailsec.ctr.onboard"],
        ["drift", "emailsec.ctr.drift_report"],
        ["remove", "emailsec.ctr.remove"],
    ):
        arguments += [*LOUD, "--limit", HOSTS]
        runs[name] = ansible.playbook(playbook, *arguments, environment=log_of(ansible), watch=watch)
    return Observed(lab_of_file.secrets(), ansible, watch, runs)


def test_an_onboarding_and_a_removal_show_no_secret(observed):
    for run in observed.runs.values():
        assert run.rc == 0, run.output
    tokens = [name for name in observed.secrets if name.startswith("registration token")]
    assert len(tokens) == 3
    assert_no_secret(observed.secrets, observed.ansible)


def test_secrets_are_in_no_arguments_and_no_environment(observed):
    assert any(b"RECORD_RESULTS" in seen for seen in observed.watch.seen), "the environments must be recorded"
    for what, secret in observed.secrets.items():
        assert not any(secret.encode() in seen for seen in observed.watch.seen), what


def test_no_module_gets_secrets_in_another_process_or_in_a_file(observed):
    """The modules of the role run inside Ansible, so that a killed run leaves no file with the client password."""
    assert [seen for seen in observed.watch.seen if MODULE.search(seen)] == []
    assert not any("AnsiballZ" in output for output in observed.ansible.outputs)
    temporary = observed.ansible.folder / "home" / ".ansible" / "tmp"
    assert not temporary.exists() or os.listdir(temporary) == []


def test_failures_show_no_secret(lab, ansible):
    """Fail with a refused token, wrong passwords for appliance and cloud, and a stale record."""
    ghost = lab.device("europe", "ghost.example.com")
    lab.ask("europe", "PATCH", f"/iroh/iroh-sse/device/{ghost['id']}", {"name": "a3.example.com"})
    wrong_ssh, wrong_client, refused = "Wr0ng-SSH-passw0rd", "Wr0ng-client-passw0rd", "c0ffee" * 5 + "00"
    accounts = copy.deepcopy(lab.regions)
    for account in accounts.values():
        account["ca_path"] = str(lab.folder / "ca.pem")
    accounts["americas"]["client_password"] = wrong_client
    inventory = ansible.inventory(
        "override.yml",
        {
            "a1.example.com": {"token": refused},
            "ghost.example.com": {"ansible_password": wrong_ssh},
        },
        esa_ctr_regions=accounts,
    )
    run = ansible.playbook("emailsec.ctr.onboard", "-i", inventory, *LOUD, environment=log_of(ansible))
    assert run.bad_hosts() == {"a2.example.com", "a3.example.com", "ghost.example.com"}
    assert "may not log in" in report_row(run, "ghost.example.com")
    assert "401" in report_row(run, "a2.example.com")
    assert_no_secret(lab.secrets(), ansible, wrong_ssh, wrong_client)
    lab.reset()
    options = {"state": "registered", "region": "europe", "registration_token": "{{ token }}", "wait_interval": 0.1}
    run = ansible.tasks(
        [{"name": "register", "emailsec.ctr.esa_cloud_service": options}],
        "-i",
        inventory,
        *LOUD,
        hosts="a1.example.com",
    )
    assert "invalid or expired" in run.on("a1.example.com").message
    assert refused in lab.typed("a1.example.com")
    assert_no_secret(lab.secrets(), ansible, wrong_ssh, wrong_client, refused)
