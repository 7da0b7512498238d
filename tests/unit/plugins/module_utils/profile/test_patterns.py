# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pattern is refused if it is slow, or matches more than its text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import screens
from ansible_collections.emailsec.ctr.plugins.module_utils._profile.patterns import BadPattern, compiled


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("cloud link.*is up", "slow: it has a repeat without a limit"),
        ("cloud link\\s+is up", "slow: it has a repeat without a limit"),
        ("cloud link (?:is ){1,9}up now", "slow: it repeats a group"),
        ("cloud .{0,80}link .{0,80}up now", "slow: it has 6561 ways"),
        ("(cloud link) is \\1 up now", "references or conditions"),
        ("cloud link is up(?! not)", "references or conditions"),
        ("up", "too few fixed characters"),
        (".{0,200}", "too few fixed characters"),
        ("(?:cloud link is up)?", "too few fixed characters"),
        ("cloud link (is up", "is not a regular expression"),
        ("x" * 301, "has 301 characters"),
        ("current version", "the ordinary line 'Current Version'"),
        ("cloud service is currently disabled", "the text disabled"),
        ("(?P<server>cloud link is up)", "other named groups"),
    ],
)
def test_patterns_that_are_refused(pattern: str, says: str) -> None:
    with pytest.raises(BadPattern) as caught:
        compiled("enabled", pattern)
    assert says in str(caught.value)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("text_id", "pattern", "shown"),
    [
        ("enabled", "Cloud participation is active", "status: cloud participation is active."),
        ("no_changes", "Everything is committed", "everything is committed."),
        ("token_question", "Type the enrollment secret", "now type the enrollment secret:"),
        ("current_server", "Endpoint in use: (?P<server>[a-z0-9.-]{1,253})", "endpoint in use: api.example.com"),
        ("unknown_command", "Not understood|No such verb at all", "no such verb at all: x"),
    ],
)
def test_patterns_that_are_accepted(text_id: str, pattern: str, shown: str) -> None:
    assert compiled(text_id, pattern).search(shown)


@pytest.mark.parametrize("text_id", sorted(screens.TEXTS))
def test_no_text_can_take_over_the_words_of_another(text_id: str) -> None:
    """A refusal can so never become a question that a run answers."""
    taken = []
    for other, text in screens.TEXTS.items():
        if other != text_id:
            try:
                compiled(text_id, re.escape(text.example))
            except BadPattern:
                continue
            taken.append(other)
    assert taken == []


def test_anchors_of_the_text_apply() -> None:
    assert not compiled("no_changes", "Everything is committed").search("everything is committed, except one change")
    assert not compiled("token_question", "Type the enrollment secret").search("type the enrollment secret, or quit?")


def test_every_example_is_recognized_by_its_own_text() -> None:
    assert [text_id for text_id, text in screens.TEXTS.items() if not text.shown_in(text.example)] == []


@given(st.text(max_size=40), st.sampled_from(sorted(screens.TEXTS)))
def test_a_drawn_pattern_is_compiled_or_refused(pattern: str, text_id: str) -> None:
    try:
        regex = compiled(text_id, pattern)
    except BadPattern:
        return
    assert not regex.search("")
