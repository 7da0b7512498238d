# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A profile adds patterns to a text; it removes none."""

from __future__ import annotations

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import menu, screens
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Screen
from ansible_collections.emailsec.ctr.plugins.module_utils._profile.check import Source, check_profile
from tests.samples.profiles import applied


def profile(**texts: str):
    found, faults = check_profile([Source("test", {"texts": texts})])
    assert faults == []
    return found


@pytest.mark.parametrize("text_id", sorted(screens.TEXTS))
def test_the_usual_text_stays_recognized(text_id: str) -> None:
    text = screens.TEXTS[text_id]
    named = "".join(f" (?P<{name}>[a-z]{{1,20}})" for name in text.regex.groupindex)
    shown = "Words of another\r\nWORLD" + " abc" * len(text.regex.groupindex)
    with applied(profile(**{text_id: f"Words of another world{named}"})):
        assert text.shown_in(text.example)
        assert text.shown_in(shown)
    assert not text.shown_in(shown)


def test_a_question_keeps_its_default_and_its_end() -> None:
    with applied(profile(token_question="Type the enrollment secret")):
        asked = Screen("Type the enrollment secret:\n[]>", False, "")
        assert menu.asks(asked, screens.TOKEN_QUESTION, menu.NO_DEFAULT)
        assert not menu.asks(Screen("Type the enrollment secret or quit\n[]>", False, ""), screens.TOKEN_QUESTION)
        assert not menu.asks(
            Screen("Type the enrollment secret:\n[Y]>", False, "Y"), screens.TOKEN_QUESTION, menu.NO_DEFAULT
        )
