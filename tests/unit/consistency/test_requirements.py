# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requirements match the imports of the plugins, and the tools are pinned."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import yaml
from packaging.requirements import Requirement

from tests.unit.consistency.support import ROOT, text_of, yaml_of

# Comes with Python or with ansible-core.
PRESENT = sys.stdlib_module_names | {"ansible", "ansible_collections", "cryptography", "jinja2", "packaging", "yaml"}


def requirements(path: str) -> list[Requirement]:
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text_of(path).splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def imported_by(source: str) -> set[str]:
    """Return the top-level packages that a source imports, at any place."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_requirements_match_the_imports_of_the_plugins() -> None:
    sources: list[Path] = sorted((ROOT / "plugins").rglob("*.py"))
    assert sources
    imported = set().union(*(imported_by(path.read_text(encoding="utf-8")) for path in sources))
    assert imported - PRESENT == {requirement.name for requirement in requirements("requirements.txt")}


def test_plugins_do_not_import_the_lab() -> None:
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        assert "tests" not in imported_by(path.read_text(encoding="utf-8")), path


def test_every_requirement_has_a_lower_bound() -> None:
    for requirement in requirements("requirements.txt"):
        assert [spec.operator for spec in requirement.specifier] == [">="], requirement


def test_tools_are_pinned() -> None:
    for requirement in requirements("tests/requirements-dev.txt"):
        assert [spec.operator for spec in requirement.specifier] == ["=="], requirement


def test_pins_are_within_the_bounds() -> None:
    pins = {pin.name: next(iter(pin.specifier)).version for pin in requirements("tests/requirements-dev.txt")}
    for requirement in requirements("requirements.txt"):
        assert requirement.specifier.contains(pins[requirement.name]), requirement


def test_execution_environments_find_the_requirements() -> None:
    named = yaml_of("meta/execution-environment.yml")["dependencies"]["python"]
    assert named == "requirements.txt"  # relative to the root of the collection
    ignored = yaml.safe_load(text_of("galaxy.yml"))["build_ignore"]
    assert not {"requirements.txt", "meta"} & set(ignored)


def test_imports_in_functions_are_found() -> None:
    assert imported_by("def f():\n    from a.b import c\n    import d.e\nfrom . import g") == {"a", "d"}
