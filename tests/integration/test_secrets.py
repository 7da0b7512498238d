# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No password, token or credential is seen anywhere: not at -vvvv, in diffs, logs, reports, left files or processes."""

from __future__ import annotations

import copy
import os
import re
import time
from pathlib import Path

import pytest

from tests.integration.support.troubles import report_row

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
# access tokens of the lab: 64 characters; the lab does not tell them
ACCESS_TOKEN = re.compile(rb"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[\w-]{64}(?![\w-])")
BEARER = re.compile(rb"(?i)bearer\s+[\w-]{20,}")


@pytest.fixture
def log(ansible):
    return {"ANSIBLE_LOG_PATH": str(ansible.folder / "ansible.log")}


def everything(ansible) -> dict[str, bytes]:
    """All that the runs said, and every file that they wrote."""
    texts = {f"output {number}": output.encode() for number, output in enumerate(ansible.outputs, 1)}
    own = {"override.yml"}
    for path in ansible.folder.rglob("*"):
        if path.is_file() and path.name not in own:
            texts[str(path)] = path.read_bytes()
    return texts


def assert_no_secret(lab, ansible, *more):
    secrets = {**lab.secrets(), **{f"given {number}": secret for number, secret in enumerate(more)}}
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


def children(pid: int) -> list[int]:
    """The process and all that it started, as long as they live."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    family, found = [pid], []
    while family:
        member = family.pop()
        found.append(member)
        family += parents.get(member, [])
    return found


class Watch:
    """Looks at the arguments and the environment of a process and of its children until it ends."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()

    def __call__(self, process) -> None:
        # quiet enough for the pipe of its output to hold it all meanwhile
        while process.poll() is None:
            for pid in children(process.pid):
                for name in ("cmdline", "environ"):
                    try:
                        self.seen.add(Path(f"/proc/{pid}/{name}").read_bytes())
                    except OSError:
                        continue
            time.sleep(0.02)


def test_nothing_is_seen_of_an_onboarding_and_a_removal(lab, ansible, log):
    for playbook, *arguments in (
        ["emailsec.ctr.onboard", "--check"],
        ["emailsec.ctr.onboard"],
        ["emailsec.ctr.drift_report"],
        ["emailsec.ctr.remove"],
    ):
        run = ansible.playbook(playbook, *arguments, *LOUD, "--limit", HOSTS, environment=log)
        assert run.rc == 0, run.output
    tokens = [name for name in lab.secrets() if name.startswith("registration token")]
    assert len(tokens) == 3
    assert_no_secret(lab, ansible)


def test_nothing_is_seen_of_failures(lab, ansible, log):
    """A token that the appliance refuses, wrong passwords on both sides, a stale record."""
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
    run = ansible.playbook("emailsec.ctr.onboard", "-i", inventory, *LOUD, environment=log)
    assert run.bad_hosts() == {"a2.example.com", "a3.example.com", "ghost.example.com"}
    assert "does not let the user" in report_row(run, "ghost.example.com")
    assert "401" in report_row(run, "a2.example.com")
    assert_no_secret(lab, ansible, wrong_ssh, wrong_client)
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
    assert_no_secret(lab, ansible, wrong_ssh, wrong_client, refused)


def test_secrets_are_in_no_arguments_and_no_environment(lab, ansible):
    watch = Watch()
    run = ansible.playbook("emailsec.ctr.onboard", "-e", "esa_ctr_wait_interval=0.1", "--limit", HOSTS, watch=watch)
    assert run.rc == 0, run.output
    assert any(b"AnsiballZ" in seen for seen in watch.seen), "the children were seen"
    assert any(b"RECORD_RESULTS" in seen for seen in watch.seen), "the environments were seen"
    for what, secret in lab.secrets().items():
        assert not any(secret.encode() in seen for seen in watch.seen), what


def test_what_is_left_behind_is_no_module_with_its_arguments(lab, ansible):
    """Ordinary modules carry the client password in their file while they run; none of these stays."""
    assert ansible.playbook("emailsec.ctr.onboard", "-e", "esa_ctr_wait_interval=0.1", "--limit", HOSTS).rc == 0
    left = [path for path in ansible.folder.rglob("*") if "AnsiballZ" in path.name]
    assert left == []
    temporary = ansible.folder / "home" / ".ansible" / "tmp"
    assert not temporary.exists() or os.listdir(temporary) == []
