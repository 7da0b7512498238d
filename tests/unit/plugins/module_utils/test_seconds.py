# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A time to wait is finite, and not negative."""

from __future__ import annotations

import math

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._seconds import seconds_fault


@pytest.mark.parametrize("value", [-1.0, -0.001, math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("above_0", [False, True])
def test_an_invalid_time_is_refused(value: float, above_0: bool) -> None:
    fault = seconds_fault({"first": 1.0, "second": value}, "first", "second", above_0=above_0)
    wanted = "a number of seconds above 0" if above_0 else "0 seconds or more"
    assert fault == (f"second is {value}", f"set it to {wanted}.")


@pytest.mark.parametrize("value", [0, 0.0, 0.1, 5, 1e6])
def test_a_valid_time_is_accepted(value: float) -> None:
    assert seconds_fault({"wait_timeout": value, "other": -1}, "wait_timeout") is None


def test_a_time_above_0() -> None:
    assert seconds_fault({"timeout": 0.0}, "timeout", above_0=True) == (
        ("timeout is 0.0", "set it to a number of seconds above 0.")
    )
    assert seconds_fault({"timeout": 0.1}, "timeout", above_0=True) is None
