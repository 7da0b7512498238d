# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show each problem once, with its hosts."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.problems import Kind, Problem, grouped, lines, shown
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK, know


def problem(*hosts: str, text: str = "is 0", kind: Kind = Kind.WRONG_VALUE) -> Problem:
    return Problem(kind, "esa_ctr_request_timeframe_days", text, "give a whole number from 1 to 365.", hosts)


def test_a_problem_of_many_hosts_is_one_line_with_count_and_first_names() -> None:
    many = grouped(problem(f"esa{number}.example.com") for number in range(1, 201))
    assert lines(many, "Fix this:") == [
        "Fix this:",
        "- 200 hosts (esa1.example.com, esa2.example.com, esa3.example.com and 197 more): esa_ctr_request_timeframe_days is 0.",
        "  Fix: give a whole number from 1 to 365.",
    ]


def test_a_few_hosts_are_all_named_before_the_problem() -> None:
    four = lines(grouped(problem(name) for name in "abcd"), "")[1]
    assert four == "- 4 hosts (a, b, c, d): esa_ctr_request_timeframe_days is 0."
    assert lines([problem("a")], "")[1] == "- a: esa_ctr_request_timeframe_days is 0."
    assert lines([problem(text="not set")], "")[1] == "- esa_ctr_request_timeframe_days: not set."


def test_different_values_are_different_problems() -> None:
    found = grouped([problem("a"), problem("b", text="is 366"), problem("a")])
    assert [(each.text, each.hosts) for each in found] == [("is 0", ("a",)), ("is 366", ("b",))]


def test_connection_problems_come_first() -> None:
    found = grouped([problem("a"), problem("b", text="x", kind=Kind.CONNECTION), problem("c", kind=Kind.QUOTA)])
    assert [each.kind for each in found] == [Kind.CONNECTION, Kind.WRONG_VALUE, Kind.QUOTA]


def test_control_characters_are_removed() -> None:
    assert "\x1b" not in "".join(lines([problem("a\x1b[2J")], "heading"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1.5, "1.5"),
        ("ten", "'ten'"),
        ("", "''"),
        (None, "null"),
        (True, "true"),
        (["pdf"], "[pdf]"),
        ([{"a": 1}], "a list"),
        (["x" * 61], "a list"),
        ({"client_password": "s3cret"}, "a map"),
        ("x" * 61, repr("x" * 60 + "...")),
    ],
)
def test_a_value_is_shown_as_yaml(value: Any, text: str) -> None:
    assert shown(value) == text


def test_a_secret_in_a_value_is_masked_before_the_value_is_shortened() -> None:
    know(["S3cret-of/europe-1"])
    assert shown("x" * 55 + "S3cret-of/europe-1") == repr("x" * 55 + MASK[:5] + "...")


@pytest.mark.parametrize("value", ["s3cret", ["s3cret"], {"s3cret": "s3cret"}, 4711])
def test_only_the_type_of_a_secret_is_shown(value: Any) -> None:
    assert shown(value, secret=True) in ("text", "a list", "a map", "a number")
