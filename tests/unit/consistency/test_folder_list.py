# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of folders in the documentation is complete, and names only existing folders."""

from __future__ import annotations

import re

from tests.unit.consistency.support import ROOT, text_of

ROOMS = ("plugins", "plugins/module_utils", "tests")


def test_every_folder_is_in_the_list() -> None:
    section = text_of("docs/development.md").split("## Where things are")[1].split("\n## ")[0]
    listed = {
        name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"`(.+?)`", row)
    }
    assert [name for name in listed if not (ROOT / name).is_dir()] == []
    there = {
        str(room.relative_to(ROOT))
        for top in ROOMS
        for room in (ROOT / top).iterdir()
        if (room / "__init__.py").exists() or any(room.glob("*.py"))
    }
    assert sorted(there - listed) == []
