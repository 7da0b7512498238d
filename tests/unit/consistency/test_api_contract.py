# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of operations, the field names, the contracts of the tests and docs/api-contract.md agree."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import contract
from tests.lab.contracts import openapi, swagger
from tests.tools import api_contract
from tests.unit.consistency.support import plugins_in, yaml_of

CONTRACTS = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in openapi.FOLDER.glob("*.openapi.yaml")]


def described(one: contract.Operation) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the operation in the contracts of the tests, and its contract."""
    for tree in CONTRACTS:
        found = tree["paths"].get(one.path, {}).get(one.method.lower())
        if found:
            return found, tree
    raise AssertionError(f"no contract describes {one.method} {one.path}")


def resolved(node: Any, tree: dict[str, Any]) -> Any:
    """Return the node with every reference replaced by its target."""
    if isinstance(node, list):
        return [resolved(part, tree) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        place: Any = tree
        for part in node["$ref"].split("/")[1:]:
            place = place[part]
        return resolved(place, tree)
    return {key: resolved(part, tree) for key, part in node.items()}


def properties(node: Any) -> set[str]:
    """Return the names of the top-level properties of an object, of the records of a list, or of all parts."""
    if not isinstance(node, dict):
        return set()
    found = set(node.get("properties", {}))
    for part in [node.get("items"), *node.get("allOf", [])]:
        found |= properties(part)
    return found


def test_the_page_is_up_to_date_with_the_tables() -> None:
    assert api_contract.PAGE.read_text(encoding="utf-8") == api_contract.page(), "run make docs"


@pytest.mark.parametrize("one", contract.OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_the_contracts_of_the_tests_describe_every_sent_and_read_field(one: contract.Operation) -> None:
    operation, tree = described(one)
    operation = resolved(operation, tree)
    sent = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        sent |= properties(content["schema"])
    assert set(one.sends) <= sent
    answered: set[str] = set()
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            for content in answer.get("content", {}).values():
                answered |= properties(content["schema"])
    assert set(one.reads) <= answered


def test_the_field_names_of_iroh_sse_are_those_of_the_contract() -> None:
    schemas = yaml_of("tests/contracts/iroh-sse.openapi.yaml")["components"]["schemas"]
    in_contract = {name for title, schema in schemas.items() if title != "Error" for name in properties(schema)}
    in_table = {name for one in contract.OPERATIONS if "/iroh-sse/" in one.path for name in (*one.sends, *one.reads)}
    assert in_table - {"limit", "offset"} == in_contract


def test_the_table_names_only_existing_modules() -> None:
    named = {name for one in contract.OPERATIONS for name in one.used_by} - {"every cloud module"}
    assert named <= set(plugins_in("modules"))
    assert named == set(yaml_of("meta/runtime.yml")["action_groups"]["cloud"])


@pytest.mark.parametrize("one", contract.OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_an_operation_is_found_by_a_real_path(one: contract.Operation) -> None:
    path = re.sub(r"\{[a-z_]+\}", "0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11", one.path)
    assert contract.operation_of(one.method, path) is one
    assert contract.operation_of("PUT", path) is None


def test_the_detailed_scopes_match_the_vendors() -> None:
    missing = swagger.why_missing()
    if missing:
        pytest.skip(missing)
    for one in contract.OPERATIONS:
        if one.part:
            family = next(prefix for prefix in swagger.FAMILIES if one.path.startswith(prefix))
            text = json.loads((swagger.folder() / swagger.FAMILIES[family]).read_text(encoding="utf-8"))
            assert f"`{one.part}`" in text["paths"][one.path][one.method.lower()]["description"]
