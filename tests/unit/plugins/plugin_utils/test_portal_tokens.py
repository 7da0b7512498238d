# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts share tokens of the portal, and what is wrong with what they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.parsing.dataloader import DataLoader

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import FILE, TOKENS, TokenHost
from ansible_collections.emailsec.ctr.plugins.plugin_utils._portal_tokens import TokenPools


def token(number: int) -> str:
    return f"{number:032x}"


def pools(*hosts: tuple[str, str, dict[str, Any]]) -> tuple[TokenPools, list[str]]:
    found = TokenPools(DataLoader())
    return found, [problem for host, region, values in hosts for problem in found.add(host, region, values)]


def shared(found: TokenPools, region: str = "europe", **read: TokenHost) -> list[list[TokenHost]]:
    return [list(pool.hosts) for pool in found.of_region(region, read)]


def test_hosts_that_name_the_same_tokens_share_them(tmp_path: Path) -> None:
    path = tmp_path / "tokens.txt"
    path.write_text(f"{token(1)}\n")
    of_list = {TOKENS: [token(2), token(3)]}
    found, problems = pools(
        ("a", "europe", {FILE: str(path)}),
        ("b", "europe", of_list),
        ("c", "europe", {FILE: str(path)}),
        ("d", "europe", {TOKENS: list(of_list[TOKENS])}),
        ("none", "europe", {}),
        ("far", "apjc", {TOKENS: {"far": token(4)}}),
    )
    assert (problems, list(found.hand_out({}, {}, set()))) == ([], ["europe", "apjc"])
    read = TokenHost("c", "c.example.com", needs_token=True, read=True)
    assert shared(found, c=read) == [[TokenHost("a"), read], [TokenHost("b"), TokenHost("d")]]
    assert shared(found, "apjc") == [[TokenHost("far")]]
    assert shared(found, "americas") == []


def test_a_token_stands_in_one_source_and_serves_one_region() -> None:
    _found, problems = pools(
        ("a", "europe", {TOKENS: [token(1), token(2)]}),
        ("b", "europe", {TOKENS: [token(2)]}),
        ("c", "apjc", {TOKENS: [token(1), token(2)]}),
    )
    assert len(problems) == 2
    assert all("a, which has another region or another list" in problem for problem in problems)
    assert not any(token(number) in problem for problem in problems for number in (1, 2))


def test_what_cannot_be_used_is_said_by_the_source(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\xff\xfe")
    _found, problems = pools(
        ("a", "europe", {FILE: str(tmp_path / "nowhere")}),
        ("b", "europe", {FILE: str(broken)}),
        ("c", "europe", {TOKENS: ["odd"]}),
        ("d", "europe", {TOKENS: [token(1)], FILE: "x"}),
    )
    words = ("cannot be read", "is not a text file", "not registration tokens: number 1", "remove one of them")
    assert all(word in problem and "Fix: " in problem for word, problem in zip(words, problems, strict=True))
