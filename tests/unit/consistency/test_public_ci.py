# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflows run existing make targets, on the releases of ansible-core that the metadata names."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.tools.compat import PYTHONS
from tests.unit.consistency.support import ROOT, text_of, yaml_of
from tests.unit.consistency.test_readme import targets

WORKFLOWS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / ".github/workflows").glob("*.yml"))
OF_TOOLS = "3.11"
"""Oldest Python of the tests. The playbooks run on older ones too (make compat)."""


def steps(workflow: str) -> list[dict[str, Any]]:
    return [step for job in yaml_of(workflow)["jobs"].values() for step in job["steps"]]


def pairs() -> list[dict[str, str]]:
    return list(yaml_of(".github/workflows/ci.yml")["jobs"]["compatibility"]["strategy"]["matrix"]["include"])


def minor(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_workflow_runs_make_targets_that_exist(workflow: str) -> None:
    commands = [step["run"] for step in steps(workflow) if "run" in step]
    named = {target for command in commands for target in re.findall(r"^make ([a-z-]+)", command, re.MULTILINE)}
    assert named and named <= targets()


def test_every_supported_release_of_ansible_core_is_tested() -> None:
    assert [pair["core"] for pair in pairs()] == list(PYTHONS)
    oldest = str(yaml_of("meta/runtime.yml")["requires_ansible"]).removeprefix(">=").removesuffix(".0")
    assert oldest == min(PYTHONS, key=minor)
    assert f"(ansible-core {oldest} or later)" in text_of("README.md")


@pytest.mark.parametrize("pair", pairs(), ids=str)
def test_a_release_is_tested_with_a_python_that_it_and_the_tools_support(pair: dict[str, str]) -> None:
    assert pair["python"] in PYTHONS[pair["core"]] and minor(pair["python"]) >= minor(OF_TOOLS)


def test_a_release_publishes_what_was_tested() -> None:
    commands = [step.get("run", "") for step in steps(".github/workflows/release.yml")]
    publish = next(number for number, command in enumerate(commands) if "collection publish" in command)
    assert {"make test", "make build"} <= set(commands[:publish])
