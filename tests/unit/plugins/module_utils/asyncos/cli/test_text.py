# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person would see of a terminal's characters, in whichever pieces they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.text import TAIL, Display

PAGER = "-Press Any Key For More-"
SEEN = {
    "one\r\ntwo\r\r\nthree\nfour": "one\ntwo\nthree\nfour",
    "50%\r100%\r\ndone": "100%\ndone",
    "password\r": "password",
    "Modex\bl": "Model",
    "x\b\b\b\by": "y",
    "a\b \bb": "b",
    "ab\n\bc": "ab\nc",
    "abc\r\bd": "d",
    "abc\r\b": "abc",
    "\x1b[1;31mred\x1b[0m\x1b[K \x1b]0;title\x07and\x1b]2;t\x1b\\ \x1b(Bblue\x1b=": "red and blue",
    "\x1b]0;no end\nof a title": "\x1b]0;no end\nof a title",
    "bell\x07 and\x00 null": "bell and null",
}
PARTS = st.sampled_from(
    ["a", "-", " ", "\r", "\n", "\r\n", "\b", "\x1b", "[", "0", "m", "]", ";", "\x07", "\\", "\x1b[0m", "> "]
)


def display(*pieces: str) -> Display:
    shown = Display()
    for piece in pieces:
        shown.add(piece)
    return shown


@pytest.mark.parametrize("typed", SEEN)
def test_control_sequences_are_removed(typed: str) -> None:
    assert display(typed).text() == SEEN[typed]
    assert display(*typed).text() == SEEN[typed]


@given(st.lists(st.lists(PARTS, max_size=6).map("".join), max_size=12))
def test_pieces_show_the_same_as_the_whole(pieces: list[str]) -> None:
    whole, parts = display("".join(pieces)), display(*pieces)
    assert parts.text() == whole.text()
    assert parts.tail == whole.tail == whole.text().split("\n")[-1]
    assert parts.received == len("".join(pieces))


def test_the_tail_is_the_end_of_the_last_line() -> None:
    assert display("one\r\n" + "x" * 3 * TAIL + "end> ").tail == ("x" * TAIL + "end> ")[-TAIL:]


def test_each_pager_stop_gets_one_key_and_is_removed() -> None:
    shown = Display()
    wanted = 0
    for piece in [
        "one\r\n-Press Any Key",
        " For More",
        "-",
        f"\r{' ' * 24}\r",
        f"two\r\n{PAGER}",
        "three\r\n",
        f"{PAGER}",
        "\r  \r",
    ]:
        shown.add(piece)
        wanted += shown.wants_key()
        wanted += shown.wants_key()
    assert wanted == 3
    assert [line.strip() for line in shown.text().splitlines()] == ["one", "two", "three", ""]


@pytest.mark.parametrize("text", [f"see {PAGER} below", f"{PAGER}\n", "Press Any Key For More", "- Press Return"])
def test_text_that_mentions_the_pager_gets_no_key(text: str) -> None:
    assert not display(text).wants_key()
