# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simultaneous runs on one region: each run creates its modules before it sees those of the others; one of each is kept.

``RUNS_AT_ONCE`` sets how often that is tried.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.modules import ensure_modules

TRIES = int(os.environ.get("RUNS_AT_ONCE", "15"))
DEVICES = ("esa1", "esa2", "esa3")
INSTANCES = "/iroh/iroh-int/module-instance"


@pytest.fixture
def at_once(iroh: Any, make_client: Any) -> Any:
    """Let several runs add the same modules. Each run reads before any run creates."""

    def run_all(runs: int) -> list[tuple[dict[str, Any], list[str]]]:
        together = threading.Barrier(runs)

        def looked(*answer: Any) -> Any:
            together.wait(10)
            return answer

        iroh.trick("GET", INSTANCES, changes=looked, times=runs)

        def run() -> tuple[dict[str, Any], list[str]]:
            warned: list[str] = []
            options = {
                "modules": [{"name": f"M {device}", "device": device} for device in DEVICES],
                "request_timeframe_days": 30,
                "enabled": True,
                "product": "esa",
                "module_types": None,
                "state": "present",
                "assumed_devices": [],
                "known_devices": None,
                "list_orphans": False,
            }
            module = SimpleNamespace(params=options, check_mode=False, warn=warned.append)
            with make_client() as client:
                return ensure_modules(module, client), warned

        with ThreadPoolExecutor(runs) as pool:
            return [future.result() for future in [pool.submit(run) for _run in range(runs)]]

    return run_all


@pytest.mark.parametrize("runs", [2, 3])
def test_simultaneous_runs_keep_one_module(iroh: Any, at_once: Any, runs: int) -> None:
    for device in DEVICES:
        iroh.device(device)
    duplicates = 0
    for _try in range(TRIES):
        iroh.instances.clear()
        results = at_once(runs)
        duplicates += len(iroh.instances) - len(DEVICES)
        assert sorted({one["name"] for one in iroh.instances}) == [f"M {device}" for device in DEVICES]
        ids = {one["id"] for one in iroh.instances}
        for result, warned in results:
            assert not result.get("failed")
            assert {row["id"] for row in result["modules"]} == ids, "every run returns the kept module"
            withdrawn = [row for row in result["modules"] if row["action"] == "none"]
            assert len(withdrawn) == len([text for text in warned if "another run created the module" in text])
    print(f"{TRIES} tries of {runs} runs: {duplicates} duplicates")
    assert duplicates == 0
