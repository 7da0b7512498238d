# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A forked run is like a command: its own settings, environment and exit code, and no file is left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.warm_ansible.runs import WarmRun

SHOW = "{{ lookup('ansible.builtin.config', 'DEFAULT_FORKS') }} {{ lookup('ansible.builtin.env', 'WHOSE') }}"


@pytest.mark.parametrize("forks", [3, 7])
def test_a_run_has_its_own_settings_and_environment(tmp_path: Path, forks: int) -> None:
    (tmp_path / "ansible.cfg").write_text(f"[defaults]\nforks = {forks}\n", encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
        "ANSIBLE_HOME": str(tmp_path / "home"),
        "WHOSE": f"run {forks}",
    }
    command = ["ansible", "localhost", "-m", "ansible.builtin.debug", "-a", f'msg="{SHOW}"']
    run = WarmRun(command, tmp_path, environment, tmp_path / "output.txt")
    output, _none = run.communicate(timeout=60)
    assert run.returncode == 0, output
    assert f'"msg": "{forks} run {forks}"' in output
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == []
    assert not list((tmp_path / "home" / "tmp").iterdir())


def test_a_failure_is_the_exit_code(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    command = ["ansible", "localhost", "-m", "ansible.builtin.fail"]
    run = WarmRun(command, tmp_path, environment, tmp_path / "output.txt")
    output, _none = run.communicate(timeout=60)
    assert run.returncode == 2, output
