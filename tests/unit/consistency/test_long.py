# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tests/long.txt names tests that exist, and the last line that matches a test decides."""

from __future__ import annotations

import re

import pytest

from tests.conftest import is_long, lines_of_long
from tests.unit.consistency.support import ROOT, text_of


@pytest.mark.parametrize("line", lines_of_long())
def test_every_line_names_a_file_and_the_beginning_of_a_test(line: str) -> None:
    path, _colons, test = line.removeprefix("!").partition("::")
    assert (ROOT / path).is_file()
    name, _bracket, _parameters = test.partition("[")
    assert not name or re.search(rf"^(async def |def |    ){re.escape(name)}", text_of(path), re.MULTILINE)


def test_the_last_line_that_matches_decides() -> None:
    lines = ["tests/a.py::test_x[", "!tests/a.py::test_x[1", "tests/b.py"]
    assert [
        is_long(test, lines) for test in ("tests/a.py::test_x[0]", "tests/a.py::test_x[1]", "tests/a.py::test_y")
    ] == [
        True,
        False,
        False,
    ]
    assert is_long("tests/b.py::test_any", lines)
