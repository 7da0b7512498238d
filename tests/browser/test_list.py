# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list can be filtered, sorted, opened and linked, and used with the keyboard."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.looks import chip, focused, fragment, hosts, opener, row, sort_by

ALL = [f"{name}.example.com" for name in ("esa7", "esa3", "esa2", "esa5", "esa6", "esa1", "esa4", "sma1")]


def test_the_worst_come_first(show) -> None:
    assert hosts(show("small")) == ALL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sma", ["sma1.example.com"]),
        ("ESA3", ["esa3.example.com"]),
        ("europe esa", ["esa7.example.com", "esa2.example.com", "esa1.example.com"]),
        ("orphan", []),
        ("firewall", ["esa7.example.com"]),
        ("set the server", ["esa5.example.com"]),
        ("0000B99A", ["esa6.example.com"]),
        ("  ", ALL),
    ],
)
def test_filter_by_text(show, text, expected) -> None:
    page = show("small")
    page.get_by_label("Filter by text").press_sequentially(text)
    assert hosts(page) == expected
    said = "8 appliances" if expected == ALL else f"{len(expected)} of 8 appliances shown"
    assert page.locator("#shown").text_content() == said
    assert page.locator("#empty").is_visible() is (expected == [])


def test_filter_by_region_and_verdict(show) -> None:
    page = show("small")
    page.get_by_label("Region", exact=True).select_option("europe")
    assert hosts(page) == ["esa7.example.com", "esa2.example.com", "esa1.example.com", "sma1.example.com"]
    chip(page, "drift").click()
    assert hosts(page) == ["esa2.example.com"]
    chip(page, "unknown").click()
    assert hosts(page) == ["esa7.example.com", "esa2.example.com"]
    assert chip(page, "unknown").get_attribute("aria-pressed") == "true"
    chip(page, "drift").click()
    assert hosts(page) == ["esa7.example.com"]
    page.get_by_role("button", name="Clear filters").click()
    assert hosts(page) == ALL
    assert page.get_by_role("button", name="Clear filters").is_hidden()


def test_filters_and_order_are_restored_from_the_address(show) -> None:
    page = show("small")
    page.get_by_label("Filter by text").fill("esa example")
    page.get_by_label("Region", exact=True).select_option("apjc")
    chip(page, "drift").click()
    sort_by(page, "Appliance").click()
    sort_by(page, "Appliance").click()
    expected = {"q": "esa example", "region": "apjc", "verdict": "drift", "sort": "host", "direction": "descending"}
    assert fragment(page) == expected
    page.reload()
    assert fragment(page) == expected
    assert hosts(page) == ["esa6.example.com", "esa5.example.com"]
    assert page.get_by_label("Filter by text").input_value() == "esa example"
    assert page.get_by_label("Region", exact=True).input_value() == "apjc"
    assert chip(page, "drift").get_attribute("aria-pressed") == "true"


def test_an_invalid_address_is_ignored(show) -> None:
    page = show("small", "region=mars&verdict=fine,drift&sort=colour&direction=sideways&q=%ff")
    assert fragment(page)["verdict"] == "drift"
    assert page.get_by_label("Region", exact=True).input_value() == ""
    page.get_by_role("button", name="Clear filters").click()
    assert hosts(page) == ALL
    assert "#" not in page.url


@pytest.mark.parametrize(
    ("column", "first"),
    [
        ("Appliance", sorted(ALL)),
        ("Region", None),
        ("Differences", None),
        ("Product", None),
    ],
)
def test_sort_by_a_column_in_both_directions(show, column, first) -> None:
    page = show("small")
    header = page.get_by_role("columnheader", name=column)
    assert header.get_attribute("aria-sort") == "none"
    sort_by(page, column).click()
    assert header.get_attribute("aria-sort") == "ascending"
    assert page.locator("[aria-sort=ascending], [aria-sort=descending]").count() == 1
    ascending = hosts(page)
    assert sorted(ascending) == sorted(ALL)
    if first:
        assert ascending == first
    sort_by(page, column).click()
    assert header.get_attribute("aria-sort") == "descending"
    texts = page.locator(".row").evaluate_all(
        "(rows, place) => rows.map(row => row.children[place].textContent.trim())",
        [text.strip() for text in page.locator(".table > thead th").all_text_contents()].index(column),
    )
    assert texts == sorted(texts, key=str.lower, reverse=True)


def test_numbers_in_host_names_are_sorted_as_numbers(show) -> None:
    page = show("many", "q=europe")
    sort_by(page, "Appliance").click()
    numbers = [int(host.split(".")[0].removeprefix("esa")) for host in hosts(page)]
    assert numbers == sorted(numbers) and len(numbers) > 900


def test_sort_by_verdict_in_both_directions(show) -> None:
    page = show("small")
    header = page.get_by_role("columnheader", name="Verdict")
    assert header.get_attribute("aria-sort") == "descending"
    sort_by(page, "Verdict").click()
    assert header.get_attribute("aria-sort") == "ascending"
    assert hosts(page)[0] == "esa1.example.com" and hosts(page)[-1] == "esa7.example.com"


def test_a_row_opens_to_wanted_found_and_next_step(show) -> None:
    page = show("small")
    assert page.locator(".detail").count() == 0
    opener(page, "esa5.example.com").click()
    assert opener(page, "esa5.example.com").get_attribute("aria-expanded") == "true"
    detail = page.locator(f"#{opener(page, 'esa5.example.com').get_attribute('aria-controls')}")
    assert detail.is_visible()
    checks = detail.locator("tr[data-check]")
    assert checks.count() == 15
    assert checks.first.locator("th, td").all_text_contents() == [
        "Server",
        "api.apj.sse.itd.cisco.com",
        "api-sse.cisco.com",
        "drift",
        "set the server to api.apj.sse.itd.cisco.com",
    ]
    assert detail.locator(".steps li").all_text_contents() == ["set the server to api.apj.sse.itd.cisco.com"]
    assert "564D00000005" in detail.locator(".facts").text_content()
    opener(page, "esa5.example.com").click()
    assert detail.is_hidden()
    assert opener(page, "esa5.example.com").get_attribute("aria-expanded") == "false"


def test_a_click_anywhere_on_a_row_opens_it(show) -> None:
    page = show("small")
    row(page, "esa1.example.com").locator(".what").click()
    assert opener(page, "esa1.example.com").get_attribute("aria-expanded") == "true"
    assert "No steps: the appliance matches the inventory." in page.locator(".detail").text_content()


def test_a_filter_also_hides_the_details_of_a_row(show) -> None:
    page = show("small")
    opener(page, "esa5.example.com").click()
    page.get_by_label("Filter by text").fill("esa1")
    assert page.locator(".detail").is_hidden()
    page.get_by_label("Filter by text").fill("")
    assert page.locator(".detail").is_visible()
    sort_by(page, "Appliance").click()
    after = page.locator(".detail").evaluate("detail => detail.previousElementSibling.textContent")
    assert "esa5.example.com" in after


# Links to one appliance


def test_a_link_opens_and_focuses_its_appliance(show) -> None:
    page = show("small", "host=sma1.example.com", viewport={"width": 1024, "height": 500})
    assert opener(page, "sma1.example.com").get_attribute("aria-expanded") == "true"
    assert focused(page) == "sma1.example.com"
    box = row(page, "sma1.example.com").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 500


def test_a_link_into_a_large_fleet(show) -> None:
    page = show("many", "host=esa2000.americas.example.com")
    assert focused(page) == "esa2000.americas.example.com"
    box = row(page, "esa2000.americas.example.com").bounding_box()
    assert 0 <= box["y"] <= 900


def test_a_link_clears_filters_that_hide_its_appliance(show) -> None:
    page = show("small", "host=sma1.example.com&verdict=drift")
    assert opener(page, "sma1.example.com").is_visible()
    assert fragment(page) == {"host": "sma1.example.com"}


def test_a_link_to_an_unknown_appliance_shows_a_notice(show) -> None:
    page = show("small", "host=" + quote("<b>esa99</b>"))
    assert page.get_by_role("alert").text_content() == "There is no appliance <b>esa99</b> in this report."
    assert len(hosts(page)) == 8


def test_the_address_contains_the_opened_row(show) -> None:
    page = show("small")
    opener(page, "esa5.example.com").click()
    assert fragment(page) == {"host": "esa5.example.com"}
    opener(page, "esa5.example.com").click()
    assert fragment(page) == {}
    page.evaluate("location.hash = '#host=esa2.example.com'")
    expect(opener(page, "esa2.example.com")).to_be_focused()


def test_the_link_can_be_copied(show, pages) -> None:
    page = show("small", "q=esa", permissions=["clipboard-read", "clipboard-write"])
    opener(page, "esa5.example.com").click()
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Link copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{pages.of('small')[0]}#host=esa5.example.com"


# The keyboard


def test_the_skip_link_leads_to_the_list(show) -> None:
    page = show("small")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the appliances"
    assert page.locator("#skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "appliances"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "query"


def test_every_control_can_be_focused_visibly(show) -> None:
    page = show("small")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            """() => [document.activeElement.id || document.activeElement.textContent.trim(),
                      getComputedStyle(document.activeElement).outlineStyle]"""
        )
        if page.evaluate("document.activeElement === document.body"):
            break
        seen.append(name)
        assert outline != "none", name
    assert len(seen) == len(set(zip(seen, range(len(seen)), strict=True)))
    for name in ("query", "region", "unknown", "Appliance", "Product", "esa7.example.com"):
        assert name in seen, seen
    # The list is one stop of the Tab key: its rows are reached with the arrow keys.
    assert [name for name in seen if name in ALL] == [
        "esa2.example.com",
        "esa6.example.com",
        "sma1.example.com",
        "esa7.example.com",
    ]


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_enter_and_space_open_and_close(show, key) -> None:
    page = show("small")
    opener(page, "esa7.example.com").focus()
    page.keyboard.press(key)
    assert opener(page, "esa7.example.com").get_attribute("aria-expanded") == "true"
    page.keyboard.press(key)
    assert opener(page, "esa7.example.com").get_attribute("aria-expanded") == "false"


def test_arrow_keys_move_and_open(show) -> None:
    page = show("small")
    opener(page, "esa7.example.com").focus()
    visited = []
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "End", "ArrowDown", "Home", "ArrowUp"):
        page.keyboard.press(key)
        visited.append(focused(page).removesuffix(".example.com"))
    assert visited == ["esa3", "esa2", "esa3", "sma1", "sma1", "esa7", "esa7"]
    page.keyboard.press("ArrowRight")
    assert opener(page, "esa7.example.com").get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowLeft")
    assert opener(page, "esa7.example.com").get_attribute("aria-expanded") == "false"


def test_arrow_keys_skip_hidden_rows(show) -> None:
    page = show("small", "region=europe")
    opener(page, "esa7.example.com").focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == "esa2.example.com"


def test_escape_leaves_the_details(show) -> None:
    page = show("small", "host=esa5.example.com")
    page.get_by_role("button", name="Copy link").focus()
    page.keyboard.press("Escape")
    assert focused(page) == "esa5.example.com"
    assert page.locator(".detail").is_hidden()


def test_the_focused_row_is_not_under_the_headings(show) -> None:
    page = show("many", "host=esa2000.americas.example.com")
    for _ in range(3):
        page.keyboard.press("PageDown")
    for _ in range(25):
        page.keyboard.press("ArrowUp")
    top = page.locator(":focus").bounding_box()["y"]
    heading = page.locator(".table > thead").bounding_box()
    assert top >= heading["y"] + heading["height"]


def test_all_2000_rows_are_listed(show) -> None:
    page = show("many")
    assert page.locator(".row").count() == 2000
    page.get_by_label("Filter by text").press_sequentially("esa1999")
    assert len(hosts(page)) == 1
    page.get_by_label("Filter by text").fill("")
    sort_by(page, "Appliance").click()
    assert hosts(page)[0].startswith("esa1.") and hosts(page)[-1].startswith("esa2000.")
    page.locator(".open").last.click()
    assert page.locator(".detail").is_visible()
