# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module file that is only documentation describes the options of the action plugin with the same name.

ansible-test compares the two for real modules, but not for these.
"""

from __future__ import annotations

import ast
import importlib
from typing import Any

import pytest

from tests.unit.consistency.support import COLLECTION, ROOT, documentation, plugins_in

# Defaults of the keys of an option.
UNSAID = {"type": "str", "required": False, "default": None, "choices": None, "elements": None, "aliases": []}


def documentation_only() -> list[str]:
    """Return the modules that have an action plugin and no C(main)."""
    names = []
    for name in sorted(set(plugins_in("modules")) & set(plugins_in("action"))):
        tree = ast.parse((ROOT / "plugins" / "modules" / f"{name}.py").read_text(encoding="utf-8"))
        if not any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            names.append(name)
    return names


def normal(option: dict[str, Any]) -> dict[str, Any]:
    """Return an option of a specification or of a documentation in a comparable form."""
    shape = {key: option.get(key, unsaid) for key, unsaid in UNSAID.items()}
    shape["choices"] = sorted(map(str, shape["choices"])) if shape["choices"] else None
    shape["aliases"] = sorted(shape["aliases"] or [])
    inner = option.get("options") or option.get("suboptions") or {}
    shape["options"] = {name: normal(value) for name, value in inner.items()}
    return shape


def argument_spec(name: str) -> dict[str, Any]:
    action = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.action.{name}")
    return action.ARGUMENT_SPEC


def differences(documented: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    """Return the options that differ, each as in the documentation and as in the specification."""
    left = {name: normal(option) for name, option in documented.items()}
    right = {name: normal(option) for name, option in spec.items()}
    return {
        name: {"documentation": left.get(name), "specification": right.get(name)}
        for name in left.keys() | right.keys()
        if left.get(name) != right.get(name)
    }


def test_there_are_modules_that_are_only_documentation() -> None:
    assert {"esa_cloud_service", "esa_cloud_service_info"} <= set(documentation_only())


@pytest.mark.parametrize("name", documentation_only())
def test_documentation_and_specification_agree(name: str) -> None:
    documented = documentation()["module"][name]["doc"].get("options", {})
    assert differences(documented, argument_spec(name)) == {}


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"region": {"type": "int"}},
        {"region": {"choices": ["a"]}},
        {"region": {}, "more": {}},
        {"region": {"required": True}},
        {"region": {"options": {"inner": {}}}},
    ],
)
def test_a_difference_is_found(spec: dict[str, Any]) -> None:
    assert differences({"region": {"type": "str", "description": ["Words."]}}, spec)
