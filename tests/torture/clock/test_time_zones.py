# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time zone of the controller changes nothing, and a maintenance window means the wall clock of its own zone."""

from __future__ import annotations

import random
import time
import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.window import window_of
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.retry import seconds_of_retry_after
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.window import DAYS, parse_window
from ansible_collections.emailsec.ctr.plugins.module_utils._mail import marked_message
from ansible_collections.emailsec.ctr.plugins.module_utils._report import saved_rows, sentences
from tests.lab.appliance.dates import date_text
from tests.torture.conftest import Tally

ODD = ("Pacific/Chatham", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Apia", "Europe/Berlin")
ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})
MOMENTS = (
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),  # the hour that Europe skips
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # the hour that Europe repeats, first time
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # second time
    datetime(2026, 4, 4, 14, 5, tzinfo=UTC),  # Chatham
    datetime(2011, 12, 30, 10, 0, tzinfo=UTC),  # the day that Apia skipped
    datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
)


@pytest.fixture
def in_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Return a function that sets the time zone of this process."""

    def set_zone(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_zone
    monkeypatch.undo()
    time.tzset()


def zones(rng: random.Random, number: int) -> list[str]:
    return [*ODD, *rng.sample(ZONES, number)]


def at(monkeypatch: pytest.MonkeyPatch, module: Any, moment: datetime) -> None:
    """Let the module see this time."""

    class Fixed(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return moment.astimezone(tz) if tz else moment.astimezone().replace(tzinfo=None)

    monkeypatch.setattr(module, "datetime", Fixed)


def texts(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> list[str]:
    """Return the times that a run writes, sends or compares at this moment."""
    with monkeypatch.context() as patch:
        at(patch, marked_message, moment)
        mail = marked_message.format_datetime(marked_message.datetime.now(UTC))
    created = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    window = window_of(None, None, "15m", moment)
    retry = seconds_of_retry_after("Sun, 25 Oct 2026 02:00:00 GMT", moment)
    return [mail, sentences.moment(created), str(window.as_query()), str(window.as_result()), str(retry)]


def test_every_time_is_the_same_in_every_time_zone_of_the_controller(
    monkeypatch: pytest.MonkeyPatch, rng: random.Random, tally: Tally, in_zone: Callable[[str], None]
) -> None:
    chosen = zones(rng, 60)
    for moment in MOMENTS:
        in_zone("UTC")
        wanted = texts(monkeypatch, moment)
        for zone in chosen:
            in_zone(zone)
            assert texts(monkeypatch, moment) == wanted, (zone, moment)
            assert parsedate_to_datetime(wanted[0]) == moment
    tally.cases(len(chosen) * len(MOMENTS))


def test_saved_reports_have_the_time_of_utc_in_every_time_zone(
    rng: random.Random, tally: Tally, in_zone: Callable[[str], None]
) -> None:
    chosen = zones(rng, 60)
    for zone in chosen:
        in_zone(zone)
        before = datetime.now(UTC).replace(microsecond=0)
        created = datetime.fromisoformat(saved_rows.datetime.now(saved_rows.timezone.utc).isoformat(timespec="seconds"))
        assert created.utcoffset() == timedelta() and timedelta() <= created - before < timedelta(minutes=1)
        assert date_text().endswith(str(before.year))
    tally.cases(len(chosen))


def expected(days: list[int], start: int, end: int, local: datetime) -> bool:
    """Return whether a window is open, minute by minute of the wall clock that people see."""
    minute, today = local.hour * 60 + local.minute, local.weekday()
    if start < end:
        return today in days and start <= minute < end
    return (today in days and minute >= start) or ((today - 1) % 7 in days and minute < end)


def test_a_window_is_open_by_the_wall_clock_of_its_zone(
    rng: random.Random, tally: Tally, in_zone: Callable[[str], None]
) -> None:
    cases = 0
    for zone in zones(rng, 60):
        in_zone(rng.choice(ZONES))
        for _window in range(8):
            first, length, (start, end) = rng.randrange(7), rng.randrange(7), rng.sample(range(0, 1440, 5), 2)
            days = [(first + day) % 7 for day in range(length + 1)]
            named = DAYS[first] if length == 0 else f"{DAYS[first]}-{DAYS[days[-1]]}"
            text = f"{named} {start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d} {zone}"
            window = parse_window(text)
            for moment in (*MOMENTS, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(525_600))):
                local = moment.astimezone(zoneinfo.ZoneInfo(zone))
                assert window.is_open(moment) == expected(days, start, end, local), (text, moment)
                # The same instant, in the time zone of the controller.
                assert window.is_open(moment.astimezone()) == window.is_open(moment)
                cases += 1
    tally.cases(cases)
