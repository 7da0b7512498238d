# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of a probe: what it shows, how it looks at any width, and that what was read stays text."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.html import html_text
from tests.browser.test_accessibility import examine
from tests.samples.probe import document_of, findings, hostile, region, walk

ROOT = str(Path(__file__).resolve().parents[2])


@pytest.fixture
def page(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Page:
    name, width, scheme = request.param
    strange = findings(
        walk(status="<img src=x onerror=alert(1)> joined the cloud.", changes="</pre><script>alert(2)</script>"),
        europe=region(({"<b>id</b>": "x"},)),
    )
    document = document_of({"hostile": hostile, "strange": lambda: strange}[name]())
    path = tmp_path / "probe.html"
    path.write_text(html_text(document, ROOT, "# </pre><script>alert(3)</script>"), encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("dialog", lambda dialog: (problems.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((block) => { block.open = true; })")
    page.locator("#calls h4").first.wait_for()
    assert problems == []
    return page


LOOKS = [
    (name, width, scheme) for name in ("hostile", "strange") for width in (400, 1280) for scheme in ("light", "dark")
]


@pytest.mark.parametrize("page", LOOKS, indirect=True)
def test_the_page_is_accessible_and_fits_the_screen(page: Page) -> None:
    assert examine(page)["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("page", [("strange", 1280, "light")], indirect=True)
def test_what_was_read_is_shown_as_text(page: Page) -> None:
    assert page.locator("img, main script, main b").count() == 0
    assert page.get_by_text("<img src=x onerror=alert(1)> joined the cloud.").count() > 0
    assert page.get_by_text("<b>id</b>").count() > 0


@pytest.mark.parametrize("page", [("hostile", 1280, "light")], indirect=True)
def test_the_sections_of_the_page(page: Page) -> None:
    assert page.get_by_role("heading", level=2).all_text_contents() == [
        "Assumptions by verdict",
        "Differences",
        "Proposed profile",
        "Not certain",
        "Failures",
        "Screens of the appliances",
        "Answers of the APIs",
        "All assumptions",
    ]
    assert "assumptions differ" in page.get_by_role("heading", level=1).inner_text()
