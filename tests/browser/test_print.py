# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The printed page shows all rows that match the filters, with opened differences, in light colours."""

from __future__ import annotations

import io

from pypdf import PdfReader

from tests.browser.looks import hosts


def printed(page) -> str:
    """Return the text of the printed page."""
    reader = PdfReader(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))
    return " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())


def test_the_printed_page_is_complete(show) -> None:
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


def test_checks_that_are_ok_are_not_printed(show) -> None:
    text = printed(show("small"))
    assert "Request timeframe (days) 30 7" in text
    assert "SSE connector" not in text


def test_the_printed_page_is_filtered(show) -> None:
    text = printed(show("small", "region=apjc"))
    assert "esa5.example.com" in text and "esa1.example.com" not in text
    assert "2 of 8 appliances shown" in text


def test_printing_does_not_change_the_screen(show) -> None:
    page = show("small", "host=esa5.example.com")
    printed(page)
    assert page.locator(".detail:visible").count() == 1
    assert page.locator(".open[aria-expanded=true]").count() == 1
    assert page.url.endswith("#host=esa5.example.com")


def test_all_2000_appliances_are_printed(show) -> None:
    page = show("many")
    text = printed(page).replace(" ", "")
    assert [host for host in hosts(page) if host not in text] == []


def test_the_printed_page_has_light_colours(show) -> None:
    page = show("small", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
