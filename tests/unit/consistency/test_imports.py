# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folders of plugins/ import each other in one direction and in one style."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.unit.consistency.support import COLLECTION, ROOT

PLUGINS = ROOT / "plugins"
PACKAGE = ("ansible_collections", *COLLECTION.split("."), "plugins")
LAYERS = (
    ("module_utils",),
    ("module_utils/_http", "module_utils/_asyncos", "module_utils/_mail"),
    ("module_utils/_asyncos/cli",),
    ("module_utils/_asyncos/ssh",),
    ("module_utils/_asyncos/cloud_service",),
    ("module_utils/_asyncos_api", "module_utils/_cloud"),
    ("module_utils/_cloud/sse",),
    ("module_utils/_cloud/ctr",),
    ("module_utils/_cloud/investigate",),
    ("module_utils/_profile",),
    ("module_utils/_modules",),
    ("module_utils/_fleet",),
    ("module_utils/_drift",),
    ("module_utils/_diagnose",),
    ("module_utils/_report",),
    ("module_utils/_report/render",),
    ("module_utils/_probe",),
    ("module_utils/_probe/render",),
    ("plugin_utils",),
    ("action", "connection", "doc_fragments", "inventory", "modules"),
)
"""A folder may import from itself and from the rows above it. The first row is the files next to the folders."""
LEVEL = {folder: level for level, row in enumerate(LAYERS) for folder in row}


@dataclass(frozen=True)
class Import:
    """One name that a file imports from this collection; folders and files are paths below plugins/."""

    file: str
    line: int
    relative: int
    target: str

    @property
    def folder(self) -> str:
        return str(Path(self.file).parent)

    @property
    def target_folder(self) -> str:
        return str(Path(self.target).parent)

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.target}"


def files() -> list[str]:
    return sorted(str(path.relative_to(PLUGINS)) for path in PLUGINS.rglob("*.py"))


def imports_of(file: str, source: str) -> Iterator[Import]:
    """Return the imports from this collection at any place of a file, in any form of the statement."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _import(file, node.lineno, 0, alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            module = node.module.split(".") if node.module else []
            here = [*PACKAGE, *Path(file).parts[:-1]]
            base = [*here[: len(here) - node.level + 1], *module] if node.level else module
            for alias in node.names:
                yield from _import(file, node.lineno, node.level, [*base, alias.name])


def _import(file: str, line: int, relative: int, name: list[str]) -> Iterator[Import]:
    if tuple(name[: len(PACKAGE)]) != PACKAGE:
        return
    parts = name[len(PACKAGE) :]
    while parts and not PLUGINS.joinpath(*parts).with_suffix(".py").is_file():
        parts = parts[:-1]
    target = str(Path(*parts).with_suffix(".py")) if parts else "/".join(name[len(PACKAGE) :])
    yield Import(file, line, relative, target)


def all_imports() -> list[Import]:
    return [one for file in files() for one in imports_of(file, (PLUGINS / file).read_text(encoding="utf-8"))]


def against_the_direction(one: Import) -> bool:
    return one.folder != one.target_folder and LEVEL[one.target_folder] >= LEVEL[one.folder]


def in_another_style(one: Import) -> bool:
    """Return whether the import has the wrong style: C(from .x import y) belongs inside a folder, absolute ones elsewhere."""
    return one.relative != (1 if one.folder == one.target_folder else 0)


def test_every_folder_has_a_place_in_the_order() -> None:
    assert {str(Path(file).parent) for file in files()} == set(LEVEL)


def test_folders_import_in_one_direction() -> None:
    found = all_imports()
    assert len(found) > 100, "too few imports are found, so this test would prove nothing"
    assert [str(one) for one in found if against_the_direction(one)] == []


def test_files_do_not_import_in_a_circle() -> None:
    """Rely on C(prepare), which raises CycleError with the files of a circle."""
    graph: dict[str, set[str]] = {}
    for one in all_imports():
        graph.setdefault(one.file, set()).add(one.target)
    TopologicalSorter(graph).prepare()


def test_imports_have_the_same_style() -> None:
    assert [str(one) for one in all_imports() if in_another_style(one)] == []


ABSOLUTE = f"from {'.'.join(PACKAGE)}.module_utils."


@pytest.mark.parametrize(
    ("file", "source", "direction", "style"),
    [
        ("module_utils/_fleet/plan.py", "from .model import Goal", False, False),
        ("module_utils/_fleet/plan.py", "from . import work", False, False),
        ("module_utils/_fleet/plan.py", f"{ABSOLUTE}_fleet.model import Goal", False, True),
        ("module_utils/_fleet/plan.py", f"{ABSOLUTE}_cloud.client import IrohClient", False, False),
        ("module_utils/_fleet/plan.py", f"{ABSOLUTE}_cloud import client", False, False),
        ("module_utils/_fleet/plan.py", "from .._cloud.client import IrohClient", False, True),
        ("module_utils/_cloud/client.py", f"{ABSOLUTE}_fleet.model import Goal", True, False),
        ("module_utils/_cloud/client.py", f"def f():\n    {ABSOLUTE}_fleet.model import Goal", True, False),
        ("module_utils/_http/answer.py", f"{ABSOLUTE}_asyncos.cli.menu import Menu", True, False),
        ("module_utils/_regions.py", "from ._fleet.model import Goal", True, True),
        ("module_utils/_fleet/plan.py", f"import {'.'.join(PACKAGE)}.action.fleet_plan", True, False),
    ],
)
def test_a_wrong_import_is_found(file: str, source: str, direction: bool, style: bool) -> None:
    (one,) = imports_of(file, source)
    assert (against_the_direction(one), in_another_style(one)) == (direction, style)
