# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: one lab per file, reset before each test, and one folder per test for Ansible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import Lab, running_lab


@pytest.fixture(scope="module")
def lab_of_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Yield a lab that serves the FLEET of the test file: the path of a fleet file, or its content."""
    fleet: Path | dict[str, Any] = request.module.FLEET
    with running_lab(fleet, tmp_path_factory.mktemp("lab") / "lab") as lab:
        yield lab


@pytest.fixture
def lab(lab_of_file: Lab) -> Iterator[Lab]:
    """Yield the reset lab, and check after the test that no exchange broke a contract."""
    lab_of_file.reset()
    yield lab_of_file
    lab_of_file.reset()


@pytest.fixture
def ansible(lab: Lab, tmp_path: Path) -> Ansible:
    """Return Ansible with the lab's inventory."""
    return Ansible(tmp_path / "ansible", lab)


@pytest.fixture
def bare_ansible(tmp_path: Path) -> Ansible:
    """Return Ansible without an inventory."""
    return Ansible(tmp_path / "ansible")
