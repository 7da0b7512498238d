# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Output without end or measure: it costs little, ends in a clear error in time, and the event loop stays free.

What is measured is the CPU time of the thread, with bounds far above what it takes (C(tests/bench/bench_hostile_output.py)
prints that) and far below what it takes when each piece is looked at together with all that came before it.
"""

from __future__ import annotations

import asyncio

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import screens
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import EXCERPT, LIMIT, Session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError, UnexpectedScreen
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK, Secrets
from tests.bench.hostile import MEGABYTE, MENU_END, PROMPT, SHAPES, cost_of
from tests.unit.plugins.module_utils.asyncos.clock import run_virtually

CPU, BLOCK = 3.0, 0.5


STOPS = {"questions", "prompts"}
"""Shapes in which a place to answer may be at the end of a piece."""


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("place", ["log-in", "cloudserviceconfig"])
def test_ten_megabytes_fail_quickly(name: str, place: str) -> None:
    cost = cost_of(SHAPES[name], 10 * MEGABYTE, place, timeout=1.0 if name in STOPS else 20.0)
    assert cost.cpu < CPU and cost.block < BLOCK, cost
    assert isinstance(cost.error, AsyncOSError)
    assert name in STOPS or f"exceeds {LIMIT} characters" in cost.error.problem
    assert len(cost.error.screen) <= EXCERPT


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(("place", "end"), [("version", PROMPT), ("cloudserviceconfig", MENU_END)])
def test_the_longest_allowed_output_is_read_quickly(name: str, place: str, end: str) -> None:
    cost = cost_of(SHAPES[name], LIMIT - 10_000, place, timeout=1.0, end=end)
    assert cost.cpu < CPU and cost.block < BLOCK, cost
    assert cost.error is None or "exceeds" not in cost.error.problem
    assert cost.error is None or len(cost.error.screen) <= EXCERPT


class Dripping:
    """A prompt, and then a character every tenth of a second for ever."""

    def __init__(self) -> None:
        self._prompts = [PROMPT]
        self._typed = 0

    def write(self, text: str) -> None:
        self._typed += 1
        if self._typed == 1:
            self._prompts.append(f"\r\n{PROMPT}")

    async def read(self) -> str:
        if self._prompts:
            return self._prompts.pop(0)
        await asyncio.sleep(0.1)
        return "x"

    async def close(self) -> None:
        return


@pytest.mark.parametrize("timeout", [5.0, 60.0])
def test_the_command_timeout_holds_with_continuous_output(timeout: float) -> None:
    async def ask() -> float:
        loop = asyncio.get_running_loop()
        session = Session(Dripping(), "esa1", Secrets(), timeout, login_timeout=90)
        await session.learn_prompt()
        began = loop.time()
        with pytest.raises(UnexpectedScreen, match=f"no known prompt within {timeout:g} s"):
            await session.send("version")
        return loop.time() - began

    seconds, _passed = run_virtually(ask())
    assert timeout <= seconds < timeout + 1


def test_an_excerpt_is_short_and_holds_no_part_of_a_secret() -> None:
    async def excerpt(secret: str, filler: int) -> str:
        return Session(Dripping(), "esa1", Secrets(secret)).excerpt("a" * 9000 + secret + "b" * filler)

    for filler in range(EXCERPT - 50, EXCERPT + 50, 7):
        text, _passed = run_virtually(excerpt("s3cret" * 8, filler))
        assert len(text) == EXCERPT and "3cre" not in text and set(text) <= set("ab" + MASK)


@pytest.mark.parametrize(
    ("line", "number", "label", "fqdn"),
    [
        ("1. AMERICAS (api-sse.cisco.com)", "1", "AMERICAS", "api-sse.cisco.com"),
        (" 2) EUROPE (api.eu.sse.itd.cisco.com) ", "2", "EUROPE", "api.eu.sse.itd.cisco.com"),
        ("3 NAM api-sse.cisco.com", "3", "NAM", "api-sse.cisco.com"),
        ("4. api.apj.sse.itd.cisco.com", "4", "", "api.apj.sse.itd.cisco.com"),
        ("5. NORTH AMERICA(api-sse.cisco.com)", "5", "NORTH AMERICA", "api-sse.cisco.com"),
        ("6. ASIA (APJC) (api.apj.sse.itd.cisco.com)", "6", "ASIA (APJC)", "api.apj.sse.itd.cisco.com"),
    ],
)
def test_a_line_of_the_list_of_servers(line: str, number: str, label: str, fqdn: str) -> None:
    (found,) = screens.SERVER_LINE.finditer(f"Choose:\n{line}\nAbout 5 minutes\n")
    assert (found["number"], found["label"].strip(), found["fqdn"]) == (number, label, fqdn)
