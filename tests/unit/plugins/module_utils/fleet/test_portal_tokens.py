# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read tokens from the portal and assign them to hosts, without showing them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import Action
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import (
    HandedOut,
    NamedToken,
    Pool,
    TokenHost,
    Tokens,
    TokensUnusable,
    hand_out,
    hand_out_in,
    tokens_of_text,
    tokens_of_variable,
)

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def token(number: int) -> str:
    return f"{number:032x}"


def line(number: int, **more: Any) -> str:
    return json.dumps({"token": token(number), **more})


def refusal(content: Any, of_text: bool = True) -> str:
    """Return why the content cannot be used, after checking that it shows no 16 hexadecimal characters in sequence."""
    with pytest.raises(TokensUnusable) as caught:
        tokens_of_text(content, "tokens.txt") if of_text else tokens_of_variable(content)
    message = str(caught.value)
    assert "Fix:" in message
    held = str(content)
    assert not any(held[start : start + 16] in message for start in range(max(0, len(held) - 15)))
    return message


def needy(*hosts: str) -> list[TokenHost]:
    return [TokenHost(host, f"{host}.example.com", needs_token=True, read=True) for host in hosts]


# Valid tokens


def test_a_list_keeps_its_order_and_a_map_its_hosts() -> None:
    assert tokens_of_variable([token(1), f" {token(2)}\n"]).in_order == (token(1), token(2))
    found = tokens_of_variable({"ESA1.example.com": token(1)})
    assert found.by_name["esa1.example.com"].token == token(1)
    assert found.in_order == ()


@pytest.mark.parametrize(
    "text",
    [
        f"{token(1)}\n{token(2)}\n",
        f"{token(1)}\r\n{token(2)}",
        f"\ufeff{token(1)}\n\n\n  {token(2)}\t\n\n",
        f"# saved by the portal\n{token(1)}\n# the second\n{token(2)}\n",
    ],
    ids=["plain", "CRLF", "blank lines and a byte order mark", "comments"],
)
def test_a_file_of_the_portal_has_one_token_per_line(text: str) -> None:
    assert tokens_of_text(text, "tokens.txt") == Tokens(in_order=(token(1), token(2)))


def test_json_lines_name_device_region_and_expiry() -> None:
    expires = "2026-05-04T13:00:00Z"
    text = "\n".join([line(1, name="ESA1.example.com", region="europe", expires_at=expires), line(2), token(3)])
    found = tokens_of_text(text, "tokens.jsonl")
    named = found.by_name["esa1.example.com"]
    assert (named.token, named.region, named.expires_at) == (token(1), "europe", expires)
    assert found.in_order == (token(2), token(3))
    assert found.all() == {token(1), token(2), token(3)}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (f"{token(1)}\n\nnot-a-token-but-perhaps-a-secret\n", ["tokens.txt", "line 3"]),
        (f"{token(1).upper().replace('0', 'A')}\n", ["line 1"]),
        (f"{token(1)}0\n", ["line 1"]),
        (f"# one\n{token(1)}\n# again\n{token(1)}\n", ["line 2 and line 4", "duplicate"]),
        ('{"name": "esa1"}\n', ["line 1", '"token"']),
        ('{"token": 7}\n', ["line 1", '"token"']),
        (f'{{"token": "{token(7)}"\n', ["line 1", "JSON"]),
        (f"{line(1, name='esa1')}\n{line(2, name='ESA1')}", ["two tokens for ESA1", "line 1 and line 2"]),
        ("# nothing\n\n", ["tokens.txt has no token"]),
    ],
)
def test_invalid_lines_of_a_file_are_named_by_their_place(text: str, places: list[str]) -> None:
    message = refusal(text)
    assert all(place in message for place in places), message


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ([token(1), "c0ffee" * 5], ["number 2"]),
        ([token(1), None], ["number 2"]),
        ([token(1), token(2), token(1)], ["number 1 and number 3"]),
        ({"esa1": "c0ffee" * 5}, ["for esa1"]),
        ({"esa1": token(1), "esa2": token(1)}, ["for esa1 and for esa2"]),
        ({"esa1": token(1), "ESA1": token(2)}, ["two tokens for ESA1"]),
        (token(1), ["neither a list nor a map"]),
        ([], ["has no token"]),
    ],
)
def test_invalid_values_of_a_variable_are_named_by_their_place(value: Any, places: list[str]) -> None:
    message = refusal(value, of_text=False)
    assert message.startswith("esa_ctr_registration_tokens")
    assert all(place in message for place in places), message


@given(st.text(), st.integers(0, 3))
def test_any_file_is_read_or_refused_without_showing_its_content(text: str, lines: int) -> None:
    content = text + "".join(f"\n{token(number)}" for number in range(lines))
    try:
        found = tokens_of_text(content, "tokens.txt")
    except TokensUnusable as error:
        assert token(1) not in str(error)
    else:
        assert {token(number) for number in range(lines)} <= found.all()


def test_no_representation_contains_a_token() -> None:
    named = NamedToken(token(1))
    for value in (named, Tokens({"esa1": named}, (token(2),)), HandedOut({"esa1": token(1)})):
        assert token(1) not in repr(value) and token(2) not in repr(value)


# Assignment


def test_host_number_n_gets_token_number_n() -> None:
    handed = hand_out(Tokens(in_order=(token(1), token(2), token(3))), needy("a", "b"), "europe", NOW)
    assert (handed.tokens, handed.refused, handed.left_over) == ({"a": token(1), "b": token(2)}, {}, 1)


def test_a_named_token_is_assigned_to_the_host_or_device_of_that_name() -> None:
    tokens = Tokens(by_name={"a": NamedToken(token(1)), "b.example.com": NamedToken(token(2))})
    handed = hand_out(tokens, needy("a", "b", "c"), "europe", NOW)
    assert handed.tokens == {"a": token(1), "b": token(2)}
    assert list(handed.refused) == ["c"]


def test_a_host_name_takes_precedence_over_a_device_name() -> None:
    token_hosts = [TokenHost("x", "y", needs_token=True, read=True), TokenHost("y", "z", needs_token=True, read=True)]
    handed = hand_out(Tokens(by_name={"y": NamedToken(token(1))}), token_hosts, "europe", NOW)
    assert handed.tokens == {"y": token(1)}


def test_too_few_tokens_are_reported_with_a_fix() -> None:
    handed = hand_out(Tokens(in_order=(token(1),)), needy("a", "b"), "europe", NOW)
    assert handed.tokens == {"a": token(1)}
    assert "no registration token is left" in handed.refused["b"]
    assert "SSE portal of europe" in handed.refused["b"] and "esa_ctr_token_file" in handed.refused["b"]


def test_the_token_of_a_registered_host_goes_to_a_host_beyond_the_end_of_the_list() -> None:
    registered = TokenHost("a", "a.example.com", needs_token=False, read=True)
    handed = hand_out(Tokens(in_order=(token(1), token(2))), [registered, *needy("b", "c")], "europe", NOW)
    assert handed.tokens == {"b": token(2), "c": token(1)}
    assert handed.left_over == 0


def test_the_token_of_an_unread_host_is_reserved() -> None:
    later = TokenHost("a")
    handed = hand_out(Tokens(in_order=(token(1),)), [later, *needy("b")], "europe", NOW)
    assert handed.tokens == {}
    assert "no registration token is left" in handed.refused["b"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"region": "apjc"}, ["for the region apjc, not europe"]),
        ({"expires_at": "2026-05-04T10:00:00Z"}, ["expired at 2026-05-04T10:00:00Z"]),
        ({"expires_at": "2026-05-04T11:59:59+02:00"}, ["expired"]),
        ({"expires_at": "2026-05-04T09:59:59"}, ["expired"]),
        ({"region": "europe", "expires_at": "2026-05-04T12:00:01Z"}, None),
        # The clock of the controller may be an hour ahead.
        ({"expires_at": "2026-05-04T11:00:00Z"}, None),
        ({"expires_at": "2026-05-04T10:00:01"}, None),
        ({"expires_at": "who knows"}, None),
        ({"expires_at": "9999-12-31T23:59:59Z"}, None),
    ],
)
def test_a_token_of_another_region_or_time_is_not_used(more: dict[str, str], words: list[str] | None) -> None:
    tokens = Tokens(by_name={"a": NamedToken(token(1), **more)}, in_order=(token(2),))
    handed = hand_out(tokens, needy("a"), "europe", NOW)
    if words is None:
        assert handed.tokens == {"a": token(1)}
        return
    assert handed.tokens == {}
    assert all(word in handed.refused["a"] for word in [*words, "Fix:", "europe"]), handed.refused
    assert token(1) not in handed.refused["a"]


def test_expiry_is_compared_with_the_current_time() -> None:
    expires = (datetime.now(UTC) - timedelta(hours=2, seconds=1)).isoformat()
    handed = hand_out(Tokens(by_name={"a": NamedToken(token(1), expires_at=expires)}), needy("a"), "europe")
    assert "expired" in handed.refused["a"]


NAMES = st.sampled_from("abcdefgh")
TOKEN_HOSTS = st.lists(
    st.builds(
        TokenHost,
        name=NAMES,
        device=st.one_of(st.none(), NAMES),
        needs_token=st.booleans(),
        read=st.just(True),
    ),
    unique_by=lambda host: host.name,
    max_size=8,
)


@st.composite
def sources(draw: st.DrawFn) -> Tokens:
    """Draw unique tokens, some of them named."""
    names = draw(st.lists(NAMES, unique=True, max_size=4))
    count = draw(st.integers(0, 10))
    by_name = {
        name: NamedToken(token(number), draw(st.sampled_from([None, "europe", "apjc"])))
        for number, name in enumerate(names, 100)
    }
    return Tokens(by_name, tuple(token(number) for number in range(count)))


@given(sources(), TOKEN_HOSTS)
def test_each_token_is_assigned_once_and_each_host_gets_a_token_or_a_reason(
    tokens: Tokens, token_hosts: list[TokenHost]
) -> None:
    handed = hand_out(tokens, token_hosts, "europe", NOW)
    given_out = list(handed.tokens.values())
    assert len(given_out) == len(set(given_out))
    assert set(given_out) <= tokens.all()
    in_need = {host.name for host in token_hosts if host.needs_token}
    assert set(handed.tokens) | set(handed.refused) == in_need
    assert not set(handed.tokens) & set(handed.refused)
    assert handed.left_over == len(tokens.all()) - len(given_out) >= 0


@given(st.integers(0, 12), st.data())
def test_the_token_of_a_host_does_not_depend_on_other_hosts(places: int, data: st.DataObject) -> None:
    hosts = [f"h{place}" for place in range(data.draw(st.integers(1, 12)))]
    in_need = data.draw(st.sets(st.sampled_from(hosts)))
    token_hosts = [TokenHost(host, host, needs_token=host in in_need, read=True) for host in hosts]
    tokens = Tokens(in_order=tuple(token(number) for number in range(places)))
    handed = hand_out(tokens, token_hosts, "europe", NOW)
    for place, host in enumerate(hosts):
        if host in in_need and place < places:
            assert handed.tokens[host] == token(place)


@given(st.integers(0, 12), st.data())
def test_batches_assign_the_same_tokens_as_a_single_run(count: int, data: st.DataObject) -> None:
    """Hosts of later batches are not read yet. Earlier hosts keep their tokens, and no token is assigned twice."""
    hosts = [f"h{place}" for place in range(data.draw(st.integers(1, 10)))]
    in_need = data.draw(st.sets(st.sampled_from(hosts)))
    size = data.draw(st.integers(1, 5))
    tokens = Tokens(in_order=tuple(token(number) for number in range(count)))
    everyone = [TokenHost(host, host, needs_token=host in in_need, read=True) for host in hosts]
    got: dict[str, str] = {}
    for start in range(0, len(hosts), size):
        read = start + size
        token_hosts = everyone[:read] + [
            replace(one, device=None, needs_token=False, read=False) for one in everyone[read:]
        ]
        handed = hand_out(tokens, token_hosts, "europe", NOW)
        for host in hosts[start:read]:
            if host in handed.tokens:
                got[host] = handed.tokens[host]
        assert {host: handed.tokens[host] for host in got} == got
    assert len(set(got.values())) == len(got)


# In one region


def test_each_host_has_an_answer_without_its_token() -> None:
    pools = [
        Pool(Tokens(in_order=(token(1), token(2))), [*needy("a"), TokenHost("there", "there", read=True)]),
        Pool(Tokens(in_order=(token(3),)), needy("b", "c")),
    ]
    outcome, tokens = hand_out_in("europe", pools, {"a", "b", "c"}, {"a", "b", "c", "there"})
    assert [(answer.name, answer.action) for answer in outcome.answers] == [
        ("a.example.com", Action.HANDED_OUT),
        ("b.example.com", Action.HANDED_OUT),
        ("c.example.com", Action.FAILED),
    ]
    assert outcome.answers[2].error and "no registration token is left" in outcome.answers[2].error
    assert tokens == {"a.example.com": token(1), "b.example.com": token(3)}
    assert (outcome.given, outcome.left_over) == (3, 1)
    assert not any(token(number) in repr(outcome) for number in (1, 2, 3))


def test_only_tokens_not_reserved_for_another_batch_are_left_over() -> None:
    pool = Pool(Tokens(in_order=(token(1), token(2), token(3))), needy("a", "b", "later"))
    outcome, tokens = hand_out_in("europe", [pool], {"a"}, {"a", "b"})
    assert list(tokens.values()) == [token(1)]
    assert (outcome.given, outcome.left_over) == (3, 1), "the one of b, which failed meanwhile"
    assert [answer.name for answer in outcome.answers] == ["a.example.com"]
