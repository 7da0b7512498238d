# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Update the pictures of docs/drift-report.md; needs Chromium. Run it after you change the look of the page."""

from __future__ import annotations

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import SOURCES, html_text  # noqa: E402
from tests.browser.chromium import running_chromium  # noqa: E402
from tests.samples import drift  # noqa: E402

# Name, appliances, colours, size, fragment.
PICTURES = (
    ("drift-page.png", 2000, "light", (1200, 780), ""),
    ("drift-page-opened.png", 8, "dark", (1200, 760), "host=esa6.example.com"),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running_chromium() as browser:
        for name, number, scheme, (width, height), fragment in PICTURES:
            rows = drift.small_rows() if number == 8 else drift.many_rows(number)
            path = Path(folder) / "page.html"
            path.write_text(html_text(drift.with_past(rows), str(ROOT / SOURCES)), encoding="utf-8")
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme, timezone_id="Europe/Berlin"
            )
            page.clock.set_fixed_time(drift.CREATED + timedelta(minutes=4))
            page.goto(path.as_uri() + (f"#{fragment}" if fragment else ""))
            page.wait_for_timeout(500)
            page.screenshot(path=ROOT / "docs" / "images" / name)
            page.close()


if __name__ == "__main__":
    main()
