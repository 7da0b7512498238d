# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""axe-core finds no violation of WCAG 2.2 AA, in light and dark colours, with all rows opened."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
import pytest

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
RUN = """tags => axe.run(document, {runOnly: tags, resultTypes: ["violations"]}).then(result => ({
  violations: result.violations.map(({id, nodes}) => [id, nodes.length, nodes[0].html.slice(0, 200), nodes[0].failureSummary]),
  passes: result.passes.map(rule => rule.id),
}))"""


def examine(page) -> dict:
    page.evaluate(AXE + "; null")
    return page.evaluate(RUN, TAGS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["small", "diagnosed", "broken", "hostile", "empty", "fine"])
def test_no_violation(show, name, width, scheme) -> None:
    page = show(name, color_scheme=scheme, viewport={"width": width, "height": 900})
    for opener in page.locator(".open").all():
        opener.click()
    for summary in page.locator("summary").all():
        summary.click()
    page.locator("#chips button").first.click()
    page.evaluate("location.hash = '#host=nowhere'")
    page.get_by_role("alert").wait_for()
    result = examine(page)
    assert result["violations"] == []
    # The check is effective: the most important rules passed on this page.
    assert {"color-contrast", "target-size", "button-name"} <= set(result["passes"])


def test_no_violation_in_a_larger_fleet(show) -> None:
    page = show("some", "host=esa14.americas.example.com")
    assert examine(page)["violations"] == []


def test_a_violation_is_noticed(show) -> None:
    page = show("small")
    page.evaluate("document.getElementById('query').parentElement.querySelector('label').remove()")
    assert "label" in [violation[0] for violation in examine(page)["violations"]]


def test_colour_is_never_the_only_indicator(show) -> None:
    """Every coloured verdict is also shown as a word."""
    page = show("small")
    for mark in page.locator(".badge, #tiles li, .legend li, #chips button").all():
        verdict = mark.get_attribute("data-verdict") or mark.locator("xpath=..").get_attribute("data-verdict")
        assert verdict in mark.text_content()
