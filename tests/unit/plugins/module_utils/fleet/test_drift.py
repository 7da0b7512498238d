# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict on each appliance: a failed read is unknown, never ok and never drift."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.drift import drift_rows
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.table import text_table

NAME = "esa1.example.com"
SETTINGS = {"esa1": {"region": "europe", "module_name": "ESA 1", "request_timeframe_days": 30}}
REGISTERED = [{"name": NAME, "status": "Registered"}]


def read(registration: str = "registered", steps: list[str] | None = None, **more: Any) -> dict[str, Any]:
    before = {"hostname": NAME, "product": "ESA", "enabled": True, "server": "s", "registration": registration}
    return {"diff": {"before": before, "after": before}, "steps": steps or [], **more}


def devices(found: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    shown = REGISTERED if found is None else found
    return {"results": [{"item": "europe", "ansible_facts": {"sse_devices": shown}, **more}]}


def modules(action: str = "none", **more: Any) -> dict[str, Any]:
    return {"results": [{"item": "europe", "modules": [{"name": "ESA 1", "id": "m-1", "action": action, **more}]}]}


def verdict(appliance: dict[str, Any], sse: dict[str, Any], ctr: dict[str, Any]) -> dict[str, Any]:
    (row,) = drift_rows(SETTINGS, {"esa1": {"esa_ctr__read": appliance}}, sse, ctr)
    return row


DOWN = {"results": [{"item": "europe", "msg": "cannot connect"}]}


@pytest.mark.parametrize(
    ("appliance", "sse", "ctr", "expected"),
    [
        (read(), devices(), modules(), "ok"),
        (read("unregistered", ["register"]), devices([]), modules("created"), "drift"),
        (read(), devices(), modules("updated"), "drift"),
        (read(), devices(), modules("created"), "drift"),
        (read(), devices([]), modules("failed", error="no device"), "drift"),
        (read(), devices([{"name": NAME, "status": "Unregistered"}]), modules(), "drift"),
        (read(), DOWN, DOWN, "unknown"),
        (read(), devices(), DOWN, "unknown"),
        (read(), DOWN, modules(), "unknown"),
        (read(), devices(), modules("failed", error="two modules"), "unknown"),
        (read("in_progress", ["wait"]), devices([]), modules(), "unknown"),
        ({"unreachable": True, "msg": "no answer"}, devices(), modules(), "unknown"),
        ({"msg": "x", "problem": "too old.", "remedy": "upgrade.", "refused": True}, devices(), modules(), "refused"),
        ({}, devices(), modules(), "unknown"),
    ],
)
def test_the_verdict(appliance: dict[str, Any], sse: dict[str, Any], ctr: dict[str, Any], expected: str) -> None:
    row = verdict(appliance, sse, ctr)
    assert row["verdict"] == expected
    assert (row["detail"] == "") == (expected == "ok")


def test_a_row_says_what_is_wanted_found_and_next() -> None:
    row = verdict(read("unregistered", ["register with a registration token"]), devices([]), modules("created"))
    assert row["wanted"]["server"] == "api.eu.sse.itd.cisco.com"
    assert row["found"]["registration"] == "unregistered"
    assert row["steps"] == ["register with a registration token", "module created"]


def test_cells_cannot_steer_the_terminal_and_empty_ones_show() -> None:
    lines = text_table(["host", "detail"], [{"host": "a\x1b[31m\nb", "detail": ""}, {"host": "c", "detail": "d"}])
    assert lines == ["HOST      DETAIL", "a [31m b  -", "c         d"]
