# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token is fetched when needed, checked, kept out of all texts, and sent in its header."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import AnswerLost, AnswerUnreadable, ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._http.token_auth import Grant, TokenAuth
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

UNUSABLE = AnswerUnreadable("no usable token")


class Server:
    """Return one token after another, or raise; ``now`` is the clock."""

    def __init__(self, *gives: Any, lifetime: float | None = None) -> None:
        self.gives = list(gives)
        self.lifetime = lifetime
        self.now = 0.0
        self.seconds_of_log_in = 0.0
        self.secrets = Secrets()
        self.auth = TokenAuth(self.log_in, self.secrets, header="Authorization", prefix="Bearer ", clock=self.clock)

    def clock(self) -> float:
        return self.now

    def log_in(self) -> Grant:
        self.now += self.seconds_of_log_in
        given = self.gives.pop(0)
        if isinstance(given, ApiError):
            raise given
        return Grant(given, UNUSABLE) if self.lifetime is None else Grant(given, UNUSABLE, self.lifetime)

    def sent(self) -> str:
        """The current header."""
        return request_with(self.auth.ready()).headers["Authorization"]


def request_with(auth: TokenAuth, **headers: str) -> requests.PreparedRequest:
    return requests.Request("GET", "https://api.example.com/x", headers=headers, auth=auth).prepare()


def test_one_log_in_serves_all_requests() -> None:
    server = Server("token-1")
    assert [server.sent(), server.sent()] == ["Bearer token-1"] * 2


def test_the_token_header_is_configurable_and_others_are_kept() -> None:
    auth = TokenAuth(lambda: Grant("token-1", UNUSABLE), Secrets(), header="jwtToken")
    assert dict(request_with(auth.ready(), Accept="x").headers) == {"Accept": "x", "jwtToken": "token-1"}


def test_a_token_that_was_refused_is_replaced() -> None:
    server = Server("token-1", "token-2")
    server.sent()
    server.auth.forget()
    assert server.sent() == "Bearer token-2"


@pytest.mark.parametrize(("lifetime", "used"), [(600.0, 540.0), (100.0, 50.0)])
def test_a_token_is_renewed_before_its_end(lifetime: float, used: float) -> None:
    server = Server("token-1", "token-2", lifetime=lifetime)
    server.sent()
    server.now = used - 1
    assert server.sent() == "Bearer token-1"
    server.now = used
    assert server.sent() == "Bearer token-2"


def test_the_lifetime_counts_from_the_request_for_the_token() -> None:
    server = Server("token-1", "token-2", lifetime=600.0)
    server.seconds_of_log_in = 100.0
    server.sent()
    server.now = 540.0
    assert server.sent() == "Bearer token-2"


def test_a_token_without_a_lifetime_is_used_until_it_is_refused() -> None:
    server = Server("token-1")
    server.sent()
    server.now = 1e9
    assert server.sent() == "Bearer token-1"


@pytest.mark.parametrize("token", [None, "", 7, ["token"], "a b", "a\nb", "a\r\nX: y", "a\tb", "ä", "a\x7f"])
def test_a_token_unfit_for_a_header_is_refused(token: Any) -> None:
    server = Server(token, "token-2")
    with pytest.raises(AnswerUnreadable) as caught:
        server.sent()
    assert caught.value is UNUSABLE
    assert server.sent() == "Bearer token-2"


def test_a_log_in_error_is_raised_and_the_next_request_logs_in() -> None:
    lost = AnswerLost("lost")
    server = Server(lost, "token-1")
    with pytest.raises(AnswerLost) as caught:
        server.sent()
    assert caught.value is lost
    assert server.sent() == "Bearer token-1"


def test_no_text_shows_the_token() -> None:
    server = Server("s3cret-token")
    server.sent()
    assert "s3cret" not in server.secrets.mask("the server repeats s3cret-token")
    assert "s3cret" not in repr(server.auth) + repr(Grant("s3cret-token", UNUSABLE))
