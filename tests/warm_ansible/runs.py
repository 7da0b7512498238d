# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start a run. It has its own process, folder, environment and settings, as if the command had been started."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.warm_ansible.preloaded"])
_ARCHIVES = tempfile.TemporaryDirectory(prefix="emailsec-ctr-modules-")


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


def _run(*arguments: Any) -> None:
    # The fork has it; the tests do not import Ansible.
    from tests.warm_ansible import preloaded

    preloaded.run(*arguments)
