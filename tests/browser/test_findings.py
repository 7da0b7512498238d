# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page shows findings in the row and in the opened row, and filters by them."""

from __future__ import annotations

import pytest

from tests.browser.looks import hosts, opener, row
from tests.samples import drift

PORTAL = "https://admin.apj.sse.itd.cisco.com"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("module_unhealthy", ["esa1.example.com"]),
        ("never_registered", ["esa6.example.com"]),
        ("asks for a token", ["esa6.example.com"]),
        ("nothing_wrong", ["esa4.example.com"]),
        ("tracking_off", []),
    ],
)
def test_the_filter_finds_code_and_evidence(show, text, expected) -> None:
    page = show("diagnosed")
    page.get_by_label("Filter by text").fill(text)
    assert hosts(page) == expected


def test_the_row_names_the_code(show) -> None:
    page = show("diagnosed")
    assert "Finding: module_unhealthy" in row(page, "esa1.example.com").text_content()
    assert "Finding" not in row(page, "esa4.example.com").text_content()
    assert "Finding" not in row(page, "esa2.example.com").text_content()


def test_the_opened_row_shows_the_finding_above_the_checks(show) -> None:
    page = show("diagnosed")
    opener(page, "esa6.example.com").click()
    block = page.locator(".detail:not([hidden]) .finding")
    expected = drift.finding("never_registered", "esa6.example.com", "apjc", "")
    assert block.locator("h3").text_content() == "Finding: never_registered"
    assert block.locator("p").first.text_content() == expected["sentence"]
    assert block.locator("dd").all_text_contents() == [
        "cloudserviceconfig: asks for a token; SSE of apjc: no record",
        expected["fix"],
        "docs/troubleshooting.md#never_registered",
    ]
    link = block.get_by_role("link")
    assert (link.get_attribute("href"), link.get_attribute("rel")) == (PORTAL, "noopener noreferrer")
    assert block.bounding_box()["y"] < page.locator(".detail:not([hidden]) .checks").bounding_box()["y"]


def test_the_answer_counts_the_findings(show) -> None:
    said = show("diagnosed").locator("#diagnosis")
    assert said.text_content() == ("The diagnosis found problems on 4 appliances, of which 1 matches the inventory.")
    assert said.is_visible()
    assert not show("small").locator("#diagnosis").is_visible()


def test_a_fleet_with_findings_but_without_drift_has_its_own_icon(show) -> None:
    page = show("broken")
    assert page.locator("#answer").get_attribute("data-verdict") == "finding"
    assert page.locator("#mark use").get_attribute("href") == "#icon-finding"


def test_an_appliance_without_a_finding_has_no_block(show) -> None:
    page = show("diagnosed")
    opener(page, "esa2.example.com").click()
    assert page.locator(".detail:not([hidden]) .checks").count() == 1
    assert page.locator(".finding").count() == 0


def test_a_hostile_finding_is_shown_as_text(show) -> None:
    page = show("hostile", "")
    for button in page.locator(".open").all():
        button.click()
    blocks = page.locator(".finding")
    assert blocks.count() == len(drift.HOSTILE)
    assert blocks.locator("script, img, a").count() == 0
    assert drift.HOSTILE[0] in blocks.first.text_content()
