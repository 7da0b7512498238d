# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mark the tests of long.txt as long, so that `make test` can leave them out."""

from __future__ import annotations

from pathlib import Path

import pytest

LONG = Path(__file__).with_name("long.txt")


def lines_of_long() -> list[str]:
    lines = LONG.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def is_long(test: str, lines: list[str]) -> bool:
    """Return what the last line says that matches the id of a test."""
    found = False
    for line in lines:
        if test.startswith(line.removeprefix("!")):
            found = not line.startswith("!")
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    lines = lines_of_long()
    for item in items:
        if is_long(item.nodeid, lines):
            item.add_marker(pytest.mark.long)
