# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registration token that expired or was replaced is replaced by a new one, once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._change import Meanwhile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.tokens import NewToken
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.plugin_utils._token_renewal import MARGIN, TokenRenewal, register

HOUR = 3600.0
REFUSED = {
    "failed": True,
    "token_refused": True,
    "refused": False,
    "problem": "the registration failed.",
    "fix": "f",
    "cloud_service": {"registration": "unregistered"},
    "changed": True,
    "diff": {"before": "off", "after": "on"},
    "steps": ["set the server"],
    "actions": [{"kind": "set_server", "detail": ""}],
    "meanwhile": [],
}
DONE = {
    "cloud_service": {"registration": "registered"},
    "changed": True,
    "diff": {"before": "on", "after": "registered"},
    "steps": ["register"],
    "actions": [{"kind": "register", "detail": ""}],
    "meanwhile": [],
}
NO_TOKEN = {"failed": True, "refused": True, "token_refused": False, "problem": "no token", "fix": "f"}


class Renewal(TokenRenewal):
    """A renewal without a cloud. ``answers`` are new tokens or errors."""

    def __init__(self, *answers: NewToken | ApiError, age: float = 0.0) -> None:
        super().__init__({"lifetime": "1h", "issued_at": 5000.0}, clock=lambda: 5000.0 + age)
        self.answers = list(answers)

    def new_token(self) -> NewToken:
        answer = self.answers.pop(0)
        if isinstance(answer, ApiError):
            raise answer
        return answer


class Appliance:
    """Attempts with their tokens, and the results that they give."""

    def __init__(self, *results: dict[str, Any]) -> None:
        self.results = list(results)
        self.typed: list[str | None] = []

    def attempt(self, token: str | None) -> dict[str, Any]:
        self.typed.append(token)
        return self.results.pop(0)


def test_a_good_token_is_typed_and_no_other_is_issued() -> None:
    box = Appliance(DONE)
    assert register(box.attempt, "first", Renewal()) == DONE
    assert box.typed == ["first"]


@pytest.mark.parametrize("meanwhile", [Meanwhile.TOKEN_REPLACED, Meanwhile.RECORD_DELETED])
def test_a_refused_token_is_replaced_once_and_the_results_are_joined(meanwhile: Meanwhile) -> None:
    box = Appliance(REFUSED, DONE)
    result = register(box.attempt, "first", Renewal(NewToken("second", meanwhile)))
    assert box.typed == ["first", "second"]
    assert "failed" not in result
    assert (result["meanwhile"], result["steps"]) == ([meanwhile.value], ["set the server", "register"])
    assert result["diff"] == {"before": "off", "after": "registered"}


def test_a_second_refusal_names_the_other_run() -> None:
    box = Appliance(REFUSED, REFUSED)
    renewal = Renewal(NewToken("second", Meanwhile.TOKEN_REPLACED), NewToken("third", Meanwhile.TOKEN_REPLACED))
    result = register(box.attempt, "first", renewal)
    assert box.typed == ["first", "second"]
    assert result["failed"] and result["token_refused"]
    assert "Another run probably issues tokens for the same device" in result["problem"]
    assert "wait until the other run has ended, then rerun" in result["msg"]


@pytest.mark.parametrize(("age", "typed"), [(HOUR - MARGIN - 1, ["first"]), (HOUR - MARGIN + 1, ["second"])])
def test_an_expired_token_is_replaced_before_it_is_typed(age: float, typed: list[str]) -> None:
    box = Appliance(DONE)
    result = register(box.attempt, "first", Renewal(NewToken("second", Meanwhile.TOKEN_REPLACED), age=age))
    assert box.typed == typed
    assert result["meanwhile"] == (["token_expired"] if typed == ["second"] else [])


def test_a_new_token_in_place_of_an_expired_one_is_not_replaced_again() -> None:
    box = Appliance(REFUSED)
    result = register(box.attempt, "first", Renewal(NewToken("second", Meanwhile.TOKEN_REPLACED), age=2 * HOUR))
    assert (box.typed, result["failed"]) == (["second"], True)


def test_if_sse_shows_the_device_as_registered_no_token_is_typed() -> None:
    box = Appliance(REFUSED, DONE)
    result = register(box.attempt, "first", Renewal(NewToken(None, Meanwhile.REGISTERED)))
    assert (box.typed, result["meanwhile"]) == (["first", None], ["registered"])
    box = Appliance(REFUSED, NO_TOKEN)
    result = register(box.attempt, "first", Renewal(NewToken(None, Meanwhile.REGISTERED)))
    assert "SSE shows a registered device with this name" in result["problem"]


@pytest.mark.parametrize("age", [0.0, 2 * HOUR])
def test_without_a_new_token_the_error_of_the_region_is_told(age: float) -> None:
    box = Appliance(REFUSED)
    result = register(box.attempt, "first", Renewal(ApiError("no answer", fix="rerun later"), age=age))
    assert result["failed"] and "no new one was issued: no answer" in result["problem"]
    assert result["fix"] == "rerun later"
