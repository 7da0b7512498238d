# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The project's description of the API: the OpenAPI 3.1 files of tests/contracts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tests.lab.contracts.description import Answer, Body, Document, Operation, Parameter, Schema, pattern_of, pointer

FOLDER = Path(__file__).resolve().parents[2] / "contracts"
METHODS = ("get", "post", "patch", "put", "delete")


def own_operations() -> list[Operation]:
    """Return every operation that the project describes."""
    files = sorted(FOLDER.glob("*.openapi.yaml"))
    return [operation for path in files for operation in operations_of(path)]


def operations_of(path: Path) -> list[Operation]:
    """Return the operations of one file."""
    document = Document(path.name, yaml.safe_load(path.read_text(encoding="utf-8")))
    found = []
    for template, methods in document.tree["paths"].items():
        for method in METHODS:
            if method in methods:
                found.append(_operation(document, template, method))
    return found


def _operation(document: Document, template: str, method: str) -> Operation:
    place = pointer("paths", template, method)
    here = document.at(place)
    parameters = [*_parameters(document, pointer("paths", template)), *_parameters(document, place)]
    answers = {str(status): _answer(document, f"{place}/responses/{status}") for status in here["responses"]}
    return Operation(
        method=method.upper(),
        template=template,
        parameters=tuple(parameters),
        body=_body(document, f"{place}/requestBody") if "requestBody" in here else None,
        answers={int(status): answer for status, answer in answers.items() if re.fullmatch("[0-9]{3}", status)},
        others=answers.get("default"),
        pattern=pattern_of(template),
    )


def _parameters(document: Document, place: str) -> list[Parameter]:
    listed = document.at(place).get("parameters", [])
    return [_parameter(document, _followed(document, f"{place}/parameters/{index}")) for index in range(len(listed))]


def _parameter(document: Document, place: str, name: str | None = None) -> Parameter:
    here = document.at(place)
    return Parameter(
        name=name or here["name"],
        place="headers" if name else here["in"],
        required=bool(here.get("required")),
        kind=here["schema"].get("type", "string"),
        schema=Schema(document, f"{place}/schema"),
    )


def _body(document: Document, place: str) -> Body:
    here: dict[str, Any] = document.at(place)
    [content_type] = here["content"]
    schema = Schema(document, place + pointer("content", content_type, "schema"))
    return Body(content_type, schema, required=bool(here.get("required", True)))


def _answer(document: Document, place: str) -> Answer:
    place = _followed(document, place)
    here = document.at(place)
    headers = {
        name: _parameter(document, _followed(document, place + pointer("headers", name)), name)
        for name in here.get("headers", {})
    }
    return Answer(body=_body(document, place) if "content" in here else None, headers=headers)


def _followed(document: Document, place: str) -> str:
    """Return the place, or the place that it refers to."""
    here = document.at(place)
    return here["$ref"].removeprefix("#") if "$ref" in here else place
