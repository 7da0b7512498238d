# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from devices is shown literally and has no effect."""

from __future__ import annotations

import re

from tests.browser.looks import hosts
from tests.samples import drift

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SHOWN = [STEERING.sub("\ufffd", text) for text in drift.HOSTILE]


def test_every_name_is_shown_as_text(show) -> None:
    page = show("hostile")
    assert sorted(hosts(page)) == sorted(SHOWN)
    for opener in page.locator(".open").all():
        opener.click()
    assert page.locator("main script, main img, main b, main iframe").count() == 0
    for detail, text in zip(page.locator(".detail").all(), SHOWN, strict=True):
        assert detail.locator("h3 bdi").first.text_content() == text
        assert detail.locator(".facts dd").all_text_contents() == [text] * 5
        server = detail.locator("tr[data-check=server]")
        assert server.locator("td").first.text_content() == text


def test_no_hostile_text_runs(show) -> None:
    """A dialog, a console message or a request fails the test."""
    page = show("hostile")
    page.wait_for_timeout(200)
    assert page.evaluate("document.querySelectorAll('script').length") == 2


def test_an_invalid_address_is_not_a_link(show) -> None:
    page = show("hostile")
    assert [
        link for link in page.evaluate("[...document.links].map(link => link.protocol)") if link == "javascript:"
    ] == []


def test_the_policy_refuses_markup(show) -> None:
    """The policy protects the page even if the script sets markup."""
    show.expected = ["TrustedHTML"]
    page = show("small")
    assert (
        page.evaluate(
            """() => { try { document.body.innerHTML = "<p>"; return "taken"; } catch (error) { return error.name; } }"""
        )
        == "TypeError"
    )


def test_right_to_left_text_is_isolated(show) -> None:
    page = show("hostile")
    rtl = drift.HOSTILE[4]
    name = page.locator(".open bdi").filter(has_text=rtl)
    assert name.evaluate("element => getComputedStyle(element).unicodeBidi") == "isolate"
    assert not STEERING.search("".join(hosts(page)))


def test_a_hostile_name_can_be_linked_to(show) -> None:
    page = show("hostile")
    for place, text in enumerate(drift.HOSTILE):
        page.locator(".open").nth(place).click()
        page.reload()
        assert page.locator(".detail:not([hidden]) h3 bdi").first.text_content() == STEERING.sub("\ufffd", text)
        page.locator(".open[aria-expanded=true]").click()


def test_a_hostile_filter_is_shown_as_text(show) -> None:
    page = show("hostile", "q=%3Cscript%3E")
    assert hosts(page) == [SHOWN[0]]
