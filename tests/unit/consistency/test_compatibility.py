# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/compatibility.md is generated from the table of screens."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import screens
from tests.tools import compatibility


def test_the_page_is_up_to_date_with_the_table() -> None:
    assert compatibility.PAGE.read_text(encoding="utf-8") == compatibility.page(), "run make docs"


def test_every_text_of_the_table_is_used() -> None:
    """Texts that the code no longer uses must be removed from the table."""
    folder = compatibility.PAGE.parents[1] / "plugins" / "module_utils" / "_asyncos"
    code = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if path.name != "screens.py")
    names = [name for name, value in vars(screens).items() if isinstance(value, screens.Text)]
    assert names and [name for name in names if f"screens.{name}" not in code] == []
