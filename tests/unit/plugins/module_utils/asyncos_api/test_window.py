# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The times of a search: whole minutes of UTC that hold all that was asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.window import read_last, read_time, window_of
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused

NOW = datetime(2026, 1, 12, 9, 30, 48, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "last", "begins", "ends"),
    [
        (None, None, None, "2026-01-11T09:30:00.000Z", "2026-01-12T09:31:00.000Z"),
        (None, None, "15m", "2026-01-12T09:15:00.000Z", "2026-01-12T09:31:00.000Z"),
        (None, "2026-01-12T09:00:00Z", "2 hours", "2026-01-12T07:00:00.000Z", "2026-01-12T09:00:00.000Z"),
        ("2026-01-01", None, None, "2026-01-01T00:00:00.000Z", "2026-01-12T09:31:00.000Z"),
        ("2026-01-01 08:15:59", "2026-01-01T08:16:01", None, "2026-01-01T08:15:00.000Z", "2026-01-01T08:17:00.000Z"),
        ("2026-01-01T08:15+02:00", "2026-01-01T08:16Z", None, "2026-01-01T06:15:00.000Z", "2026-01-01T08:16:00.000Z"),
        ("2026-01-01T08:15:00.123z", None, None, "2026-01-01T08:15:00.000Z", "2026-01-12T09:31:00.000Z"),
    ],
)
def test_windows(start: str | None, end: str | None, last: str | None, begins: str, ends: str) -> None:
    assert window_of(start, end, last, NOW).as_query() == {"startDate": begins, "endDate": ends}


def test_a_whole_minute_stays() -> None:
    whole = window_of(None, None, "1m", datetime(2026, 1, 12, 9, 30, tzinfo=UTC))
    assert whole.as_result() == {"start": "2026-01-12T09:29:00Z", "end": "2026-01-12T09:30:00Z"}


@pytest.mark.parametrize(
    ("start", "end", "last", "words"),
    [
        ("yesterday", None, None, "start is not a valid time: 'yesterday'. Fix: write it like 2026-"),
        (None, "2026-13-01", None, "end is"),
        ("2026-01-12T10:00:00Z", None, None, "end (2026-01-12T09:31:00Z) is not later than start"),
        ("2026-01-01T08:15:00Z", "2026-01-01T08:15:00Z", None, "is not later"),
        (None, None, "soon", "last is not a valid duration: 'soon'. Fix: write it like 15m"),
        (None, None, "0m", "last is"),
        (None, None, "-5m", "last is"),
        (None, None, "99999w", "before 1970"),
        ("0900-01-01", None, None, "before 1970"),
        ("0001-01-01T00:00:00+14:00", None, None, "outside the supported range"),
    ],
)
def test_invalid_time_ranges_are_refused(start: str | None, end: str | None, last: str | None, words: str) -> None:
    with pytest.raises(OptionRefused) as caught:
        window_of(start, end, last, NOW)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1m", timedelta(minutes=1)),
        ("90 Minutes", timedelta(minutes=90)),
        (" 2h ", timedelta(hours=2)),
        ("30 days", timedelta(days=30)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_durations(text: str, length: timedelta) -> None:
    assert read_last(text) == length


def test_times_without_an_offset_are_utc() -> None:
    assert read_time("start", "2026-01-12T09:30") == read_time("start", "2026-01-12T10:30+01:00")
