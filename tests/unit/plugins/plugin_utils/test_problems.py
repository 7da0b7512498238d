# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Problems are shown once, and the task fails with their number."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants as C

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import Kind, Problem
from ansible_collections.emailsec.ctr.plugins.plugin_utils._problems import HEADING, refusal


class Shown:
    """The lines on the terminal, and whether they went to the standard error."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, bool]] = []
        self.action: Any = SimpleNamespace(_display=self, _task=SimpleNamespace(_ds={"a": "task"}))

    def display(self, line: str, color: str, stderr: bool) -> None:
        self.lines.append((line, stderr))


def problem(variable: str, *hosts: str) -> Problem:
    return Problem(Kind.WRONG_VALUE, variable, "is 'soon'", "set a number.", hosts)


@pytest.mark.parametrize(
    ("problems", "count"),
    [
        ([problem("esa_ctr_wait_timeout", "a")], "1 problem is"),
        ([problem("esa_ctr_wait_timeout", "a"), problem("esa_ctr_wait_timeout", "b")], "1 problem is"),
        ([problem("esa_ctr_wait_timeout", "a"), problem("esa_ctr_wait_interval", "a")], "2 problems are"),
    ],
)
def test_the_number_of_problems(problems: list[Problem], count: str) -> None:
    shown = Shown()
    result = refusal(shown.action, problems)
    assert result == {"failed": True, "changed": False, "msg": f"Nothing was changed: {count} listed above."}
    assert shown.lines[1] == (HEADING, False)
    assert len(shown.lines) == 3 + 2 * int(count[0]), (
        "a blank line, the heading, a problem and its fix each, a blank line"
    )
    assert shown.action._task._ds is None


@pytest.mark.parametrize("callback", ["ansible.posix.json", "jsonl"])
def test_with_a_callback_that_writes_json_the_result_has_the_lines(
    monkeypatch: pytest.MonkeyPatch, callback: str
) -> None:
    monkeypatch.setattr(C, "DEFAULT_STDOUT_CALLBACK", callback)
    shown = Shown()
    assert refusal(shown.action, [problem("esa_ctr_wait_timeout", "a")])["problems"] == [
        "- a: esa_ctr_wait_timeout is 'soon'.",
        "  Fix: set a number.",
    ]
    assert all(stderr for _line, stderr in shown.lines)
