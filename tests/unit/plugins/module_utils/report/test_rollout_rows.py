# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is shown of a rollout."""

from __future__ import annotations

from datetime import UTC, datetime

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.waves import (
    HostResult,
    Result,
    Results,
    Rollout,
    plan_waves,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.rollout_rows import (
    counts_of,
    heading_of_wave,
    host_rows,
    not_started_lines,
    progress_line,
    stop_line,
    wave_rows,
)

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
REGIONS_OF = {f"h{n}": "europe" for n in range(1, 6)}
ROLLOUT = Rollout(
    plan_waves(REGIONS_OF, [1, "100%"], False),
    REGIONS_OF,
    frozenset({"h2"}),
    {"h1": ("01:00-02:00 UTC",), "h2": ("11:00-13:00 UTC",), "h3": ("01:00-02:00 UTC",)},
    "1",
)
RESULTS = Results(
    {
        "h1": HostResult(Result.DONE),
        "h2": HostResult(Result.FAILED, "broken"),
        "h3": HostResult(Result.NOT_STARTED, "outside its maintenance window (x)"),
        "h4": HostResult(Result.NOT_STARTED, "outside its maintenance window (x)"),
    }
)


def test_the_table_of_the_waves() -> None:
    first, second = wave_rows(ROLLOUT, NOON)
    assert (first["wave"], first["to_change"], first["window"], first["hosts"]) == (1, 1, "closed", "h1")
    assert (second["appliances"], second["to_change"], second["window"]) == (4, 3, "partly open")
    assert second["brief"] == "h2 and 3 more"


def test_the_lines_of_a_wave() -> None:
    wave = ROLLOUT.waves[1]
    assert heading_of_wave(ROLLOUT, wave, ["h3", "h4"]) == "Wave 2 of 2 (europe): 2 appliances of 4 to start"
    assert progress_line(ROLLOUT, wave, RESULTS, False) == "[########------------] wave 2 of 2: 1 of 5 done, 1 failed"
    assert progress_line(ROLLOUT, wave, RESULTS, True).endswith("1 of 5 would succeed, 1 would fail")
    assert stop_line(wave, RESULTS, "1").startswith(
        "Stopped after wave 2: 1 of 4 appliances failed (esa_ctr_max_failures: 1)."
    )


def test_every_appliance_has_a_result() -> None:
    rows = host_rows(ROLLOUT, RESULTS, False)
    assert [(row["host"], row["wave"], row["result"]) for row in rows] == [
        ("h1", 1, "done"),
        ("h2", 2, "failed"),
        ("h3", 2, "not started"),
        ("h4", 2, "not started"),
        ("h5", 2, "not started"),
    ]
    assert [row["result"] for row in host_rows(ROLLOUT, RESULTS, True)][:2] == ["would succeed", "would fail"]
    assert counts_of(ROLLOUT, RESULTS) == {"done": 1, "failed": 1, "not started": 3}


def test_each_reason_for_a_late_start_is_shown_once() -> None:
    assert not_started_lines(ROLLOUT, RESULTS) == [
        "h3, h4: not started, outside its maintenance window (x). Fix: rerun later."
    ]
