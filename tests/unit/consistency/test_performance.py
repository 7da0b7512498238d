# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/performance.md is generated from the last figures."""

from __future__ import annotations

import json

from tests.tools import performance


def test_the_page_is_up_to_date() -> None:
    figures = json.loads(performance.FIGURES.read_text(encoding="utf-8"))
    assert performance.PAGE.read_text(encoding="utf-8") == performance.page(figures), "run make docs"


def test_the_figures_name_the_machine_and_every_group() -> None:
    figures = json.loads(performance.FIGURES.read_text(encoding="utf-8"))
    assert {"processors", "memory", "python", "ansible-core", "asyncssh"} <= set(figures["machine"])
    assert {row["group"] for row in figures["rows"]} == set(performance.GROUPS)
