# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/reliability.md is generated from the last figures, which have all suites of the torture."""

from __future__ import annotations

import json

from tests.tools import reliability
from tests.unit.consistency.support import ROOT


def test_the_page_has_the_last_figures() -> None:
    figures = json.loads(reliability.FIGURES.read_text(encoding="utf-8"))
    assert reliability.PAGE.read_text(encoding="utf-8") == reliability.page(figures), "run make docs"


def test_the_figures_have_every_suite() -> None:
    figures = json.loads(reliability.FIGURES.read_text(encoding="utf-8"))
    suites = {path.parent.name for path in (ROOT / "tests" / "torture").glob("*/test_*.py")}
    assert set(figures["suites"]) == suites == set(reliability.ABOUT)
