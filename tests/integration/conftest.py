# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab per file (reset before each test) and a folder per test for Ansible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import Lab, running_lab
from tests.lab.contracts import swagger


def pytest_report_header() -> str:
    """One line on whether the vendor's descriptions take part."""
    return "contracts: " + (swagger.why_missing() or f"the vendor's descriptions in {swagger.folder()} take part")


@pytest.fixture(scope="module")
def lab_of_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The lab that serves the file's FLEET: the path of a fleet file, or its content."""
    fleet: Path | dict[str, Any] = request.module.FLEET
    with running_lab(fleet, tmp_path_factory.mktemp("lab") / "lab") as lab:
        yield lab


@pytest.fixture
def lab(lab_of_file: Lab) -> Iterator[Lab]:
    """The lab of the file as it was at first; after the test, no exchange may have broken a contract."""
    lab_of_file.reset()
    yield lab_of_file
    lab_of_file.reset()


@pytest.fixture
def ansible(lab: Lab, tmp_path: Path) -> Ansible:
    """Ansible with the lab's inventory."""
    return Ansible(tmp_path / "ansible", lab)


@pytest.fixture
def bare_ansible(tmp_path: Path) -> Ansible:
    """Ansible without an inventory."""
    return Ansible(tmp_path / "ansible")
