# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible and ansible-playbook as forks of a process that has imported Ansible, which saves a second for each run.

Each run has its own process, folder, environment and configuration, as if the command had been started.
"""

from __future__ import annotations

import atexit
import importlib
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.warm_ansible.preloaded"])
_ARCHIVES = tempfile.TemporaryDirectory(prefix="emailsec-ctr-modules-")
_CLIS = {"ansible": "adhoc", "ansible-playbook": "playbook"}


class WarmRun:
    """A run, with the methods of subprocess.Popen that the tests use. ``output`` is the file of its output."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str], output: Path) -> None:
        self._output = output
        self._process: ForkServerProcess = _CONTEXT.Process(
            target=_run, args=(command, str(folder), dict(environment), str(output), _ARCHIVES.name)
        )
        self._process.start()
        assert self._process.pid
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """Wait until the run ends, and return its output."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"the run did not end within {timeout} s")
        return self._output.read_text(encoding="utf-8"), None


def _run(command: list[str], folder: str, environment: dict[str, str], output: str, archives: str) -> None:
    os.setsid()
    atexit._clear()
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(written, stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = command
    # The settings were read with the environment of the process that was forked.
    settings = importlib.reload(importlib.import_module("ansible.constants"))
    # Building the archive of a module reads all its imports; each run of this worker needs the same archives.
    Path(settings.DEFAULT_LOCAL_TMP, "ansiballz_cache").symlink_to(archives)
    importlib.import_module("tests.warm_ansible.preloaded").forget_collections()
    main = importlib.import_module(f"ansible.cli.{_CLIS[Path(command[0]).name]}").main
    try:
        main()
    finally:
        atexit._run_exitfuncs()  # multiprocessing leaves them out
        sys.stdout.flush()
        sys.stderr.flush()
