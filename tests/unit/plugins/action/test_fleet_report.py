# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report of a run shows its table, and saves its rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.action.fleet_report import ActionModule
from tests.unit.plugins.action.controller import run_action

ROWS = [{"host": "a", "result": "ok"}, {"host": "b", "result": "broken"}, {"host": "c", "result": "ok"}]
TABLE: dict[str, Any] = {"title": "Verification", "columns": ["host", "result"], "count_by": "result", "rows": ROWS}


def test_a_report_changes_nothing_and_counts_its_rows() -> None:
    result = run_action(ActionModule, TABLE)
    assert (result["changed"], result["counts"]) == (False, {"ok": 2, "broken": 1})
    assert "dest" not in result


def test_the_rows_are_saved(tmp_path: Path) -> None:
    dest = tmp_path / "reports" / "verification.json"
    assert run_action(ActionModule, {**TABLE, "dest": str(dest)})["dest"] == str(dest)
    assert json.loads(dest.read_text())["rows"] == ROWS


def test_a_folder_that_cannot_be_written_fails_with_a_fix() -> None:
    with pytest.raises(AnsibleActionFail, match="cannot write the report to /proc/none/x.json.*esa_ctr_report_dir"):
        run_action(ActionModule, {**TABLE, "dest": "/proc/none/x.json"})
