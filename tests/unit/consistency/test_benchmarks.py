# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmarks, which no check runs, import only names that exist."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.unit.consistency.support import ROOT

BENCHMARKS = sorted((ROOT / "tests" / "bench").glob("bench_*.py"))


def test_there_are_benchmarks() -> None:
    assert BENCHMARKS


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.name)
def test_a_benchmark_can_be_imported(path: Path) -> None:
    assert callable(importlib.import_module(f"tests.bench.{path.stem}").main)
