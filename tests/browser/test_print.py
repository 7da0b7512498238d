# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On paper: everything that the filter lets through, with what differs opened, in light colours."""

from __future__ import annotations

import io

from pypdf import PdfReader

from tests.browser.looks import hosts


def printed(page) -> str:
    """The text on the paper."""
    reader = PdfReader(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))
    return " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())


def test_everything_is_on_paper(show) -> None:
    page = show("small", color_scheme="dark")
    text = printed(page)
    for host in hosts(page):
        assert host in text
    for said in (
        "5 of 8 appliances need attention",
        "Orphaned records",
        "Since the last report",
        "AsyncOS 12.5.0 is older",
        "What a run would do",
    ):
        assert said in text, said
    for control in ("Filter by text", "Copy link", "Arrow keys", "Skip to"):
        assert control not in text


def test_the_checks_that_are_ok_are_not(show) -> None:
    text = printed(show("small"))
    assert "Request timeframe (days) 30 7" in text
    assert "SSE connector" not in text


def test_a_filter_holds_on_paper(show) -> None:
    text = printed(show("small", "region=apjc"))
    assert "esa5.example.com" in text and "esa1.example.com" not in text
    assert "2 of 8 appliances shown" in text


def test_the_screen_is_as_before_afterwards(show) -> None:
    page = show("small", "host=esa5.example.com")
    printed(page)
    assert page.locator(".detail:visible").count() == 1
    assert page.locator(".open[aria-expanded=true]").count() == 1
    assert page.url.endswith("#host=esa5.example.com")


def test_all_of_two_thousand_are_on_paper(show) -> None:
    page = show("many")
    text = printed(page).replace(" ", "")
    assert [host for host in hosts(page) if host not in text] == []


def test_paper_is_light(show) -> None:
    page = show("small", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
