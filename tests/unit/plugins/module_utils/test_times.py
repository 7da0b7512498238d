# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times of APIs, files and options: one rule for all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._times import clock_difference, time_of

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04T12:00:00Z",
        " 2026-05-04T12:00:00z ",
        "2026-05-04 12:00:00",
        "2026-05-04T12:00",
        "2026-05-04T12:00:00.5Z",
        "2026-05-04T12:00:00.123456789Z",
        "2026-05-04T12:00:00,25+00:00",
        "2026-05-04T14:00:00+02:00",
        "2026-05-04T14:00:00.999+02:00",
    ],
)
def test_a_time_without_offset_is_in_utc_and_fractions_are_dropped(text: str) -> None:
    found = time_of(text)
    assert found == NOON and found.tzinfo is not None


def test_a_time_keeps_its_offset() -> None:
    found = time_of("2026-05-04T14:00:00+02:00")
    assert found and found.tzinfo == timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    "text", [None, "", "soon", "Z", "12:00:00", "2026-13-04T12:00:00Z", 1777896000, ["2026-05-04"]]
)
def test_anything_else_is_no_time(text: object) -> None:
    assert time_of(text) is None


@pytest.mark.parametrize(("seconds", "minutes"), [(3600, 60), (-3600, -60), (61, 1), (30, 0), (-50, 0)])
def test_clocks_differ_from_a_minute_on(seconds: int, minutes: int) -> None:
    shown = datetime.now(UTC) + timedelta(seconds=seconds)
    assert round(clock_difference(shown) / timedelta(minutes=1)) == minutes
