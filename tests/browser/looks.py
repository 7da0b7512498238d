# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helpers that read the page."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page


def hosts(page: Page) -> list[str]:
    """Return the visible appliances, in order."""
    return page.locator(".row:not([hidden]) .open bdi").all_text_contents()


def row(page: Page, host: str) -> Locator:
    return page.locator(".row").filter(has=page.get_by_role("button", name=host, exact=True))


def opener(page: Page, host: str) -> Locator:
    return page.get_by_role("button", name=host, exact=True)


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def fragment(page: Page) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).fragment).items()}


def chip(page: Page, verdict: str) -> Locator:
    return page.locator("#chips").get_by_role("button", name=verdict)


def sort_by(page: Page, name: str) -> Locator:
    return page.get_by_role("columnheader", name=name).get_by_role("button")
