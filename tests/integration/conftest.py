# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of the files, and the fixtures."""

from __future__ import annotations

import pytest

from tests.integration.support.fixtures import ansible, bare_ansible, lab, lab_of_file
from tests.lab.contracts import swagger

__all__ = ["ansible", "bare_ansible", "lab", "lab_of_file"]

LONGEST = ("fleet_life_cycle", "cloud_faults", "worlds", "rollout", "read_many", "regional_move", "prune", "clusters")
"""The files that take longest. They begin first, so that no worker has such a file left when the others have finished."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    first = [f"test_{name}" for name in LONGEST]
    items.sort(key=lambda item: first.index(item.path.stem) if item.path.stem in first else len(first))


def pytest_report_header() -> str:
    """Report whether exchanges are also checked against the vendor's descriptions."""
    return "contracts: " + (
        swagger.why_missing() or f"exchanges are also checked against the vendor's descriptions in {swagger.folder()}"
    )
