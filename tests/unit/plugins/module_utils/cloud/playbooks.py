# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real playbooks for tests: written, run at the highest verbosity, and searched for secrets."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.warm_ansible.runs import WarmRun


class Played:
    """The result of a playbook: exit code, output, and registered results."""

    def __init__(self, code: int, output: str, registered: Path) -> None:
        self.code = code
        self.output = output
        self._registered = registered

    @property
    def registered(self) -> Any:
        return json.loads(self._registered.read_text())

    def lines(self, pattern: str) -> list[str]:
        return [line for line in self.output.splitlines() if re.fullmatch(pattern, line)]


def play(folder: Path, action: dict[str, Any], *arguments: str, verbose: str = "-vvvv", **task: Any) -> Played:
    """Run one task on localhost, register its result, and save it in a file by a task that shows nothing."""
    saved = folder / "registered.json"
    saved.unlink(missing_ok=True)
    tasks = [
        {"name": "The task", **action, "register": "seen", "ignore_errors": True, **task},
        {
            "name": "Save what was registered",
            "ansible.builtin.copy": {"content": "{{ seen | to_json }}", "dest": str(saved), "mode": "0600"},
            "no_log": True,
            "check_mode": False,
            "diff": False,
        },
    ]
    variables = {"ansible_python_interpreter": sys.executable}
    book = folder / "play.yml"
    book.write_text(
        yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}]),
        encoding="utf-8",
    )
    environment = {
        **os.environ,
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_HOME": str(folder / "home"),
        "NO_COLOR": "1",
        "COLUMNS": "1000",
    }
    command = ["ansible-playbook", "-i", "localhost,", "-c", "local", str(book), *arguments]
    if verbose:
        command.append(verbose)
    run = WarmRun(command, folder, environment, folder / "output.txt")
    try:
        output, _none = run.communicate(timeout=120)
    finally:
        run.kill()
    return Played(run.returncode or 0, output, saved)
