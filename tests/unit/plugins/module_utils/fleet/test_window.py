# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Maintenance windows: when they are open, and which texts are windows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.window import is_open, is_window, parse_window


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "time", "is_in"),
    [
        # Berlin is one hour ahead of UTC in winter, and two hours in summer.
        ("22:00-04:00 Europe/Berlin", "2026-01-15T21:00", True),
        ("22:00-04:00 Europe/Berlin", "2026-01-15T20:59", False),
        ("22:00-04:00 Europe/Berlin", "2026-01-16T02:59", True),
        ("22:00-04:00 Europe/Berlin", "2026-01-16T03:00", False),
        ("22:00-04:00 Europe/Berlin", "2026-07-15T20:00", True),
        # The 17th is a Saturday. The window of Sunday night ends on Monday morning.
        ("Sat-Sun 22:00-04:00 UTC", "2026-01-16T23:00", False),
        ("Sat-Sun 22:00-04:00 UTC", "2026-01-17T03:00", False),
        ("Sat-Sun 22:00-04:00 UTC", "2026-01-17T23:00", True),
        ("Sat-Sun 22:00-04:00 UTC", "2026-01-19T03:59", True),
        ("Sun-Mon 08:00-09:00 UTC", "2026-01-19T08:30", True),
        ("sun 00:00-24:00 UTC", "2026-01-18T23:59", True),
        ("sun 00:00-24:00 UTC", "2026-01-19T00:00", False),
        ("08:00-24:00 UTC", "2026-01-19T23:59", True),
        ("08:00-24:00 UTC", "2026-01-19T07:59", False),
        # It is already Monday in Auckland.
        ("Mon 08:00-10:00 Pacific/Auckland", "2026-01-18T20:00", True),
    ],
)
def test_a_window_is_open_in_its_time_zone(window: str, time: str, is_in: bool) -> None:
    assert parse_window(window).is_open(at(time)) is is_in


def test_one_open_window_is_enough_and_no_window_is_always_open() -> None:
    assert is_open([], at("2026-01-15T12:00"))
    assert is_open(["01:00-02:00 UTC", "11:00-13:00 UTC"], at("2026-01-15T12:00"))
    assert not is_open(["01:00-02:00 UTC", "13:00-14:00 UTC"], at("2026-01-15T12:00"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("22:00-04:00", "not a window"),
        ("22-04 UTC", "not a window"),
        ("25:00-04:00 UTC", "no time 25:00"),
        ("10:00-10:60 UTC", "no time 10:60"),
        ("10:00-10:00 UTC", "same time"),
        ("Foo 10:00-11:00 UTC", "no days Foo"),
        ("Mon-Foo 10:00-11:00 UTC", "no days Mon-Foo"),
        ("10:00-11:00 Europe/Atlantis", "Europe/Atlantis that is unknown"),
        ("10:00-11:00 ../../etc/passwd", "not a window"),
        ("10:00-11:00 /etc/localtime", "unknown"),
        ("10:00-11:00 Europe", "unknown"),
    ],
)
def test_anything_else_is_not_a_window(text: str, problem: str) -> None:
    assert not is_window(text)
    with pytest.raises(ValueError, match=problem):
        parse_window(text)
