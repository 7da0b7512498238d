# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The tables and lines of a rollout: its waves, its progress, and the result of each appliance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import named
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.waves import (
    NOT_REACHED,
    Result,
    Results,
    Rollout,
    Wave,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.window import is_open

PREDICTED = {Result.DONE: "would succeed", Result.FAILED: "would fail", Result.NOT_STARTED: "would not start"}
"""The words for results in check mode."""
BAR = 20
"""Length of the progress bar in characters."""

Row = dict[str, Any]


def wave_rows(rollout: Rollout, now: datetime) -> list[Row]:
    """Return one row per wave: how many appliances need a change, and whether their maintenance windows are open."""
    return [
        {
            "wave": wave.number,
            "region": ", ".join(wave.regions),
            "appliances": len(wave.hosts),
            "to_change": sum(host not in rollout.unchanged for host in wave.hosts),
            "window": _window(rollout, wave, now),
            "hosts": named(wave.hosts),
            "brief": wave.hosts[0] + (f" and {len(wave.hosts) - 1} more" if len(wave.hosts) > 1 else ""),
        }
        for wave in rollout.waves
    ]


def host_rows(rollout: Rollout, results: Results, check_mode: bool) -> list[Row]:
    """Return one row per appliance, in the order of the waves."""
    rows = []
    for wave in rollout.waves:
        for host in wave.hosts:
            one = results.hosts.get(host, NOT_REACHED)
            rows.append(
                {
                    "host": host,
                    "region": rollout.regions_of[host],
                    "wave": wave.number,
                    "result": PREDICTED[one.result] if check_mode else one.result.value,
                    "detail": one.detail,
                }
            )
    return rows


def heading_of_wave(rollout: Rollout, wave: Wave, held: Iterable[str]) -> str:
    """Return the line at the start of a wave."""
    number = len(wave.hosts) - len(set(held))
    regions = ", ".join(wave.regions)
    return (
        f"Wave {wave.number} of {len(rollout.waves)} ({regions}): {_appliances(number)} of {len(wave.hosts)} to start"
    )


def progress_line(rollout: Rollout, wave: Wave, results: Results, check_mode: bool) -> str:
    """Return the line at the end of a wave, with the progress of the whole rollout."""
    hosts = rollout.hosts
    done, failed = (len(results.of(hosts, one)) for one in (Result.DONE, Result.FAILED))
    filled = BAR * (done + failed) // len(hosts)
    drawn = "#" * filled + "-" * (BAR - filled)
    words = ("would succeed", "would fail") if check_mode else ("done", "failed")
    return (
        f"[{drawn}] wave {wave.number} of {len(rollout.waves)}: {done} of {len(hosts)} {words[0]}, {failed} {words[1]}"
    )


def stop_line(wave: Wave, results: Results, max_failures: str) -> str:
    """Return why the rollout stops after this wave, and what to do."""
    failed = len(results.of(wave.hosts, Result.FAILED))
    return (
        f"Stopped after wave {wave.number}: {failed} of {_appliances(len(wave.hosts))} failed (esa_ctr_max_failures: {max_failures}). "
        "Fix: correct the failures and rerun; finished appliances are not changed again."
    )


def not_started_lines(rollout: Rollout, results: Results) -> list[str]:
    """Return a line for each reason why appliances were not started."""
    hosts: dict[str, list[str]] = {}
    for host in results.of(rollout.hosts, Result.NOT_STARTED):
        detail = results.hosts.get(host, NOT_REACHED).detail
        if detail:
            hosts.setdefault(detail, []).append(host)
    return [f"{named(of_reason)}: not started, {detail}. Fix: rerun later." for detail, of_reason in hosts.items()]


def counts_of(rollout: Rollout, results: Results) -> Mapping[str, int]:
    """Return the number of appliances for each result."""
    return {one.value: len(results.of(rollout.hosts, one)) for one in Result}


def _window(rollout: Rollout, wave: Wave, now: datetime) -> str:
    states = {is_open(windows, now) for host in wave.hosts if (windows := rollout.windows.get(host, ()))}
    if not states:
        return "none"
    return "open" if states == {True} else "closed" if states == {False} else "partly open"


def _appliances(number: int) -> str:
    return f"{number} appliance{'' if number == 1 else 's'}"
