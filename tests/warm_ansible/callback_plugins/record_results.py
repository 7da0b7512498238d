# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: record_results
type: notification
short_description: Writes the results of tasks for the tests, one JSON object per line
description:
  - Writes to the file that the environment variable RECORD_RESULTS names.
requirements: []
options: {}
"""


class CallbackModule(CallbackBase):
    """A callback like any other, so a value that is hidden on the screen must be hidden here too."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "record_results"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._write(kind="task", task=task.get_name().rpartition(" : ")[2])

    def v2_runner_on_ok(self, result: Any) -> None:
        self._result("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._result("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._result("unreachable", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._result("skipped", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._write(kind="recap", hosts={host: stats.summarize(host) for host in stats.processed})

    def _result(self, status: str, result: Any) -> None:
        # ansible-core 2.19 made these public
        task, host, values = (
            getattr(result, name, None) or getattr(result, f"_{name}") for name in ("task", "host", "result")
        )
        self._write(
            kind="result",
            status=status,
            task=task.get_name().rpartition(" : ")[2],
            host=host.get_name(),
            run_once=bool(task.run_once),
            result={key: value for key, value in values.items() if not key.startswith("_ansible_")},
        )

    def _write(self, **record: Any) -> None:
        record["at"] = datetime.now(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
        with open(os.environ["RECORD_RESULTS"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(record, default=str) + "\n")
