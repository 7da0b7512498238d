# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change is made exactly once, also after lost answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Union

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.write_once import write_once
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import AnswerLost, ApiError, NotSent, Refused

LOST, CONFLICT, INVALID = AnswerLost("lost"), Refused("conflict", http_status=409), Refused("invalid", http_status=400)
MADE, FOUND = "made", "found"
Step = Union[str, ApiError, None]  # noqa: UP007


class Api:
    """Answer the expected calls in this order."""

    def __init__(self, *steps: tuple[str, Step]) -> None:
        self.steps = list(steps)

    def expects(self, call: str) -> Callable[[], str | None]:
        def answer() -> str | None:
            expected, what = self.steps.pop(0)
            assert call == expected
            if isinstance(what, ApiError):
                raise what
            return what

        return answer


def outcome(*steps: tuple[str, Step], may_be_done: bool = False) -> Step:
    """Return the outcome of a change that makes exactly these calls."""
    api = Api(*steps)
    try:
        return write_once(api.expects("write"), api.expects("look"), may_be_done=may_be_done)
    except ApiError as error:
        return error
    finally:
        assert api.steps == []


def test_an_answered_change_is_not_reread() -> None:
    assert outcome(("write", MADE)) == MADE


def test_after_a_lost_answer_a_completed_change_is_not_repeated() -> None:
    assert outcome(("write", LOST), ("look", FOUND)) == FOUND


def test_a_found_value_may_be_falsy() -> None:
    assert write_once(Api(("write", LOST)).expects("write"), lambda: False) is False


def test_after_a_lost_answer_a_missing_change_is_repeated() -> None:
    assert outcome(("write", LOST), ("look", None), ("write", MADE)) == MADE


@pytest.mark.parametrize("second", [LOST, CONFLICT])
def test_after_a_second_failure_the_change_is_reread(second: ApiError) -> None:
    assert outcome(("write", LOST), ("look", None), ("write", second), ("look", FOUND)) == FOUND


@pytest.mark.parametrize("second", [LOST, CONFLICT])
def test_there_is_no_third_attempt(second: ApiError) -> None:
    assert outcome(("write", LOST), ("look", None), ("write", second), ("look", None)) is second


def test_an_error_of_the_reread_is_raised() -> None:
    broken = NotSent("no connection")
    assert outcome(("write", LOST), ("look", broken)) is broken


@pytest.mark.parametrize("refusal", [CONFLICT, INVALID, NotSent("no connection")])
def test_a_first_refusal_is_raised(refusal: ApiError) -> None:
    assert outcome(("write", refusal)) is refusal


def test_a_second_refusal_other_than_a_conflict_is_raised() -> None:
    assert outcome(("write", LOST), ("look", None), ("write", INVALID)) is INVALID


@pytest.mark.parametrize(("found", "comes_of_it"), [(FOUND, FOUND), (None, CONFLICT)])
def test_a_first_conflict_is_reread_if_the_change_may_be_done(found: Step, comes_of_it: Step) -> None:
    assert outcome(("write", CONFLICT), ("look", found), may_be_done=True) == comes_of_it
