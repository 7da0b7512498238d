# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to read and to onboard a fleet: ours, asyncssh alone, and what people use without this collection.

Each returns its figures, and raises RunFailed if an appliance was left out, because the figures would not be valid.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.algorithms import algorithms
from tests.bench.measure import Figures, RunFailed, run
from tests.bench.other_tools import OtherTools
from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import Lab

HERE = Path(__file__).parent
FORKS = 20
CONCURRENCY = 64
EMPTY_PLAY = [{"hosts": "appliances", "gather_facts": False, "tasks": []}]
ONE_TASK_EACH = [
    {
        "hosts": "appliances",
        "gather_facts": False,
        "tasks": [
            {
                "emailsec.ctr.esa_cloud_service": {"state": "enabled", "region": "{{ esa_ctr_region }}"},
                "check_mode": True,
            }
        ],
    }
]


class Fleet:
    """A lab, and the folder in which the commands run."""

    def __init__(self, lab: Lab, folder: Path, others: OtherTools | None = None) -> None:
        self.lab = lab
        self.ansible = Ansible(folder, lab)
        self.names = list(lab.state()["appliances"])
        self._folder = folder
        self._others = others
        self._lines: dict[str, list[str]] = {}

    # Ours

    def drift_report(self) -> Figures:
        already = len(self.lab.calls())
        figures = self.playbook("drift_report")
        typed: dict[str, list[str]] = {name: [] for name in self.names}
        for call in self.lab.calls()[already:]:
            if call["kind"] == "cli":
                typed[call["who"]].append(call["line"])
        self._expect(sum("version" in lines for lines in typed.values()))
        self._lines = typed
        return figures

    def playbook(self, name: str, *arguments: str) -> Figures:
        return self._ansible_playbook(f"emailsec.ctr.{name}", *arguments)

    def empty_play(self) -> Figures:
        """Start ansible-playbook, read the inventory, and do nothing."""
        return self._ansible_playbook(str(self.ansible.write("empty.yml", EMPTY_PLAY)))

    def one_task_each(self) -> Figures:
        return self._ansible_playbook(str(self.ansible.write("each.yml", ONE_TASK_EACH)))

    # The limit

    def asyncssh_alone(self) -> Figures:
        """Type the lines of the drift report with asyncssh alone, with the same cipher."""
        return self._reader("bare_reader.py", sys.executable, encryption_algs=algorithms(False)["encryption_algs"])

    # Others

    def netmiko(self) -> Figures:
        assert self._others
        return self._reader("netmiko_reader.py", str(self._others.python))

    def network_cli(self) -> Figures:
        return self._network_cli("read.yml")

    def naive_onboarding(self) -> Figures:
        figures = self._network_cli("onboard.yml")
        state = self.lab.state()
        self._expect(sum(appliance["registered"] for appliance in state["appliances"].values()))
        return figures

    def _network_cli(self, playbook: str) -> Figures:
        assert self._others
        variables = {
            "ansible_connection": "ansible.netcommon.network_cli",
            "ansible_network_os": "asyncos",
            "ansible_network_cli_ssh_type": "libssh",
            "ansible_host_key_auto_add": True,
        }
        return self._ansible_playbook(
            str(HERE / "network_cli" / playbook),
            "--extra-vars",
            json.dumps(variables),
            command=str(self._others.ansible_playbook),
            environment={
                "ANSIBLE_HOST_KEY_CHECKING": "false",
                "ANSIBLE_PERSISTENT_COMMAND_TIMEOUT": "60",
                "ANSIBLE_PERSISTENT_CONNECT_TIMEOUT": "60",
                "ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": str(self._folder / "pc"),
            },
        )

    def _reader(self, script: str, python: str, **login: Any) -> Figures:
        state = self.lab.state()["appliances"]
        told = {
            "targets": [{"port": state[name]["port"], "lines": self._lines[name]} for name in self.names],
            "login": {"username": "admin", "password": self.lab.ssh["password"], **login},
            "known_hosts": str(self.lab.folder / "known_hosts"),
            "concurrency": CONCURRENCY,
        }
        environment = self.ansible.environment()
        output, figures = run(self.lab, [python, str(HERE / script)], self._folder, environment, json.dumps(told))
        self._expect(json.loads(output)["read"])
        return figures

    def _ansible_playbook(
        self,
        playbook: str,
        *arguments: str,
        command: str = str(Path(sys.executable).with_name("ansible-playbook")),
        environment: Mapping[str, str] | None = None,
    ) -> Figures:
        whole = [command, "--inventory", str(self.lab.inventory), "--forks", str(FORKS), playbook, *arguments]
        _output, figures = run(self.lab, whole, self._folder, {**self.ansible.environment(), **(environment or {})})
        return figures

    def _expect(self, done: int) -> None:
        if done != len(self.names):
            raise RunFailed(f"{done} of {len(self.names)} appliances were read or registered")
