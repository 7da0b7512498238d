# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The description of an API as operations, each of which checks requests and answers.

A problem names a place and never contains a value, because values may be secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

MOST_REMEMBERED = 50_000
FORMATS = jsonschema.FormatChecker(formats=["uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def _date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


class Schema:
    """The JSON Schema at one place of a document."""

    def __init__(self, document: Document, pointer: str) -> None:
        self._pointer = pointer
        self._document = document
        self._validator = document.validator(pointer)
        self._good: set[str] = set()
        schema = document.at(pointer)
        # Polling repeats lists of thousands of records, so each record is checked once.
        plain_list = set(schema) <= {"type", "items", "description"} and schema.get("type") == "array"
        self._item = document.validator(f"{pointer}/items") if plain_list else None

    def problems(self, value: Any, place: str) -> list[str]:
        """Return the problems of this value at this place."""
        if self._item is None or not isinstance(value, list):
            return [_words(error, place) for error in self._validator.iter_errors(value)]
        found = []
        for index, item in enumerate(value):
            text = json.dumps(item, sort_keys=True)
            if text in self._good:
                continue
            errors = [_words(error, f"{place}[{index}]") for error in self._item.iter_errors(item)]
            found += errors
            if not errors:
                if len(self._good) >= MOST_REMEMBERED:
                    self._good.clear()
                self._good.add(text)
        return found


class Document:
    """A description as a tree that is addressed with JSON pointers, including its references."""

    def __init__(self, name: str, tree: Mapping[str, Any]) -> None:
        self.name = name
        self.tree = tree
        self._address = "urn:contract:" + re.sub(r"[^a-z0-9-]", "-", name.lower())
        resource = Resource(contents=tree, specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(self._address, resource)

    def at(self, pointer: str) -> Any:
        """Return the node at this pointer."""
        here: Any = self.tree
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            here = here[int(key)] if isinstance(here, list) else here[key]
        return here

    def validator(self, pointer: str) -> jsonschema.Draft202012Validator:
        """Return a validator for the schema at this pointer."""
        schema = {"$ref": f"{self._address}#{pointer.replace('%', '%25').replace('{', '%7B').replace('}', '%7D')}"}
        return jsonschema.Draft202012Validator(schema, registry=self._registry, format_checker=FORMATS)


@dataclass(frozen=True)
class Parameter:
    """A parameter of the query or the path, which is sent as text."""

    name: str
    place: str
    required: bool
    kind: str
    schema: Schema

    def problems(self, text: str) -> list[str]:
        """Return the problems of this text."""
        where = f"{self.place}.{self.name}"
        value: Any = text
        if self.kind == "integer":
            if not re.fullmatch(r"-?[0-9]{1,18}", text):
                return [f"{where}: must be a whole number"]
            value = int(text)
        elif self.kind == "boolean":
            if text not in ("true", "false"):
                return [f"{where}: must be true or false"]
            value = text == "true"
        elif self.kind == "array":
            value = [text]
        return self.schema.problems(value, where)


@dataclass(frozen=True)
class Body:
    """The body of a request or of an answer: its content type, and its schema if it has one."""

    content_type: str
    schema: Schema | None
    required: bool = True

    def problems(self, content_type: str, content: bytes) -> list[str]:
        """Return the problems of this body."""
        if not content:
            return ["body: is missing"] if self.required else []
        given = content_type.partition(";")[0].strip().lower()
        if given != self.content_type:
            return [f"body: must be {self.content_type}, not {given or 'of no type'}"]
        try:
            value = _form(content) if given.endswith("urlencoded") else json.loads(content)
        except ValueError:
            return [f"body: is not {self.content_type}"]
        return self.schema.problems(value, "body") if self.schema else []


@dataclass(frozen=True)
class Answer:
    """The answer with a status: no body, any body (``open``), or a described body."""

    body: Body | None = None
    open: bool = False
    headers: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """A method of a path. ``others`` is the answer for a status that is not listed; None: the status is not allowed."""

    method: str
    template: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    answers: Mapping[int, Answer]
    others: Answer | None
    pattern: re.Pattern[str]

    def problems_of_request(self, path: str, query: str, content_type: str, content: bytes) -> list[str]:
        """Return the problems of a request to this operation."""
        found: list[str] = []
        match = self.pattern.fullmatch(path)
        given = parse_qs(query, keep_blank_values=True)
        known = {parameter.name: parameter for parameter in self.parameters if parameter.place == "query"}
        found += [f"query.{name}: is not a parameter of this operation" for name in sorted(set(given) - set(known))]
        for name, parameter in known.items():
            if parameter.required and name not in given:
                found.append(f"query.{name}: is required")
            for text in given.get(name, []):
                found += parameter.problems(text)
        for parameter in self.parameters:
            if parameter.place == "path" and match:
                found += parameter.problems(match[parameter.name])
        if self.body is not None:
            found += self.body.problems(content_type, content)
        elif content:
            found.append("body: this operation takes none")
        return found

    def problems_of_answer(self, status: int, headers: Mapping[str, str], content: bytes) -> list[str]:
        """Return the problems of an answer of this operation."""
        answer = self.answers.get(status, self.others)
        if answer is None:
            return [f"status: {status} is not described"]
        found: list[str] = []
        for name, header in answer.headers.items():
            if name in headers:
                found += header.problems(headers[name])
            elif header.required:
                found.append(f"headers.{name}: is required")
        if answer.body is not None:
            found += answer.body.problems(headers.get("Content-Type", ""), content)
        elif content and not answer.open:
            found.append(f"body: an answer {status} has none")
        return found


def pattern_of(template: str) -> re.Pattern[str]:
    """Return the regular expression of a path like ``/device/{id}``, with a group for each part in braces."""
    parts = re.split(r"\{([A-Za-z_]+)\}", template)
    return re.compile(
        "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    )


def pointer(*parts: str) -> str:
    """Return the JSON pointer of these nested keys."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def find(operations: Iterable[Operation], method: str, path: str) -> Operation | None:
    """Return the operation of this method and path; a path without braces takes precedence."""
    found = [one for one in operations if one.method == method and one.pattern.fullmatch(path)]
    return min(found, key=lambda one: one.template.count("{"), default=None)


def _form(content: bytes) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(content.decode("ascii"), strict_parsing=True).items()}


def _words(error: jsonschema.ValidationError, place: str) -> str:
    """Return an error of the validator in words, without the value."""
    where = place + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    rule = error.validator_value
    if error.validator == "required":
        missing = sorted(set(rule) - set(error.instance))
        return f"{where}: {', '.join(missing)} missing"
    if error.validator == "additionalProperties":
        unknown = sorted(set(error.instance) - set(error.schema.get("properties", {})))
        return f"{where}: {', '.join(unknown)} not described"
    if error.validator == "type":
        return f"{where}: must be {rule}, not {_kind(error.instance)}"
    if error.validator in ("enum", "const", "format", "pattern", "minimum", "maximum", "minLength", "maxLength"):
        return f"{where}: must keep to {error.validator} {json.dumps(rule)}"
    return f"{where}: does not keep to {error.validator}"


def _kind(value: Any) -> str:
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return "null" if value is None else kinds.get(type(value), type(value).__name__)
