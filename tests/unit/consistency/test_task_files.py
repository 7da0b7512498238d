# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules for the task files of the role that no linter checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.consistency.support import ROOT, yaml_of

FILES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "roles/esa_ctr_integration/tasks").glob("*.yml"))


def tasks(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        yield entry
        for part in ("block", "rescue", "always"):
            yield from tasks(entry.get(part, []))


@pytest.mark.parametrize("file", FILES)
def test_files_are_included_by_their_literal_names(file: str) -> None:
    """ansible-core 2.17 evaluates the name of a file early if the file has static imports, and fails."""
    names = [
        task["ansible.builtin.include_tasks"]
        for task in tasks(yaml_of(file))
        if "ansible.builtin.include_tasks" in task
    ]
    assert [name for name in names if "{{" in name] == []
