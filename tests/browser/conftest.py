# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A browser for all tests. A page must send no requests and write nothing to the console."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import ProbeDocument
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render import html as probe_html
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.profile_file import profile_text
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import html_text
from tests.browser.chromium import running_chromium
from tests.samples import drift
from tests.samples import probe_document as probe

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "roles" / "esa_ctr_integration" / "files" / "drift_page"
DOCUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "small": lambda: drift.with_past(drift.small_rows()),
    "some": lambda: drift.with_past(drift.many_rows(150)),
    "many": lambda: drift.with_past(drift.many_rows(2000)),
    "hostile": lambda: drift.with_past(drift.hostile_rows()),
    "broken": lambda: drift.build(drift.broken_rows()),
    "diagnosed": lambda: drift.with_past(drift.diagnosed_rows()),
    "first": lambda: drift.build(drift.small_rows()),
    "fine": lambda: drift.build(([drift.region("europe")], [drift.appliance("esa1.example.com")])),
    "empty": lambda: drift.build(([], [])),
}
PROBES: dict[str, Callable[[], ProbeDocument]] = {
    "probe": probe.usual,
    "probe-hostile": probe.hostile,
    "probe-clean": probe.clean,
    "probe-empty": probe.empty,
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


class Pages:
    """The page of each document, written when a test first needs it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, tuple[str, int]] = {}

    def of(self, name: str) -> tuple[str, int]:
        """Return the address of the page, and the number of its appliances."""
        if name not in self._made:
            self._made[name] = self._write(name)
        return self._made[name]

    def _write(self, name: str) -> tuple[str, int]:
        path = self._folder / f"{name}.html"
        if name in PROBES:
            path.write_text(probe_page(PROBES[name]()), encoding="utf-8")
            return path.as_uri(), 0
        document = DOCUMENTS[name]()
        path.write_text(html_text(document, str(SOURCES)), encoding="utf-8")
        return path.as_uri(), len(document["appliances"])


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    return Pages(tmp_path_factory.mktemp("pages"))


def probe_page(document: ProbeDocument) -> str:
    needed = document.proposals or document.remaining
    return probe_html.html_text(
        document, str(ROOT), profile_text(document.proposals, document.remaining) if needed else ""
    )


@pytest.fixture
def show(browser: Browser, pages: Pages) -> Iterator[Callable[..., Page]]:
    """Return a function that opens the page of a document, optionally at a fragment.

    A test fails if its page sends a request or writes to the console, except for messages in C(show.expected).
    """
    contexts, problems = [], []

    def opened(name: str, fragment: str = "", **options: Any) -> Page:
        address, rows = pages.of(name)
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: problems.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request",
            lambda request: (
                problems.append(f"request: {request.url}")
                if request.url.split("#")[0] not in (address, "data:,")
                else None
            ),
        )
        page.goto(address + (f"#{fragment}" if fragment else ""))
        # Rows are built in chunks; wait for the last row.
        if rows:
            page.locator(".row").nth(rows - 1).wait_for(state="attached")
        return page

    opened.expected = []
    yield opened
    for context in contexts:
        context.close()
    assert [text for text in problems if not any(known in text for known in opened.expected)] == []
