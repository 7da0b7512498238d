# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a screen waits for."""

from __future__ import annotations

import time

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import menu, screens
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Screen
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import state as cs
from tests.lab.appliance.commands import texts

MENU = "Choose the operation you want to perform:\n- DISABLE - To disable it.\n- SETTRS - Set it.\n"
LIST = "1. EUROPE (api.eu.sse.itd.cisco.com)\n2. NAM (api-sse.cisco.com)\n"
QUESTION = "Enter Cisco Secure Cloud Server to connect to the Cisco Cloud Service portal:\n"


def shown(text: str, default: str | None = "") -> Screen:
    return Screen(text, at_prompt=False, default=default)


@pytest.mark.parametrize(
    "text",
    [MENU + "[]>", MENU + "\n[]>", MENU + ">", "- disable - Off\n- settrs - Server (1. EUROPE)\n[]>"],
)
def test_a_menu_is_lines_of_keywords_above_an_empty_default(text: str) -> None:
    assert menu.operations(shown(text)) == {"DISABLE", "SETTRS"}


@pytest.mark.parametrize(
    "text",
    [
        MENU + "[Y]>",
        MENU + "[DISABLE]>",
        MENU + "Which one? []>",
        MENU + "Continue?\n[]>",
        MENU + "esa1.example.com> \n- REGISTER - Join.\n[]>",
        MENU + "- SETTRS - Set it.\n[]>",
        "1. DISABLE - Off\n2. SETTRS - Server\n[]>",
        "1) DISABLE\n[]>",
        "- DISABLE\n- SETTRS\n[]>",
        "[]>",
        "",
    ],
)
def test_anything_else_is_not_a_menu(text: str) -> None:
    assert menu.operations(shown(text)) == frozenset()
    assert menu.operations(Screen(MENU, at_prompt=True)) == frozenset()


@pytest.mark.parametrize(
    ("text", "default", "asks"),
    [
        (LIST + QUESTION + "[]>", "", True),
        (LIST + QUESTION + "[2]>", "2", True),
        (LIST + QUESTION + "[7]>", "7", False),
        (LIST + QUESTION + "[Y]>", "Y", False),
        (LIST + "Choose a mirror:\n[1]>", "1", False),
        (LIST + QUESTION + "\nDo you agree? [Y]>", "Y", False),
        (LIST.replace("2.", "3.") + QUESTION + "[]>", "", False),
        (LIST.replace("api-sse", "api.eu.sse.itd") + QUESTION + "[]>", "", False),
        (LIST + "3. none\n" + QUESTION + "[]>", "", False),
        ("1. Full\n2. None\n" + QUESTION + "[1]>", "1", False),
        (QUESTION + "[]>", "", False),
    ],
)
def test_the_question_for_the_server_has_its_words_below_a_whole_list(text: str, default: str, asks: bool) -> None:
    assert menu.asks_for_server(shown(text, default)) is asks


@pytest.mark.parametrize(
    ("question", "default", "words", "defaults"),
    [
        (screens.TOKEN_QUESTION, "", texts.ENTER_TOKEN, menu.NO_DEFAULT),
        (screens.DEREGISTER_QUESTION, "N", texts.DEREGISTER, menu.NO),
        (screens.DEREGISTER_QUESTION, "no", "Do you want to deregister your appliance from it.\nIt ends.", menu.NO),
        (screens.SWITCH_QUESTION, "Y", "Are you sure you want to disable the Cisco Cloud Service?", menu.YES_OR_NO),
        (screens.COMMIT_COMMENT, "none", "Please enter some comments describing your changes:", None),
        (screens.COMMIT_ROLLBACK, "Y", "Do you want to save the current configuration for rollback?", menu.YES_OR_NO),
    ],
)
def test_a_question_is_known_by_its_own_words(
    question: screens.Text, default: str, words: str, defaults: tuple[str, ...] | None
) -> None:
    end = f"[{default}]>"
    assert menu.asks(shown(f"{words} {end}", default), question, defaults)
    assert menu.asks(shown(f"Some words before.\n\n{words}\n{end}", default), question, defaults)
    assert not menu.asks(shown(f"{words}\n\nDo you agree? {end}", default), question, defaults)
    assert not menu.asks(shown(f"{words} Do you agree? {end}", default), question, defaults)
    assert not menu.asks(Screen(words, at_prompt=True), question, defaults)
    if defaults is not None:
        assert not menu.asks(shown(f"{words} [maybe]>", "maybe"), question, defaults)


REGISTERED = ({"DISABLE", "SETTRS", "DEREGISTER"}, texts.REGISTERED)


@pytest.mark.parametrize(
    ("keywords", "status", "registration", "certain"),
    [
        ({"ENABLE", "FETCHCERTIFICATE"}, texts.DISABLED, cs.UNAVAILABLE, True),
        ({"DISABLE", "SETTRS", "REGISTER"}, texts.ENABLED, cs.UNREGISTERED, True),
        ({"DISABLE", "SETTRS", "REGISTER"}, "", cs.UNREGISTERED, False),
        ({"DISABLE", "SETTRS", "DEREGISTER"}, texts.REGISTERED, cs.REGISTERED, True),
        ({"DISABLE", "SETTRS"}, texts.BUSY, cs.IN_PROGRESS, True),
        ({"ENABLE"}, texts.BUSY, cs.IN_PROGRESS, True),
        ({"DISABLE", "REGISTER"}, texts.BAD_TOKEN, cs.FAILED, True),
        ({"DISABLE", "SETTRS"}, texts.ENABLED, cs.UNAVAILABLE, False),
        ({"DISABLE", "SETTRS", "AUTOREGISTER"}, texts.ENABLED, cs.SMART_LICENSING, False),
        ({"DISABLE", "SETTRS", "AUTOREGISTER"}, texts.REGISTERED, cs.REGISTERED, True),
        ({"DISABLE", "SETTRS", "AUTOREGISTER", "REGISTER"}, texts.ENABLED, cs.UNREGISTERED, True),
        ({"SETTRS", "DEREGISTER"}, texts.REGISTERED, cs.REGISTERED, True),
        ({"SETTRS", "DEREGISTER"}, "", cs.REGISTERED, False),
        ({"SETTRS", "REGISTER"}, "", cs.UNREGISTERED, False),
        ({"SETTRS"}, "", cs.UNAVAILABLE, False),
        # contradictions, and one of the two that is missing
        ({"ENABLE", "FETCHCERTIFICATE"}, "", None, None),
        ({"ENABLE"}, texts.ENABLED, None, None),
        ({"ENABLE"}, texts.REGISTERED, None, None),
        ({"DISABLE", "REGISTER"}, texts.DISABLED, None, None),
        ({"DISABLE", "SETTRS", "DEREGISTER"}, "", None, None),
        ({"DISABLE", "SETTRS", "DEREGISTER"}, texts.ENABLED, None, None),
        ({"DISABLE", "SETTRS", "DEREGISTER"}, texts.BAD_TOKEN, None, None),
        ({"DISABLE", "SETTRS", "REGISTER"}, texts.REGISTERED, None, None),
        ({"DISABLE", "SETTRS"}, texts.REGISTERED, None, None),
        ({"SETTRS", "FETCHCERTIFICATE", "REGISTER"}, texts.ENABLED, None, None),
        ({"SETTRS", "REGISTER"}, texts.ENABLED, None, None),
        ({"ENABLE", "DISABLE"}, texts.ENABLED, None, None),
        ({"FULL", "LIMITED"}, texts.ENABLED, None, None),
    ],
)
def test_a_state_is_certain_if_text_and_menu_agree(
    keywords: set[str], status: str, registration: str | None, certain: bool | None
) -> None:
    lines = "".join(f"- {keyword} - Do it.\n" for keyword in sorted(keywords))
    first = cs.judge_first_screen(shown(f"{status}\n\nChoose:\n{lines}[]>"))
    assert (first and first.registration, first and first.certain) == (registration, certain)


def test_without_a_menu_only_the_busy_text_counts() -> None:
    for status in (texts.ENABLED, texts.DISABLED, texts.REGISTERED, ""):
        assert cs.judge_first_screen(Screen(status, at_prompt=True)) is None
    busy = cs.judge_first_screen(Screen(texts.PROGRESS, at_prompt=True))
    assert busy is not None and busy.registration == cs.IN_PROGRESS


@pytest.mark.parametrize(
    "line", ["-" + " " * 200_000, "- " + "A" * 200_000, "- A" + " " * 200_000, " " * 200_000 + "- A - b", "1" * 200_000]
)
def test_a_long_line_is_processed_quickly(line: str) -> None:
    began = time.process_time()
    for _time in range(20):
        assert menu.operations(shown(f"{line}\n[]>")) == frozenset()
        assert menu.servers(shown(f"{line}\n[]>")) == ()
        menu.question(shown(f"{line}\n[]>"))
    assert time.process_time() - began < 2
