# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible and ansible-playbook as a user does, and collect the result of every task on every host."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.integration.support.lab import Call, Lab
from tests.warm_ansible import CALLBACKS
from tests.warm_ansible.runs import WarmRun

SECONDS = 120
_LINKS = tempfile.TemporaryDirectory(prefix="ctr-")
"""Links to the temporary folders of the runs: the path of a Unix socket may have 107 characters, and Ansible makes one there."""
_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Result:
    """The result of one task on one host. ``status`` is ok, failed, unreachable or skipped; ``values`` is what the
    task returned, and ``at`` is the time."""

    task: str
    host: str
    status: str
    run_once: bool
    values: dict[str, Any]
    at: str

    @property
    def changed(self) -> bool:
        return bool(self.values.get("changed"))

    @property
    def message(self) -> str:
        return str(self.values.get("msg", ""))


@dataclass(frozen=True)
class Run:
    """One finished run."""

    rc: int
    output: str
    results: tuple[Result, ...]
    recap: dict[str, dict[str, int]]
    task_starts: tuple[tuple[str, str], ...]
    """Name and start time of each task, in the order of the play."""

    def of(self, task: str, host: str) -> Result:
        """Return the only result of this task on this host."""
        found = [result for result in self.results if (result.task, result.host) == (task, host)]
        assert len(found) == 1, (task, host, found, self.output)
        return found[0]

    def on(self, host: str) -> Result:
        """Return the result on this host of a run with a single task."""
        found = [result for result in self.results if result.host == host]
        assert len(found) == 1, (host, found, self.output)
        return found[0]

    def changes(self) -> set[tuple[str, str]]:
        """Return host and task of every change, or in check mode of every predicted change."""
        return {(result.host, result.task) for result in self.results if result.changed}

    def bad_hosts(self) -> set[str]:
        """Return the hosts that the recap counts as failed or unreachable."""
        return {host for host, counts in self.recap.items() if counts["failures"] or counts["unreachable"]}

    def during(self, task: str, calls: list[Call]) -> list[Call]:
        """Return the calls that the lab recorded while this task ran."""
        names = [name for name, _at in self.task_starts]
        assert names.count(task) == 1, names
        place = names.index(task)
        begin = self.task_starts[place][1]
        end = self.task_starts[place + 1][1] if place + 1 < len(names) else "9"
        return [call for call in calls if begin <= call["at"] < end]


class Ansible:
    """Ansible commands in a folder of their own, isolated from the settings of the user who runs the tests."""

    def __init__(self, folder: Path, lab: Lab | None = None, programs: Path | None = None) -> None:
        """``programs``: the folder with the commands of another Ansible."""
        self.folder = folder
        self.lab = lab
        self._programs = programs or Path(sys.executable).parent
        self._is_warm = programs is None
        self.outputs: list[str] = []
        for name in ("home", "temp"):
            (folder / name).mkdir(parents=True)
        self._temp = Path(_LINKS.name, str(next(_NUMBERS)))
        self._temp.symlink_to(folder / "temp")
        (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
        self._runs = 0

    def playbook(
        self,
        playbook: str | Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        watch: Callable[[subprocess.Popen[str]], None] | None = None,
        seconds: float = SECONDS,
    ) -> Run:
        """Run ansible-playbook with the lab's inventory first.

        ``watch`` is called with the process while it runs; ``seconds`` is the time-out.
        """
        return self._run(["ansible-playbook", str(playbook), *arguments], environment, watch, seconds)

    def plays(self, plays: list[dict[str, Any]], *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
        return self.playbook(self.write("site.yml", plays), *arguments, environment=environment)

    def tasks(self, tasks: list[dict[str, Any]], *arguments: str, hosts: str = "all", **play: Any) -> Run:
        """Run a play of these tasks, each with its own result. The play continues after a failed task."""
        return self.plays([{"hosts": hosts, "gather_facts": False, **play, "tasks": tasks}], *arguments)

    def adhoc(self, pattern: str, module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
        return self._run(["ansible", pattern, "--module-name", module, *arguments], environment, None)

    def inventory(self, name: str, hosts: Mapping[str, Mapping[str, Any]], **shared: Any) -> str:
        """Write an inventory of these hosts and their variables, and return its path.

        With the lab's inventory, the hosts go into the lab's group, so that they keep their order in the play.
        """
        listed: dict[str, Any] = {"hosts": {host: dict(values) for host, values in hosts.items()}}
        if self.lab:
            listed = {"children": {"appliances": listed}}
        return str(self.write(name, {"all": {"vars": shared, **listed}}))

    def write(self, name: str, content: Any) -> Path:
        path = self.folder / name
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        path.chmod(0o600)
        return path

    def _run(
        self,
        command: list[str],
        environment: Mapping[str, str] | None,
        watch: Callable[[subprocess.Popen[str]], None] | None,
        seconds: float = SECONDS,
    ) -> Run:
        self._runs += 1
        record = self.folder / f"record-{self._runs}.jsonl"
        command[0] = str(self._programs / command[0])
        if self.lab:
            command[2:2] = ["--inventory", str(self.lab.inventory)]
        process = self._start(command, {**self.environment(), **_recording(record)}, environment)
        try:
            if watch:
                watch(process)
            output, _none = process.communicate(timeout=seconds)
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()
        self.outputs.append(output)
        return _read(process.returncode, output, record)

    def _start(
        self, command: list[str], common: Mapping[str, str], more: Mapping[str, str] | None
    ) -> subprocess.Popen[str] | WarmRun:
        if self._is_warm and not more:
            return WarmRun(command, self.folder, common, self.folder / f"output-{self._runs}.txt")
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**common, **(more or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def environment(self) -> dict[str, str]:
        """Return the environment of a run: nothing of the user who runs the tests."""
        return {
            "PATH": f"{self._programs}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self._temp),
            "LANG": "C.UTF-8",
            "COLUMNS": "1000",
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_ASYNCOS_LOGIN_TIMEOUT": "8",  # seconds; the wait for a prompt would take 90
        }


def _recording(record: Path) -> dict[str, str]:
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "record_results",
        "ANSIBLE_LOAD_CALLBACK_PLUGINS": "true",
        "RECORD_RESULTS": str(record),
    }


def _read(rc: int, output: str, record: Path) -> Run:
    lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    records = [json.loads(line) for line in lines]
    return Run(
        rc=rc,
        output=output,
        results=tuple(
            Result(entry["task"], entry["host"], entry["status"], entry["run_once"], entry["result"], entry["at"])
            for entry in records
            if entry["kind"] == "result"
        ),
        recap=next((entry["hosts"] for entry in records if entry["kind"] == "recap"), {}),
        task_starts=tuple((entry["task"], entry["at"]) for entry in records if entry["kind"] == "task"),
    )
