# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first screen shows the state of the fleet."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.looks import hosts, opener
from tests.samples import drift

WIDTHS = (360, 768, 1024, 1920)


def test_the_headline(show) -> None:
    page = show("small")
    said = "5 of 8 appliances need attention: 1 could not be read, 1 is refused, 3 have drifted."
    assert page.get_by_role("heading", level=1).text_content() == said
    assert page.title() == f"Drift: {said}"
    assert page.locator("#answer").get_attribute("data-verdict") == "unknown"


def test_the_answer_and_the_verdicts_are_on_the_first_screen(show) -> None:
    page = show("many", viewport={"width": 1280, "height": 720})
    for selector in ("h1", "#tiles", "#regions > li:first-child"):
        box = page.locator(selector).bounding_box()
        assert box["y"] + box["height"] <= 720, selector


def test_counts_by_verdict(show) -> None:
    page = show("small")
    tiles = page.locator("#tiles li")
    assert [(t.get_attribute("data-verdict"), t.locator(".number").text_content()) for t in tiles.all()] == [
        ("unknown", "1"),
        ("refused", "1"),
        ("drift", "3"),
        ("ok", "3"),
    ]


def test_counts_of_a_large_fleet_add_up(show) -> None:
    page = show("many")
    numbers = [int(text.replace(",", "")) for text in page.locator("#tiles .number").all_text_contents()]
    assert sum(numbers) == 2000 == len(hosts(page))
    listed = page.locator(".row .badge span").all_text_contents()
    assert numbers == [listed.count(verdict) for verdict in ("unknown", "refused", "drift", "ok")]


def test_a_bar_per_region_with_the_worst_region_first(show) -> None:
    page = show("small")
    bars = page.locator("#regions svg.bar")
    assert [bar.get_attribute("aria-label") for bar in bars.all()] == [
        "EUROPE: 1 unknown, 1 drift, 2 ok",
        "AMERICAS: 1 refused, 1 ok",
        "APJC: 2 drift",
    ]
    widths = [
        (rect.get_attribute("data-verdict"), float(rect.get_attribute("width")))
        for rect in bars.first.locator("rect").all()
    ]
    assert [verdict for verdict, _width in widths] == ["unknown", "drift", "ok"]
    assert widths[0][1] == widths[1][1] == pytest.approx(widths[2][1] / 2)


def test_a_region_shows_its_failed_checks_with_the_next_step(show) -> None:
    page = show("small")
    europe = page.locator("#regions li[data-region=europe]")
    assert "7,412 of 8,000 API calls left" in europe.text_content()
    assert "Orphaned records: found 2, wanted 0" in europe.locator(".troubles").text_content()
    assert "Next: 2 records deleted" in europe.locator(".troubles").text_content()
    assert page.locator("#regions li[data-region=apjc] .troubles").count() == 0
    europe.locator("summary").click()
    assert europe.get_by_role("row").count() == 1 + 8
    assert europe.get_by_role("link").get_attribute("href") == "https://admin.eu.sse.itd.cisco.com"


def test_what_changed_since_the_last_report(show) -> None:
    page = show("small")
    changes = page.locator("#changes")
    assert (
        "Since 24 Nov 2026, 07:06 UTC: 2 worse, 1 new in the report, 1 no longer in the report."
        in changes.text_content()
    )
    assert changes.get_by_role("link").all_text_contents() == [
        "esa2.example.com",
        "esa6.example.com",
        "sma1.example.com",
    ]
    changes.get_by_role("link", name="esa6.example.com").click()
    expect(opener(page, "esa6.example.com")).to_have_attribute("aria-expanded", "true")


def test_the_trend_has_a_chart_and_a_caption(show) -> None:
    page = show("small")
    counts = [sum(n for verdict, n in entry["counts"].items() if verdict != "ok") for entry in HISTORY]
    said = f"Appliances not ok in the last 15 reports: maximum {max(counts)}, previous {counts[-2]}, now {counts[-1]}."
    assert page.locator("#trend figcaption").text_content() == said
    assert page.locator("#trend svg").get_attribute("aria-label") == said
    assert page.locator("#trend svg g").count() == 15


HISTORY = drift.with_past(drift.small_rows())["history"]


def test_the_first_report_has_no_changes_and_no_trend(show) -> None:
    page = show("first")
    assert "first report in this folder" in page.locator("#changes").text_content()
    assert "starts with the second report" in page.locator("#trend").text_content()


@pytest.mark.parametrize(
    ("name", "said", "shown"),
    [
        ("fine", "The appliance matches the inventory.", "1 appliance"),
        ("empty", "No appliance was compared.", "0 appliances"),
    ],
)
def test_fleets_without_problems_and_without_appliances(show, name, said, shown) -> None:
    page = show(name)
    assert page.locator("h1").text_content() == said
    assert page.locator("#shown").text_content() == shown
    assert page.locator("#empty").is_visible() is (name == "empty")


def test_times_are_shown_in_utc_and_local(show) -> None:
    page = show("small", timezone_id="America/New_York")
    when = page.locator("#when").text_content()
    assert "24 Nov 2026, 08:06 UTC" in when
    assert re.search(r"24 Nov 2026, 03:06 (GMT-5|EST), local time", when)
    title = page.locator("#changes time").get_attribute("title")
    assert re.search(r"24 Nov 2026, 02:06 (GMT-5|EST), local time", title)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["small", "hostile"])
def test_no_width_scrolls_horizontally(show, name, width) -> None:
    page = show(name, viewport={"width": width, "height": 900})
    for button in page.locator(".open").all():
        button.click()
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    spill = page.evaluate(
        """() => [...document.querySelectorAll("main *, header *")].filter(element => {
             const box = element.getBoundingClientRect();
             return box.width && box.right > innerWidth + 1 && getComputedStyle(element).position !== "absolute";
           }).map(element => element.outerHTML.slice(0, 80))"""
    )
    assert spill == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_colours_of_the_system(show, scheme) -> None:
    page = show("small", color_scheme=scheme)
    ground, text = page.evaluate(
        """() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]
                .map(colour => colour.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0))"""
    )
    assert (ground > text) is (scheme == "light")


def test_a_tile_shows_the_appliances_of_its_verdict(show) -> None:
    page = show("small")
    page.locator("#tiles button").nth(1).click()
    assert hosts(page) == ["esa3.example.com"]
    assert page.evaluate("document.activeElement.id") == "appliances"
