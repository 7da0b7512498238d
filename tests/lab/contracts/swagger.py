# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's descriptions (Swagger 2.0), if they are available; they are not part of this project.

The folder is set with EMAILSEC_CTR_CONTRACTS; the default is ``../shared/contracts``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.lab.contracts.description import Answer, Body, Document, Operation, Parameter, Schema, pattern_of, pointer

VARIABLE = "EMAILSEC_CTR_CONTRACTS"
ROOT = Path(__file__).resolve().parents[3]
FAMILIES = {
    "/iroh/iroh-int/": "iroh-int.swagger.json",
    "/iroh/iroh-inspect/": "iroh-inspect.swagger.json",
    "/iroh/iroh-enrich/": "iroh-enrich.swagger.json",
}
"""The prefix of the paths that a file describes. The vendor describes neither oauth2 nor iroh-sse."""
METHODS = ("get", "post", "patch", "put", "delete")
IN_PARAMETERS = ("type", "enum", "items", "minimum", "maximum", "pattern")
JSON = "application/json"


def folder() -> Path:
    """Return the folder of the descriptions, which may not exist."""
    return Path(os.environ.get(VARIABLE) or ROOT.parent / "shared" / "contracts")


def why_missing() -> str | None:
    """Return one line with the reason if the vendor's descriptions are missing, or None."""
    missing = [name for name in FAMILIES.values() if not (folder() / name).is_file()]
    if not missing:
        return None
    return (
        f"the vendor's descriptions are not available ({', '.join(missing)} not in {folder()}; {VARIABLE} may name "
        "another folder): exchanges are checked only against the project's own description"
    )


def operations_of(path: Path) -> list[Operation]:
    """Return the operations of one of the vendor's files."""
    tree = as_json_schema(json.loads(path.read_text(encoding="utf-8")))
    for methods in tree["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                # The parameter itself has the keys of its schema, which OpenAPI 3 has in "schema".
                parameter.setdefault("schema", {key: parameter[key] for key in IN_PARAMETERS if key in parameter})
    document = Document(path.name, tree)
    return [
        _operation(document, template, method)
        for template, methods in document.tree["paths"].items()
        for method in METHODS
        if method in methods
    ]


def as_json_schema(tree: Any) -> Any:
    """Translate Swagger 2.0 into JSON Schema: x-nullable becomes the type null, and x-oneOf becomes anyOf."""
    if isinstance(tree, list):
        return [as_json_schema(part) for part in tree]
    if not isinstance(tree, dict):
        return tree
    made = {key: as_json_schema(part) for key, part in tree.items() if key not in ("x-nullable", "x-oneOf", "example")}
    if isinstance(tree.get("x-oneOf"), list):
        made["anyOf"] = as_json_schema(tree["x-oneOf"])
    return {"anyOf": [made, {"type": "null"}]} if tree.get("x-nullable") is True else made


def _operation(document: Document, template: str, method: str) -> Operation:
    place = pointer("paths", template, method)
    here = document.at(place)
    parameters = []
    body = None
    for index, parameter in enumerate(here.get("parameters", [])):
        at = f"{place}/parameters/{index}"
        required = bool(parameter.get("required"))
        if parameter["in"] == "body":
            body = Body(JSON, Schema(document, f"{at}/schema"), required)
        elif parameter["in"] in ("query", "path"):
            kind = parameter.get("type", "string")
            schema = Schema(document, f"{at}/schema")
            parameters.append(Parameter(parameter["name"], parameter["in"], required, kind, schema))
    answers = {
        int(status): Answer(body=Body(JSON, Schema(document, f"{place}/responses/{status}/schema")))
        for status, answer in here["responses"].items()
        if status.isdigit() and "schema" in answer
    }
    described = next((answer for status, answer in answers.items() if status < 300), None)
    if described is not None:
        # The vendor's documentation has 200 or 201 where the description has only 200.
        answers = {**dict.fromkeys((200, 201), described), **answers}
    return Operation(
        method=method.upper(),
        template=template,
        parameters=tuple(parameters),
        body=body,
        answers=answers,
        others=Answer(open=True),
        pattern=pattern_of(template),
    )
