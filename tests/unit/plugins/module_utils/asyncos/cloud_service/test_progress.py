# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a line of progress is due."""

from __future__ import annotations

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.progress import Progress


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def lines(total: int, failing: set[int] = frozenset(), pace: float = 0.0) -> list[str]:  # type: ignore[assignment]
    clock = Clock()
    progress = Progress(total, clock)
    said = []
    for number in range(1, total + 1):
        clock.seconds += pace
        said.append(progress.count(failed=number in failing))
    return [line for line in said if line]


def test_each_tenth_and_the_end_are_shown() -> None:
    said = lines(200, failing={15, 16, 200})
    assert [line.split()[0] for line in said] == [str(number) for number in range(20, 201, 20)]
    assert said[0] == "20 of 200 read, 2 failed"
    assert said[-1] == "200 of 200 read, 3 failed"


def test_a_total_that_has_no_tenth_ends_with_the_total() -> None:
    said = lines(13)
    assert [int(line.split()[0]) for line in said] == [2, 3, 4, 6, 7, 8, 10, 11, 12, 13]


def test_slow_progress_is_shown_every_five_seconds() -> None:
    said = lines(1000, pace=1.0)
    assert [int(line.split()[0]) for line in said][:3] == [5, 10, 15]
    assert said[-1].startswith("1000 of 1000 read")


@pytest.mark.parametrize("pace", [0.0, 60.0])
def test_a_single_appliance_shows_no_progress(pace: float) -> None:
    assert lines(1, pace=pace) == []


def test_progress_of_two_appliances_is_shown_twice() -> None:
    assert lines(2, failing={1}) == ["1 of 2 read, 1 failed", "2 of 2 read, 1 failed"]
