# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wall clock that jumps by an hour in the middle of a wait, or is off by an hour, changes no wait."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils import _waiting
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api import tracking
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.retry import RetryBudget, seconds_of_retry_after
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.tokens import _expired
from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import Answer
from ansible_collections.emailsec.ctr.plugins.module_utils._http.token_auth import Grant, TokenAuth
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets
from ansible_collections.emailsec.ctr.plugins.plugin_utils._token_renewal import TokenRenewal
from tests.torture.conftest import Tally

ROOT = Path(__file__).resolve().parents[3]
HOUR = timedelta(hours=1)
JUMPS = (-HOUR, timedelta(), HOUR)
TRIES = 200
WALL_CLOCK = {
    "action/fleet_drift_report.py": "the time of a report",
    "action/fleet_rollout.py": "maintenance windows, and the time of a wave",
    "action/probe.py": "the time of a report",
    "module_utils/_asyncos_api/tracking.py": "the time range of a search, and the time of a reading",
    "module_utils/_cloud/client.py": "the time of a report of the quota",
    "module_utils/_cloud/investigate/investigation.py": "the time of a reading",
    "module_utils/_cloud/retry.py": "a date without the time of its answer",
    "module_utils/_fleet/portal_tokens.py": "the expiry in a file of the portal, with two hours of tolerance",
    "module_utils/_fleet/quota.py": "the age of a report of the quota",
    "module_utils/_mail/marked_message.py": "the date of a message",
    "module_utils/_mail/options.py": "the time of a message",
    "module_utils/_probe/region.py": "the time range of a search",
    "module_utils/_records.py": "the name of a file",
    "module_utils/_report/saved_rows.py": "the time of a report",
    "module_utils/_times.py": "compared with the clock of an appliance or the API",
}
"""The files that read the wall clock, and what for. No wait is among them."""


class Clocks:
    """A monotonic clock, and a wall clock that jumps once, at a random time."""

    def __init__(self, rng: random.Random, jump: timedelta) -> None:
        self.seconds = rng.uniform(10, 1000)
        self._begin = self.seconds
        self._at = self.seconds + rng.uniform(0, 60)
        self._jump = jump
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def now(self) -> datetime:
        passed = timedelta(seconds=self.seconds - self._begin)
        return (
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
            + passed
            + (self._jump if self.seconds >= self._at else timedelta())
        )


def wall_clocks(source: str) -> Iterator[str]:
    """Yield each call that reads the wall clock, with its arguments."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = ast.unparse(node.func)
            if called in (
                "time.time",
                "datetime.now",
                "datetime.utcnow",
                "datetime.today",
                "date.today",
                "time.localtime",
            ):
                yield ast.unparse(node)


def test_the_wall_clock_is_read_in_utc_and_never_for_a_wait() -> None:
    found = {
        str(path.relative_to(ROOT / "plugins")): set(wall_clocks(path.read_text(encoding="utf-8")))
        for path in sorted((ROOT / "plugins").rglob("*.py"))
    }
    used = {name: calls for name, calls in found.items() if calls}
    assert set(used) == set(WALL_CLOCK)
    assert set().union(*used.values()) == {"datetime.now(timezone.utc)"}


def test_a_wait_ends_by_the_monotonic_clock(rng: random.Random, tally: Tally) -> None:
    for _try in range(TRIES):
        clocks, timeout, interval = Clocks(rng, rng.choice(JUMPS)), rng.uniform(1, 90), rng.uniform(0.1, 10)
        options = {"wait_progress": None, "wait_timeout": timeout, "wait_interval": interval}
        wait, began = _waiting.Wait(options, clocks.sleep, clocks.monotonic), clocks.seconds
        while not wait.is_over():
            wait.pause()
        assert clocks.seconds - began == pytest.approx(timeout)
    tally.cases(TRIES)


def test_an_access_token_is_used_for_its_lifetime(rng: random.Random, tally: Tally) -> None:
    for _try in range(TRIES):
        clocks, logins = Clocks(rng, rng.choice(JUMPS)), []

        def log_in(logins: list[float] = logins, clocks: Clocks = clocks) -> Grant:
            logins.append(clocks.seconds)
            return Grant("t", Exception(), 600.0)  # type: ignore[arg-type]

        auth = TokenAuth(log_in, Secrets(), header="h", clock=clocks.monotonic)
        for _request in range(50):
            auth.ready()
            clocks.sleep(rng.uniform(0, 60))
        gaps = [after - before for before, after in zip(logins, logins[1:], strict=False)]
        assert all(540 <= gap < 660 for gap in gaps), gaps
    tally.cases(TRIES)


def test_a_registration_token_expires_by_the_monotonic_clock(rng: random.Random, tally: Tally) -> None:
    for _try in range(TRIES):
        clocks, age = Clocks(rng, rng.choice(JUMPS)), rng.uniform(0, 7200)
        renewal = TokenRenewal({"lifetime": "1h", "issued_at": clocks.seconds}, clocks.monotonic)
        clocks.sleep(age)
        assert renewal.expired == (age > 3570)
    tally.cases(TRIES)


@pytest.mark.parametrize("off", JUMPS)
def test_an_expired_token_is_recognized_by_the_clock_of_the_cloud(off: timedelta) -> None:
    now = datetime.now(UTC) + off
    for seconds, expired in ((-5, True), (0, True), (5, False), (3600, False)):
        expires_at = (now + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert _expired(expires_at, now) == expired


def answer(date: datetime | None, **headers: str) -> Answer:
    shown = {"Date": format_datetime(date, usegmt=True)} if date else {}
    return Answer("GET", "/", "h", 429, {**shown, **headers}, b"")


def test_a_date_to_retry_after_is_read_by_the_clock_of_the_cloud(rng: random.Random, tally: Tally) -> None:
    for _try in range(TRIES):
        off, asked = rng.choice(JUMPS), rng.randrange(1, 250)
        date = (datetime.now(UTC) + off).replace(microsecond=0)
        retry = format_datetime(date + timedelta(seconds=asked), usegmt=True)
        found = answer(date, **{"Retry-After": retry})
        assert seconds_of_retry_after(found.headers["Retry-After"], found.date) == asked
    tally.cases(TRIES)


@pytest.mark.parametrize("date", ["", "yesterday", "Sun, 99 Oct 2026 00:00:00 GMT"])
def test_an_answer_without_a_readable_date_has_none(date: str) -> None:
    assert Answer("GET", "/", "h", 200, {"Date": date}, b"").date is None
    assert answer(None).date is None


def test_pauses_before_retries_are_bounded_by_what_was_waited(rng: random.Random, tally: Tally) -> None:
    for _try in range(TRIES):
        clocks, budget_of = Clocks(rng, rng.choice(JUMPS)), rng.uniform(1, 300)
        budget = RetryBudget(budget_of, clocks.sleep)
        attempt = 0
        while budget.wait(rng.choice([None, rng.uniform(0, 60)]), attempt := attempt + 1):
            pass
        assert sum(clocks.slept) == pytest.approx(budget.waited) and budget.waited <= budget_of
    tally.cases(TRIES)


@pytest.fixture
def search_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, str]]]:
    """Return the time ranges of the searches of a wait with these clocks, for an appliance whose clock differs."""

    def search(clocks: Clocks, ahead: timedelta, **options: Any) -> list[dict[str, str]]:
        asked: list[dict[str, str]] = []

        def read(_client: Any, query: dict[str, str], _most: int) -> dict[str, Any]:
            asked.append(query)
            return {"messages": []}

        class Wall(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return clocks.now()

        with monkeypatch.context() as patch:
            patch.setattr(tracking, "datetime", Wall)
            patch.setattr(tracking, "read_messages", read)
            patch.setattr(tracking, "query_of", lambda _options: {})
            patch.setattr(tracking, "_not_tracked", lambda *_unused: TimeoutError())
            given = {"start": None, "end": None, "last": "15m", "max_messages": 1, "wait_progress": None, **options}
            client = SimpleNamespace(clock_difference=ahead, host="h")
            with pytest.raises(TimeoutError):
                tracking.find_messages(client, given, sleep=clocks.sleep, clock=clocks.monotonic)  # type: ignore[arg-type]
        return asked

    return search


def test_the_time_range_of_a_search_does_not_follow_a_jump(
    rng: random.Random, tally: Tally, search_with: Callable[..., list[dict[str, str]]]
) -> None:
    for _try in range(TRIES):
        seed, timeout = rng.random(), rng.uniform(1, 120)
        ahead = rng.choice(JUMPS)
        ranges = [
            search_with(Clocks(random.Random(seed), jump), ahead, wait_timeout=timeout, wait_interval=3.0)
            for jump in JUMPS
        ]
        # A jump before the first search moves the range: only jumps in the middle of the wait are compared.
        assert ranges[0] == ranges[1] == ranges[2]
        begin, end = (
            datetime.fromisoformat(ranges[0][-1][key].replace("Z", "+00:00")) for key in ("startDate", "endDate")
        )
        sent = datetime(2026, 10, 25, 0, 30, tzinfo=UTC) + ahead
        assert begin < sent < end, "the message that was just sent, by the clock of the appliance"
    tally.cases(TRIES)
