# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the page of the drift report: size, time to first content, and time of a keystroke in its filter.

Targets for 2,000 appliances in headless Chromium: first content under 1 s, keystroke under 100 ms.
"""

from __future__ import annotations

import gzip
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import html_text
from tests.browser.chromium import path_of_chromium, running_chromium
from tests.samples import drift

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "roles" / "esa_ctr_integration" / "files" / "drift_page"
FLEETS = (8, 200, 2000)
LOADS = 5
TYPED = "esa12 europe"
# From the press of a key until the browser has painted the result.
WATCH_KEYS = """() => {
  window.keystrokes = [];
  addEventListener("keydown", () => {
    const begin = performance.now();
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => keystrokes.push(performance.now() - begin);
      painted.port2.postMessage(null);
    });
  }, true);
}"""


def measure(browser: Browser, path: Path, number: int) -> dict[str, Any]:
    """Return the medians of several loads, and the keystrokes of the last load."""
    first, complete = [], []
    for _ in range(LOADS):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        start = time.perf_counter()
        page.goto(path.as_uri())
        page.locator(".row").nth(number - 1).wait_for(state="attached")
        complete.append((time.perf_counter() - start) * 1000)
        page.wait_for_timeout(300)
        first.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        if len(first) < LOADS:
            page.close()
    page.evaluate(WATCH_KEYS)
    page.locator("#query").focus()
    for key in [*TYPED, *["Backspace"] * len(TYPED)]:
        page.keyboard.press("Space" if key == " " else key)
        page.wait_for_timeout(120)
    keystrokes = page.evaluate("keystrokes")
    page.close()
    assert len(keystrokes) == 2 * len(TYPED)
    return {
        "first": statistics.median(first),
        "slowest": max(first),
        "complete": statistics.median(complete),
        "key": statistics.median(keystrokes),
        "worst key": max(keystrokes),
    }


def figures() -> list[dict[str, Any]]:
    """Print and return the figures; nothing without Chromium."""
    if path_of_chromium() is None:
        print("page: SKIPPED, no Chromium on PATH. Fix: install chromium, and rerun.")
        return []
    print(f"\npage in headless Chromium; median (maximum) of {LOADS} loads and {2 * len(TYPED)} keystrokes")
    print(f"{'appliances':>10}  {'page':>9}  {'gzip':>8}  {'first content':>18}  {'all rows':>9}  {'keystroke':>16}")
    found = []
    with tempfile.TemporaryDirectory() as folder, running_chromium() as browser:
        for number in FLEETS:
            rows = drift.small_rows() if number == 8 else drift.many_rows(number)
            text = html_text(drift.with_past(rows), str(SOURCES)).encode()
            path = Path(folder) / f"{number}.html"
            path.write_bytes(text)
            seen = measure(browser, path, number)
            found.append(
                {"appliances": number, "bytes": len(text), **{key: round(value) for key, value in seen.items()}}
            )
            print(
                f"{number:>10,}  {len(text) / 1000:>6,.0f} kB  {len(gzip.compress(text)) / 1000:>5,.0f} kB  "
                f"{seen['first']:>6.0f} ms ({seen['slowest']:>4.0f} ms)  {seen['complete']:>6.0f} ms  "
                f"{seen['key']:>4.0f} ms ({seen['worst key']:>3.0f} ms)",
                flush=True,
            )
    return found
