# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of a probe shows the differences first, and all assumptions with filters; hostile text is shown as text."""

from __future__ import annotations

import unicodedata

import pytest
from playwright.sync_api import Page

from tests.browser.test_accessibility import examine
from tests.browser.test_hostile import STEERING
from tests.browser.test_print import printed
from tests.samples import probe_document as probe
from tests.samples.drift import HOSTILE

USUAL = probe.usual()
COUNTS = USUAL.counts()


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((block) => { block.open = true; })")
    page.locator("#calls details").last.locator("h4").first.wait_for()


def ids(page: Page, part: str = "#rows") -> list[str]:
    return page.locator(f"{part} tbody tr:not([hidden]) th code").all_text_contents()


def section(page: Page, heading: str):
    return page.get_by_role("region", name=heading, exact=True)


def test_the_answer_and_the_counts(show) -> None:
    page = show("probe")
    total = len(USUAL.assumptions)
    said = f"6 of {total} assumptions differ, {COUNTS['confirmed']} are confirmed, {COUNTS['not_seen']} were not seen; 2 of 9 readings failed"
    assert page.title() == f"Probe: {said}"
    assert page.get_by_role("heading", level=1).text_content() == f"{said}."
    tiles = [
        (t.get_attribute("data-verdict"), t.locator(".number").text_content()) for t in page.locator("#tiles li").all()
    ]
    assert tiles == [(verdict, str(COUNTS[verdict])) for verdict in ("differs", "confirmed", "not_seen")]
    assert [rect.get_attribute("data-verdict") for rect in page.locator("svg.bar rect").all()] == [t[0] for t in tiles]
    assert page.locator("#not-seen li").count() == 3
    assert "24 Nov 2026, 08:06 UTC" in page.locator("#when").text_content()


def test_the_differences_come_first(show) -> None:
    page = show("probe")
    differing = [one for one in USUAL.assumptions if one.id in probe.CAME]
    assert ids(page, "#differences") == [one.id for one in differing]
    row = page.locator("#differences tr").filter(has_text="field.sse.status").text_content()
    for said in ("status", "data.registration_state", "2 more", "europe", "field of an answer, grade S"):
        assert said in row
    assert page.locator("main h2").all_text_contents()[1:5] == [
        "Differences",
        "Proposed profile",
        "Not certain",
        "Failures",
    ]


def test_proposals_failures_and_what_is_not_certain(show) -> None:
    page = show("probe")
    proposals = section(page, "Proposed profile")
    assert "holds one word for the devices of registered appliances" in proposals.text_content()
    page.get_by_text("The profile as a file").click()
    assert "    # Evidence: listed with the label EUROPE by 3 appliances." in proposals.locator("pre").text_content()
    assert "Fix: add its name to sse.fields.description" in section(page, "Not certain").text_content()
    assert section(page, "Failures").locator("li").count() == 2


def test_the_profile_can_be_copied(show) -> None:
    page = show("probe", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("The profile as a file").click()
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#proposals pre").text_content()


def test_screens_and_calls_are_built_when_they_are_opened(show) -> None:
    page = show("probe")
    assert page.locator("#appliances pre, #calls h4").count() == 0
    open_all(page)
    assert page.locator("#appliances pre").nth(3).text_content() == USUAL.appliances[0].screens[3].text
    assert "Typed: cloudserviceconfig378 characters, 0.004 s" in page.locator("#appliances").text_content()
    calls = page.locator("#calls").text_content()
    for said in ("GET /iroh/iroh-sse/device", "status 200, 4 records, 3,120 bytes", "Enrolled, Awaiting Enrollment"):
        assert said in calls
    assert (
        "no connection within 10 seconds. Fix: check the network, and ansible_host."
        in page.locator("#appliances").text_content()
    )


def test_the_filters(show) -> None:
    page = show("probe")
    every = ids(page)
    assert len(every) == len(USUAL.assumptions) == sum(COUNTS.values())
    page.locator("#chips").get_by_role("button", name="not seen").click()
    assert sorted(ids(page)) == sorted(one.id for one in USUAL.assumptions if one.verdict.value == "not_seen")
    page.get_by_label("Kind").select_option("status word")
    status = {one.id for one in USUAL.assumptions if one.kind == "status word"}
    assert set(ids(page)) <= status
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_label("Kind").select_option("status word")
    assert set(ids(page)) == status
    page.get_by_label("Kind").select_option("")
    page.get_by_label("Filter by text").fill("NO_CHANGES appliance")
    assert ids(page) == ["text.no_changes"]
    assert page.locator("#shown").text_content() == f"1 of {len(every)} assumptions shown"
    page.get_by_label("Filter by text").fill("nothing like this")
    assert page.locator("#empty").is_visible() and not page.locator("#rows").is_visible()
    page.locator("#tiles button").first.click()
    assert set(ids(page)) == set(probe.CAME)
    assert page.evaluate("document.activeElement.id") == "assumptions"


def test_a_probe_without_differences_and_an_empty_one(show) -> None:
    page = show("probe-clean")
    assert "Nothing that was seen differs" in page.locator("#differences").text_content()
    assert not section(page, "Proposed profile").is_visible() and not section(page, "Failures").is_visible()
    page = show("probe-empty")
    assert page.locator("#shown").text_content() == "0 assumptions"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "width"), [("probe", 400), ("probe", 1280), ("probe-hostile", 400), ("probe-hostile", 1280)]
)
def test_accessible_at_each_width(show, name, width, scheme) -> None:
    page = show(name, color_scheme=scheme, viewport={"width": width, "height": 900})
    open_all(page)
    page.locator("#chips button").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    result = examine(page)
    assert result["violations"] == []
    assert {"color-contrast", "target-size", "button-name"} <= set(result["passes"])


def test_hostile_text_is_shown_as_text(show) -> None:
    page = show("probe-hostile")
    open_all(page)
    assert page.locator("main script, main img, main b, main a, main iframe").count() == 0
    assert page.evaluate("document.querySelectorAll('script').length") == 2
    said = page.locator("#appliances summary h3").all_text_contents()
    assert said[: len(HOSTILE)] == [STEERING.sub("\ufffd", text) for text in HOSTILE]
    assert not STEERING.search(page.locator("body").inner_text().replace("\n", ""))


def test_the_printed_page(show) -> None:
    page = show("probe", color_scheme="dark")
    page.locator("#tiles button").nth(1).click()
    text = unicodedata.normalize("NFKC", printed(page))
    for said in ("assumptions differ", "Everything is committed.", "Not certain", "no connection within 10 seconds"):
        assert said in text, said
    for control in ("Filter by text", "Clear filters", "Skip to"):
        assert control not in text
