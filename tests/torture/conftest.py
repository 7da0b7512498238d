# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The torture: one folder per suite. It shows its seed, cases and times as a table, and how to repeat a failed case."""

from __future__ import annotations

import json
import random
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.fixtures import ansible, bare_ansible, lab, lab_of_file

__all__ = ["ansible", "bare_ansible", "lab", "lab_of_file"]

CASES, FIGURE = "cases", "figure"


@dataclass
class Suite:
    """What a suite did: cases, failed tests, tests without time left, seconds, and figures by name."""

    cases: int = 0
    failed: int = 0
    not_run: int = 0
    seconds: float = 0.0
    figures: dict[str, str] = field(default_factory=dict)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("torture")
    group.addoption("--seed", type=int, default=1, help="the seed of everything that is random")
    group.addoption("--minutes", type=float, default=90.0, help="tests that would start later are not run")
    group.addoption("--figures", type=Path, help="write the table to this JSON file")


class _Table:
    """Collect the suites from the reports of the tests; with xdist, in the process that starts the workers."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.suites: dict[str, Suite] = defaultdict(Suite)
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.nodeid.startswith("tests/torture/"):
            return
        suite = self.suites[Path(report.nodeid.split("::")[0]).parent.name]
        suite.seconds += report.duration
        if report.skipped:
            suite.not_run += 1
        elif report.failed:
            suite.failed += 1
            self.failed.append(report.nodeid)
        if report.when == "call":
            recorded = report.user_properties
            suite.cases += sum(int(value) for name, value in recorded if name == CASES) or (0 if report.skipped else 1)
            suite.figures |= {
                str(name): str(value) for key, pair in recorded if key == FIGURE for name, value in [pair]
            }

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.suites:
            return
        write = terminalreporter.write_line
        seed = self.config.getoption("--seed")
        terminalreporter.section(f"torture, seed {seed}")
        write(f"{'suite':<10}{'cases':>9}{'failed':>9}{'not run':>9}{'seconds':>9}")
        for name, suite in sorted(self.suites.items()):
            write(f"{name:<10}{suite.cases:>9,}{suite.failed:>9}{suite.not_run:>9}{suite.seconds:>9,.0f}")
            for figure, value in sorted(suite.figures.items()):
                write(f"          {figure}: {value}")
        for test in self.failed:
            write(f"to repeat: make torture SEED={seed} TESTS='{test}'")
        if path := self.config.getoption("--figures"):
            suites = {name: {**asdict(suite), "seconds": round(suite.seconds)} for name, suite in self.suites.items()}
            document = {"seed": seed, "suites": suites}
            path.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Table(config))


def pytest_report_header(config: pytest.Config) -> str:
    return f"torture: seed {config.getoption('--seed')}, at most {config.getoption('--minutes'):g} minutes"


@pytest.fixture(scope="session")
def _ends(pytestconfig: pytest.Config) -> float:
    return time.monotonic() + 60 * pytestconfig.getoption("--minutes")


@pytest.fixture(autouse=True)
def _in_time(_ends: float) -> None:
    if time.monotonic() > _ends:
        pytest.skip("no time left (--minutes)")


@pytest.fixture
def rng(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> random.Random:
    """Return the random numbers of this test: the same ones for the same seed and test."""
    return random.Random(f"{pytestconfig.getoption('--seed')} {request.node.nodeid}")


class Tally:
    """Count the cases of a test that has more than one, and record its figures for the table."""

    def __init__(self, record: Any) -> None:
        self._record = record

    def cases(self, number: int) -> None:
        self._record(CASES, number)

    def figure(self, name: str, value: object) -> None:
        self._record(FIGURE, (name, str(value)))


@pytest.fixture
def tally(record_property: Any) -> Tally:
    return Tally(record_property)
